import type { ValuesOf } from '../src/model/detector.ts';
import { defineState, u16, u16s, u32, u32s, type RecordOf } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';

const levelFields = { levelDays: u16s(4), lastLevelDays: u16s(4) };
/** The hour that is running: kinds of calls refused, and things of operations with branches of routes; for ever: kinds refused and kinds that succeeded. */
const actorFields = {
  ...levelFields, sinceSeconds: u32(), foundSeconds: u32(), refusals: u16(), activeDays: u16(), lastDay: u16(),
  kinds: u32s(4), things: u32s(2), refused: u32s(4), succeeded: u32s(8),
};
/** What `probing` keeps, by scope. */
export const state = { actor: defineState(actorFields), account: defineState(levelFields) };

/** What an operator may set. */
export const parameters = {
  thresholdBits: { default: cutOffs.probing.bits, kind: 'number', describe: 'Bits of surprise from which refusals alert.' },
} as const;

export type Prober = RecordOf<typeof actorFields>;
export type ProbedAccount = RecordOf<typeof levelFields>;
export type ProbingValues = ValuesOf<typeof parameters>;
