import type { ValuesOf } from '../src/model/detector.ts';
import { defineState, u16, u16s, u8, type RecordOf } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';

/** What an identity does: for each kind of news on how many days it came, and when last. */
const identityFields = {
  activeDays: u16(), lastDay: u16(), newDays: u16s(4), lastNewDays: u16s(4),
  outside: u16s(3), outsideDays: u16s(3), workloads: u16s(4), workloadDays: u16s(4), targets: u16s(6), targetDays: u16s(6),
  phases: u8(), phasesToday: u8(), phaseDay: u16(),
};
/** Where a token was first used, for each address family, and by which workload; 0: not yet. */
const tokenFields = { home: u16(), home6: u16(), workload: u16() };
/** What `wrong-workload` keeps, by scope. */
export const state = { token: defineState(tokenFields), identity: defineState(identityFields) };

/** What an operator may set. */
export const parameters = {
  thresholdBits: { default: cutOffs['wrong-workload'].bits, kind: 'number', describe: 'Bits of surprise from which another workload, place or reach alerts.' },
} as const;

export type WorkloadRecord = RecordOf<typeof identityFields>;
export type TokenHome = RecordOf<typeof tokenFields>;
export type WorkloadValues = ValuesOf<typeof parameters>;
