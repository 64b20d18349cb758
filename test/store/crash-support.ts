import { defineState, f64, u32 } from '../../src/model/state.ts';

export const crashState = defineState({ count: u32(), twin: u32(), lastMs: f64() });
export const crashNames = Array.from({ length: 2000 }, (_, i) => `identity ${i}`);
