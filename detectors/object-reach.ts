import { defineDetector, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, f64, i32, u16, u16s, u8, type RecordOf } from '../src/model/state.ts';
import { hashText } from '../src/stats/hash.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { countSeen, daySeen, fingerprint16, mergeSeen, noteSeen } from '../src/stats/recent-set.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, graceDays, habitFields, openDay, surpriseOf } from './habit.ts';
import { numberIn, ownerIn } from './object-ids.ts';
import { refusalOf } from './refusals.ts';
import { confidenceOf } from './use.ts';
import { countInWords, nameOf, placeOf, plural } from './words.ts';

/**
 * Whose objects it reached, how many were known when the day began; how it walks through numbers: where the walk is, which way it goes, what
 * went elsewhere since the last step.
 */
const fields = {
  ...habitFields, owners: u16s(6), ownerDays: u16s(6), newToday: u8(), knownBefore: u8(),
  head: f64(), way: i32(), steps: u16(), strays: u8(), walkDays: u16(), lastWalkDay: u16(), longest: u16(),
};
const state = { actor: defineState(fields) };

const parameters = {
  thresholdBits: {
    default: cutOffs['object-reach'].bits, kind: 'number',
    describe: 'Bits of surprise from which another customer\'s objects, or a walk through numbers, alert.',
  },
  shortestWalk: { default: 40, kind: 'number', describe: 'Objects of rising or falling numbers in a row from which it is a walk.' },
} as const;

type Record = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

/** A year without a new customer makes the first one no proof. */
const mostNovelty = 9.5;
const eachDoublingBits = 2;
const [mediumBits, highBits] = [13, 15];
/** A walk may leave gaps; the owner's own calls come in between. */
const widestStep = 4;
const mostStrays = 4;
const mostExcess = 5;

export default defineDetector({
  id: 'object-reach',
  title: 'A token that works for one or few customers reaches objects of others, or walks through object numbers one after the other.',
  alertTitle: 'Objects reached that are not its own',
  state,
  parameters,
  attack: [{ tactic: 'TA0009', technique: 'T1213' }, { tactic: 'TA0009', technique: 'T1119' }],
  owaspNhi: ['NHI5', 'NHI8'],
  restsOn: 'workload',
  cases: ['objects of several other customers within a day', 'C75 object numbers enumerated', 'C15 every page or object of a list taken in turn'],
  grace: 'From the fourth active day; other customers from about three weeks.',
  blindSpots: [
    'One other customer, and identities that work for six or more.', 'Ids that are no numbers, such as UUIDs, have no order to walk in.',
    'Paths that do not say whose object it is.', 'Jobs that walk through numbers anyway.',
  ],
  acceptance: 'A customer below the alert is known at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.use | needs.identity | needs.object,
  wants: (event) => event.objectId !== null && mayTell(event.objectId, event.route) && (event.outcome === 'success' || refusalOf(event) !== null),

  observe(event: TokenEvent, { actor }: RecordsOf<typeof state>, values: Values): Finding | null {
    if (actor === null || event.objectId === null) return null;
    const before = actor.lastDay;
    const day = openDay(actor, event.orderMs);
    if (day > before) {
      actor.newToday = 0;
      actor.knownBefore = countSeen(actor.ownerDays);
    }
    const reached = observeOwner(event, actor, event.objectId, day, values);
    return observeWalk(event, actor, event.objectId, day, values) ?? reached;
  },

  accept: {
    actor(record, shadow): void {
      acceptHabit(record, shadow);
      mergeSeen(record.owners, record.ownerDays, shadow.owners, shadow.ownerDays);
      for (const name of ['walkDays', 'lastWalkDay', 'longest'] as const) record[name] = Math.max(record[name], shadow[name]);
    },
  },
});

/** A number, or a name of an owner: cheap, because every call of an interface of objects comes here. */
function mayTell(objectId: string, route: string | null): boolean {
  const last = objectId.charCodeAt(objectId.length - 1);
  return last >= 48 && last <= 57 && numberIn(objectId) >= 0 || ownerIn(objectId, route) !== null;
}

