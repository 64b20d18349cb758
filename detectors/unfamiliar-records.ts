import type { RecordsOf, ValuesOf } from '../src/model/detector.ts';
import { defineState, u16, u16s, u32, u8, u8s } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';

/** As `Places` in `places.ts`. */
const places = (blocks: number, networks: number, countries: number) => ({
  blocks: u16s(blocks), blockDays: u16s(blocks), networks: u16s(networks), networkDays: u16s(networks),
  countries: u16s(countries), countryDays: u16s(countries), classes: u8(),
  firstDay: u16(), lastDay: u16(), activeDays: u16(),
  newBlockDays: u16(), lastNewBlockDay: u16(), newNetworkDays: u16(), lastNewNetworkDay: u16(),
  uses: u32(), newBlocks: u16(),
});

/** What `unfamiliar-ip` keeps, by scope. */
export const state = {
  /** Fingerprint of the block where the token was first used; 0: not yet. */
  token: defineState({ home: u16() }),
  identity: defineState({
    ...places(16, 8, 4), firstSeconds: u32(),
    candidate: u16(), candidateSeconds: u32(), candidateBits: u8(),
    /** Seconds after the candidate at which another place was used last, up to 18 hours; 0: none was. */
    returnedAfter: u16(),
    /** The candidate is of a known network; uses in the hour that is running, and the most in one, counted since 1970 modulo 65,520. */
    isNear: u8(), hour: u16(), hourUses: u16(), candidateUses: u16(), mostHourUses: u16(),
    /** The most uses in one hour, by two hours of the day, up to 255; days of work since one came about hours of rest. */
    mostByHours: u8s(12), sameHoursDays: u8(),
  }),
  workload: defineState(places(16, 8, 4)),
  account: defineState(places(32, 16, 8)),
};

/** What an operator may set. */
export const parameters = {
  learn: {
    default: 'auto', kind: 'duration-or-auto',
    describe: 'Grace of a new identity. auto: three active days, or a day with fifty uses; judged by peers meanwhile. A duration: every new '
      + 'block after it alerts, except where new blocks are this identity\'s habit; 0: from the second address on. In its first day an '
      + 'identity may bring a new token from a new place.',
  },
  thresholdBits: { default: cutOffs['unfamiliar-ip'].bits, kind: 'number', describe: 'Bits of surprise from which a new place alerts.' },
} as const;

export type UnfamiliarRecords = RecordsOf<typeof state>;
export type UnfamiliarParameters = ValuesOf<typeof parameters>;
export type IdentityPlaces = NonNullable<UnfamiliarRecords['identity']>;
