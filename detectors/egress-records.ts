import type { RecordsOf, ValuesOf } from '../src/model/detector.ts';
import { defineState, f32, f32s, f64s, u16, u16s, u32, u32s, u8, u8s } from '../src/model/state.ts';
import { peaksLength } from '../src/stats/peak-runs.ts';
import { cutOffs } from './calibration.ts';
import { ownMeasures, sharedMeasures } from './egress-measures.ts';
import { calendarFields } from './egress-calendar.ts';
import { expectedFields } from './egress-expected.ts';
import { rateFields } from './egress-rate.ts';
import { rhythmFields } from './egress-rhythm.ts';
import { sizeFields } from './egress-sizes.ts';

/** The highest of each measure, by day. */
const book = (count: number) => ({
  peaks: u16s(peaksLength(count)), limits: f32s(count), highs: f32s(count), activeDays: u16s(3),
  day: u16(), blockDay: u16(), firstDay: u16(),
});
/** `sums` in the order of the measures: bytes and requests of the window, then of the day. */
const sums = { window: u32(), sums: f64s(sharedMeasures) };

/** What `egress-spike` keeps, by scope. */
export const state = {
  identity: defineState({
    ...book(ownMeasures), ...sums, windowStartSecond: u16(), newClientDays: u16(), lastNewClientDay: u16(),
    registers: u8s(32), registersUsed: u8(), registersWeight: f32(), dayObjects: f32(), drift: f32(),
    windowKeys: u16s(2), windowWeights: f32s(2), dayKeys: u16s(2), dayWeights: f32s(2),
    ...rateFields, ...rhythmFields, ...sizeFields, ...expectedFields, ...calendarFields, hourSums: f32s(2), hourAtSeconds: u32(),
  }),
  resource: defineState({ ...book(sharedMeasures), ...sums, windowKeys: u32s(4), windowWeights: f32s(4), dayKeys: u32s(4), dayWeights: f32s(4) }),
  'source+client': defineState({ ...book(sharedMeasures), ...sums }),
  workload: defineState(book(sharedMeasures)),
  account: defineState(book(sharedMeasures)),
};

/** What an operator may set. */
export const parameters = {
  minimumBytes: { default: '1MB', kind: 'bytes', describe: 'Sums below this never alert.' },
  minimumRequests: { default: 100, kind: 'number', describe: 'Requests or distinct objects below this never alert by themselves.' },
  thresholdBits: { default: cutOffs['egress-spike'].bits, kind: 'number', describe: 'Bits of surprise, once a day, from which a sum is beyond belief.' },
  minimumDays: { default: 3, kind: 'number', describe: 'Active days before a key is judged by its own history.' },
  coldStartBytes: {
    default: '100GB', kind: 'bytes', describe: 'Bytes a day from an identity without history, nor any in its workload or account, that alert.',
  },
} as const;

export type EgressRecords = RecordsOf<typeof state>;
export type EgressParameters = ValuesOf<typeof parameters>;
export type IdentityVolume = NonNullable<EgressRecords['identity']>;
export type ResourceVolume = NonNullable<EgressRecords['resource']>;
