import type { ValuesOf } from '../src/model/detector.ts';
import { defineState, u16, u32, u32s, u8s, type RecordOf } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';
import { habitFields } from './habit.ts';

/** Operations ever used, what they did, and what began in the hour that is running. */
const actorFields = { ...habitFields, known: u32s(16), classes: u16(), hourClasses: u16(), hourNew: u16(), sinceSeconds: u32() };
/** How many identities began to use an operation, and on how many days one came that nobody had used. */
const accountFields = { ...habitFields, users: u8s(256) };
/** What `unfamiliar-action` keeps, by scope. */
export const state = { actor: defineState(actorFields), account: defineState(accountFields) };

/** What an operator may set. */
export const parameters = {
  thresholdBits: { default: cutOffs['unfamiliar-action'].bits, kind: 'number', describe: 'Bits of surprise from which operations never used before alert.' },
} as const;

export type ActorActions = RecordOf<typeof actorFields>;
export type AccountActions = RecordOf<typeof accountFields>;
export type ActionValues = ValuesOf<typeof parameters>;
