import type { ValuesOf } from '../src/model/detector.ts';
import { defineState, u16, u16s, u32, u32s, u8, u8s, type RecordOf } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';

/**
 * A reader of secrets: which it read, how many were new to it in the day that began with `windowSeconds`, at most in any such day, and on
 * how many days they were many; the same of regions; the networks it read from.
 */
const actorFields = {
  known: u32s(16), windowSeconds: u32(), fresh: u16(), freshPeak: u16(), sweeps: u16(),
  regions: u16s(6), regionDays: u16s(6), newRegions: u8(), manyRegions: u16(),
  networks: u16s(3), networkDays: u16s(3), newNetworks: u16(), activeDays: u16(), lastDay: u16(),
};
/** Of a network: the last two readers to whom it was new, by their clouds. */
const networkFields = { clouds: u16s(2), readers: u32s(2), seconds: u32s(2), settled: u8s(2) };
/** What `secret-sweep` keeps, by scope. */
export const state = { actor: defineState(actorFields), network: defineState(networkFields) };

/** What an operator may set. */
export const parameters = {
  minimumSecrets: { default: 15, kind: 'number', describe: 'Secrets new to their reader within a day, below which nothing alerts.' },
  minimumRegions: { default: 4, kind: 'number', describe: 'Regions new to the reader within a day, below which they do not alert.' },
  thresholdBits: { default: cutOffs['secret-sweep'].bits, kind: 'number', describe: 'Bits of surprise from which many new secrets, regions or clouds alert.' },
} as const;

export type SecretReader = RecordOf<typeof actorFields>;
export type SecretNetwork = RecordOf<typeof networkFields>;
export type SecretValues = ValuesOf<typeof parameters>;
