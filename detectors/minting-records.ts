import type { RecordsOf, ValuesOf } from '../src/model/detector.ts';
import { defineState, u16, u16s } from '../src/model/state.ts';
import { cutOffs } from './calibration.ts';
import { mintings } from './minting-actions.ts';

/** By kind of minting: on how many days it came, and when last; of a caller also those it minted for, and days with any. */
const kinds = mintings.length;
const actorFields = { days: u16s(kinds), lastDays: u16s(kinds), anyDays: u16(), lastAnyDay: u16(), targets: u16s(6), targetDays: u16s(6) };
const accountFields = { days: u16s(kinds), lastDays: u16s(kinds) };
/** What `suspicious-minting` keeps, by scope. */
export const state = { actor: defineState(actorFields), account: defineState(accountFields) };

/** What an operator may set. */
export const parameters = {
  thresholdBits: {
    default: cutOffs['suspicious-minting'].bits, kind: 'number',
    describe: 'Bits of surprise from which a new credential, trust or right alerts; for people three more.',
  },
} as const;

export type MintRecords = RecordsOf<typeof state>;
export type Minter = NonNullable<MintRecords['actor']>;
export type MintAccount = NonNullable<MintRecords['account']>;
export type MintValues = ValuesOf<typeof parameters>;
