import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16, u16s, u32, u8, type RecordOf } from '../src/model/state.ts';
import { combineHashes, hashText } from '../src/stats/hash.ts';
import { daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { cutOffs } from './calibration.ts';
import { countryCode, countryNumber, distanceKm } from './countries.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { hides, networkOf } from './network.ts';
import { confidenceOf, secondsOf } from './use.ts';
import { countInWords, durationInWords, nameOf, placeOf, plural } from './words.ts';

const fields = {
  ...habitFields, country: u8(), network: u32(), block: u16(), seconds: u32(), token: u16(),
  /** Pairs of countries between which it went too fast before. */
  pairs: u16s(3), pairDays: u16s(3),
};
const state = { identity: defineState(fields) };

const parameters = {
  kilometresPerHour: { default: 1000, kind: 'number', describe: 'Speed beyond which nobody travels.' },
  kilometres: { default: 1000, kind: 'number', describe: 'Least distance between the borders of two countries: nearer ones are confused too often.' },
  thresholdBits: { default: cutOffs['impossible-travel'].bits, kind: 'number', describe: 'Bits of surprise from which such a journey alerts.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

/** Networks of aircraft, ships and satellites: their addresses are registered far from whoever uses them. */
const satellites: ReadonlySet<number> = new Set([14_593, 27_277, 40_306, 7_155, 31_515, 64_294, 11_167, 22_351, 55_803, 60_725]);
/** A journey is a weak signal, however surprising: databases place addresses wrongly. */
const mostBits = 10;
const hourMs = 3_600_000;

const id = 'impossible-travel';

export default defineDetector({
  id,
  title: 'A person, or one token of a machine, is used in two countries so far apart that nobody gets from one to the other in the time between.',
  alertTitle: 'Impossible travel',
  state,
  parameters,
  attack: [{ tactic: 'TA0001', technique: 'T1078' }],
  owaspNhi: ['NHI2'],
  restsOn: 'origin',
  cases: ['C24 one token in two countries faster than anybody travels'],
  grace: 'Six active days with the default threshold.',
  blindSpots: [
    'Countries are told by a table that may be wrong or old: the signal is low by itself and counts in its incident.',
    'Journeys within a country, between neighbours, and those of less than a thousand kilometres.',
    'A machine that turns up where machines are rented: it may have been moved there within minutes (unfamiliar-ip tells of places never seen).',
    'Where the first use from there is told by another detector, as a place that was never seen is, it is not told twice.',
    'Networks that hide their users, gateways of many customers and satellites say nothing of a place.',
  ],
  acceptance: 'A pair of countries below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse | needs.country,
  wants(event: TokenEvent): boolean {
    const { networkClass, asNumber } = event;
    if (networkClass === 'private' || networkClass === 'provider' || hides(event)) return false;
    return asNumber === null || !satellites.has(asNumber);
  },

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: Values, context: Context): Finding | null {
    const country = countryNumber(event.country ?? '');
    if (identity === null || country === 0) return null;
    const day = openDay(identity, event.orderMs);
    let finding: Finding | null = null;
    if (identity.country !== 0 && identity.country !== country && isJourney(event, identity)) finding = judge(event, identity, country, day, values);
    // The place is told already, by who knows all of them: this would only say so again.
    if (finding !== null && beganNow(event, context)) finding = null;
    settle(event, identity, country);
    return finding;
  },

  accept: {
    identity(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.pairs, record.pairDays, shadow.pairs, shadow.pairDays);
    },
  },
});

/** An incident of the identity began with this very event. */
function beganNow({ orderMs }: TokenEvent, context: Context): boolean {
  const sinceMs = context.incidentSinceMs('any', id);
  return sinceMs !== null && sinceMs >= orderMs;
}

/**
 * The same block or network in another country is a correction of the table; several hosts of one machine identity have tokens of their own, and
 * where machines are rented one is set up within minutes, so nothing travels there.
 */
function isJourney(event: TokenEvent, { network, block, token }: Record): boolean {
  if (block === blockOf(event) || network === networkOf(event) >>> 0) return false;
  return event.identityKind === 'human' || event.networkClass !== 'hosting' && event.token !== null && token === tokenOf(event);
}

function judge(event: TokenEvent, identity: Record, country: number, day: number, values: Values): Finding | null {
  const apartMs = Math.max(0, event.orderMs - identity.seconds * 1000);
  const kilometres = distanceKm(identity.country, country);
  if (kilometres < values.kilometres || kilometres / (apartMs / hourMs) <= values.kilometresPerHour) return null;
  const pair = fingerprint16(combineHashes(Math.min(identity.country, country), Math.max(identity.country, country))) || 1;
  const isKnown = daySeen(identity.pairs, identity.pairDays, pair) !== 0;
  const bits = Math.min(mostBits, surpriseOf(identity));
  noteSeen(identity.pairs, identity.pairDays, pair, day);
  if (isKnown) return null;
  countNew(identity, day);
  if (bits < values.thresholdBits || identity.activeDays <= graceDays) return null;
  const from = countryCode(identity.country);
  return {
    severity: 21,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.5 * identity.activeDays / (identity.activeDays + 7)),
    reason: `${nameOf(event)} was used from ${placeOf(event)}, ${durationInWords(apartMs)} after a use in ${from}, at least ${countInWords(kilometres)} km `
      + `away; nothing like it on ${plural(identity.activeDays, 'day')} of use.`,
    baseline: { activeDays: identity.activeDays, daysWithJourney: identity.newDays - 1, fromCountry: from },
    observed: { apartMs, distanceKm: Math.round(kilometres), country: event.country ?? '' },
    deviates: 'network',
  };
}

function settle(event: TokenEvent, identity: Record, country: number): void {
  const seconds = secondsOf(event.orderMs);
  if (seconds < identity.seconds) return;
  identity.country = country;
  identity.network = networkOf(event) >>> 0;
  identity.block = blockOf(event);
  identity.seconds = seconds;
  identity.token = tokenOf(event);
}

function blockOf(event: TokenEvent): number {
  return fingerprint16(hashText(event.networkBlock ?? event.sourceIp ?? ''));
}

/** Two logs may show one use with two addresses: each is compared with itself. */
function tokenOf(event: TokenEvent): number {
  return event.token === null ? 0 : fingerprint16(combineHashes(hashText(event.token), hashText(event.source))) || 1;
}
