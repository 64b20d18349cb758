import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16, u16s, type RecordOf } from '../src/model/state.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { hashText } from '../src/stats/hash.ts';
import { countSeen, daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { confidenceOf } from './use.ts';
import { nameOf, placeOf, plural } from './words.ts';

const known = { ...habitFields, paths: u16s(4), pathDays: u16s(4) };
/** `publicDays`: days with a use that came by no private path. */
const own = { ...known, publicDays: u16(), lastPublicDay: u16() };
const state = { identity: defineState(own), account: defineState(known) };

const parameters = {
  thresholdBits: {
    default: cutOffs['private-path-change'].bits, kind: 'number',
    describe: 'Bits of surprise from which a private path alerts that the identity never took, or never left.',
  },
} as const;

type Own = RecordOf<typeof own>;
type Records = RecordsOf<typeof state>;
type Values = ValuesOf<typeof parameters>;

/** A path that others of the account take is at least the operator's own. */
const knownToAccountBits = 3;
const highBits = 10;

export default defineDetector({
  id: 'private-path-change',
  title: 'An identity that comes by a private path (a VPC endpoint, a private link) comes by another one, or over the public internet.',
  alertTitle: 'Token used by another private path',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078.004' }, { tactic: 'TA0010', technique: 'T1537' }],
  owaspNhi: ['NHI2', 'NHI6'],
  restsOn: 'origin',
  cases: [
    'C30 a private endpoint that the identity never used', 'C32 credentials used inside another account, which shows as a foreign endpoint',
    'C29 a token of a private path used from the internet',
  ],
  grace: 'About sixteen active days by a private path.',
  blindSpots: ['Services whose logs do not name the endpoint.', 'Identities that come both ways.', 'Endpoints that are made anew every few days.'],
  acceptance: 'A path below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  /** Only where the log would tell. */
  needs: needs.successfulUse,
  wants: (event) => (event.privatePath !== null || event.dataset === 'aws.cloudtrail') && event.sourceIp !== null,

  observe(event: TokenEvent, { identity, account }: Records, values: Values): Finding | null {
    if (identity === null || event.privatePath === null && identity.activeDays === 0) return null;
    return event.privatePath === null ? observePublic(event, identity, values) : observePath(event, event.privatePath, identity, account, values);
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.paths, record.pathDays, shadow.paths, shadow.pathDays);
      record.publicDays = Math.max(record.publicDays, shadow.publicDays);
      record.lastPublicDay = Math.max(record.lastPublicDay, shadow.lastPublicDay);
    },
    account(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.paths, record.pathDays, shadow.paths, shadow.pathDays);
    },
  },
});

function observePath(event: TokenEvent, name: string, identity: Own, account: Records['account'], values: Values): Finding | null {
  const day = openDay(identity, event.orderMs);
  const path = fingerprint16(hashText(name)) || 1;
  const isFirst = countSeen(identity.pathDays) === 0;
  const isKnown = daySeen(identity.paths, identity.pathDays, path) !== 0;
  const isAccounts = account !== null && daySeen(account.paths, account.pathDays, path) !== 0;
  const finding = isKnown || isFirst || identity.activeDays <= graceDays ? null : judgePath(event, name, identity, isAccounts, values);
  noteSeen(identity.paths, identity.pathDays, path, day);
  if (!isKnown && !isFirst) countNew(identity, day);
  if (account !== null) {
    openDay(account, event.orderMs);
    if (noteSeen(account.paths, account.pathDays, path, day) === 0) countNew(account, day);
  }
  return finding;
}

function judgePath(event: TokenEvent, name: string, identity: Own, isAccounts: boolean, values: Values): Finding | null {
  const bits = surpriseOf(identity) - (isAccounts ? knownToAccountBits : 0);
  if (bits < values.thresholdBits) return null;
  const paths = countSeen(identity.pathDays);
  return {
    severity: bits >= highBits && !isAccounts ? 73 : 47,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, identity.activeDays / (identity.activeDays + 7)),
    reason: `${nameOf(event)} came by the private path ${name} from ${placeOf(event)}; on ${plural(identity.activeDays, 'day')} of use it took `
      + `${plural(paths, 'other path')}${isAccounts ? ', though others of the account know this one' : ', and nobody of the account ever took this one'}.`,
    baseline: { activeDays: identity.activeDays, knownPaths: paths, daysWithNewPath: identity.newDays },
    observed: { privatePath: name, knownToAccount: isAccounts ? 1 : 0 },
    deviates: 'network',
  };
}

function observePublic(event: TokenEvent, identity: Own, values: Values): Finding | null {
  if (event.networkClass === 'private') return null;
  const bits = noveltyBits(identity.publicDays, identity.activeDays);
  const isJudged = identity.publicDays === 0 && identity.activeDays > graceDays && bits >= values.thresholdBits;
  const day = Math.max(identity.lastDay, 1);
  if (identity.lastPublicDay !== day) {
    identity.lastPublicDay = day;
    identity.publicDays = Math.min(65_535, identity.publicDays + 1);
  }
  if (!isJudged) return null;
  return {
    severity: bits >= highBits ? 73 : 47,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, identity.activeDays / (identity.activeDays + 7)),
    reason: `${nameOf(event)} came over the public internet from ${placeOf(event)}; on `
      + `${plural(identity.activeDays, 'day')} of use it always came by a private path.`,
    baseline: { activeDays: identity.activeDays, knownPaths: countSeen(identity.pathDays), publicDays: 0 },
    observed: { privatePath: 'none' },
    deviates: 'network',
  };
}