function observeOwner(event: TokenEvent, actor: Record, objectId: string, day: number, values: Values): Finding | null {
  const owner = event.outcome === 'success' ? ownerIn(objectId, event.route) : null;
  if (owner === null) return null;
  const print = fingerprint16(hashText(owner)) || 1;
  if (daySeen(actor.owners, actor.ownerDays, print) !== 0) {
    noteSeen(actor.owners, actor.ownerDays, print, day);
    return null;
  }
  const known = actor.knownBefore;
  // Who is known to work for as many as there is room for works for many, and the next one says nothing.
  if (known === actor.ownerDays.length) return null;
  actor.newToday = Math.min(255, actor.newToday + 1);
  const bits = Math.min(mostNovelty, surpriseBefore(actor, day)) + eachDoublingBits * Math.log2(actor.newToday);
  noteSeen(actor.owners, actor.ownerDays, print, day);
  if (known > 0) countNew(actor, day);
  if (actor.activeDays <= graceDays || known === 0 || actor.newToday < 2 || bits < values.thresholdBits) return null;
  const what = `reached objects of ${plural(actor.newToday, 'customer')} today that it never worked for, last ${owner}`;
  return findingOf(event, actor, bits, what, `it worked for ${plural(known, 'customer')}`, { newOwners: actor.newToday });
}

/** The day at hand is not yet part of the history. */
function surpriseBefore(actor: Record, day: number): number {
  return actor.lastNewDay === day ? noveltyBits(actor.newDays - 1, actor.activeDays) : surpriseOf(actor);
}

function observeWalk(event: TokenEvent, actor: Record, objectId: string, day: number, values: Values): Finding | null {
  const number = numberIn(objectId);
  if (number < 0) return null;
  step(actor, number);
  if (actor.steps < values.shortestWalk) return null;
  const walkDays = actor.walkDays - (actor.lastWalkDay === day ? 1 : 0);
  const excess = eachDoublingBits * Math.log2(actor.steps / Math.max(values.shortestWalk / 2, actor.longest));
  const bits = Math.min(mostNovelty, noveltyBits(walkDays, actor.activeDays)) + Math.max(0, Math.min(mostExcess, excess));
  if (actor.lastWalkDay !== day) actor.walkDays = Math.min(65_535, actor.walkDays + 1);
  actor.lastWalkDay = day;
  if (actor.activeDays <= graceDays || bits < values.thresholdBits) return null;
  const what = `walked through ${countInWords(actor.steps)} objects by their numbers, now at ${number} of ${event.route ?? 'its route'}`;
  const before = walkDays === 0 ? 'it never walked so' : `it walked so on ${plural(walkDays, 'day')}`;
  return findingOf(event, actor, bits, what, before, { steps: actor.steps });
}

/**
 * On to the next number near by, always the same way: back and forth among few objects is none. What is elsewhere is a stray, and after some
 * of them a walk begins anew there; how long the old one was is then known.
 */
function step(actor: Record, number: number): void {
  const distance = number - actor.head;
  if (actor.steps > 0 && distance === 0) return;
  if (actor.steps > 0 && Math.abs(distance) <= widestStep && (actor.steps === 1 || Math.sign(distance) === actor.way)) {
    actor.way = Math.sign(distance);
    actor.steps = Math.min(65_535, actor.steps + 1);
    actor.strays = 0;
    actor.head = number;
    return;
  }
  actor.strays = Math.min(255, actor.strays + 1);
  if (actor.steps > 1 && actor.strays <= mostStrays) return;
  actor.longest = Math.max(actor.longest, actor.steps);
  actor.head = number;
  actor.steps = 1;
  actor.strays = 0;
}

function findingOf(event: TokenEvent, actor: Record, bits: number, what: string, before: string, observed: Finding['observed']): Finding {
  return {
    severity: bits >= highBits ? 73 : bits >= mediumBits ? 47 : 21,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.7 * actor.activeDays / (actor.activeDays + 7)),
    reason: `${nameOf(event)} ${what}, from ${placeOf(event)}; on ${plural(actor.activeDays, 'day')} of use ${before}.`,
    baseline: { activeDays: actor.activeDays, daysWithNewOwner: actor.newDays, daysWithWalk: actor.walkDays },
    observed,
    deviates: 'token',
  };
}
