import type { Format } from '../format.ts';

export const leakFormats: readonly Format[] = [];
