import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, f64, i32, u16, u32s, u8, type RecordOf } from '../src/model/state.ts';
import { addBits, countBits, mergeBits } from '../src/stats/bloom.ts';
import { hashText } from '../src/stats/hash.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { cutOffs } from './calibration.ts';
import { acceptHabit, countNew, evidenceDays, graceDays, habitFields, openDay } from './habit.ts';
import { numberIn, ownerIn } from './object-ids.ts';
import { refusalOf } from './refusals.ts';
import { confidenceOf } from './use.ts';
import { countInWords, nameOf, placeOf, plural } from './words.ts';

/**
 * Whose objects it reached, on how many days, and how many of these were new today; how it walks through numbers: where the walk is, which way it
 * goes, what went elsewhere since the last step.
 */
const fields = {
  ...habitFields, customers: u32s(4), customerDays: u16(), lastCustomerDay: u16(), newToday: u8(),
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
/** Each customer sets so many bits; of more than these the number is an estimate. */
const probes = 2;
const few = 10;
const mostDays = 720;
/** Who has many customers gets several at once: new ones are told from so many on, and from such a share of those known. */
const fewestNew = 2;
const leastGrowth = 0.25;

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
    'One other customer; fewer than a quarter of those it works for; a few for one that gets new ones every few weeks; any for one that has a hundred.',
    'Ids that are no numbers, such as UUIDs, have no order to walk in.',
    'Paths that do not say whose object it is.', 'Jobs that walk through numbers anyway.',
  ],
  acceptance: 'A customer below the alert is known at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.use | needs.identity | needs.object,
  wants: (event) => event.objectId !== null && mayTell(event.objectId, event.route) && (event.outcome === 'success' || refusalOf(event) !== null),

  observe(event: TokenEvent, { actor }: RecordsOf<typeof state>, values: Values, context: Context): Finding | null {
    if (actor === null || event.objectId === null) return null;
    const day = openDay(actor, event.orderMs);
    const reached = observeCustomer(event, actor, event.objectId, day, values);
    return observeWalk(event, actor, event.objectId, day, values, context) ?? reached;
  },

  accept: {
    actor(record, shadow): void {
      acceptHabit(record, shadow);
      mergeBits(record.customers, shadow.customers);
      for (const name of ['customerDays', 'lastCustomerDay', 'walkDays', 'lastWalkDay', 'longest'] as const) {
        record[name] = Math.max(record[name], shadow[name]);
      }
    },
  },
});

/** A number, or a name of an owner: cheap, because every call of an interface of objects comes here. */
function mayTell(objectId: string, route: string | null): boolean {
  const last = objectId.charCodeAt(objectId.length - 1);
  return last >= 48 && last <= 57 && numberIn(objectId) >= 0 || ownerIn(objectId, route) !== null;
}

function observeCustomer(event: TokenEvent, actor: Record, objectId: string, day: number, values: Values): Finding | null {
  const customer = event.outcome === 'success' ? ownerIn(objectId, event.route) : null;
  if (customer === null) return null;
  if (day > actor.lastCustomerDay) openCustomerDay(actor, day);
  if (addBits(actor.customers, hashText(customer))) return null;
  // Whom the first day brings is for whom it works.
  if (actor.customerDays <= 1) return null;
  const before = actor.newDays - (actor.lastNewDay === day ? 1 : 0);
  actor.newToday = Math.min(255, actor.newToday + 1);
  countNew(actor, day);
  const bits = Math.min(mostNovelty, noveltyBits(before, actor.customerDays)) + eachDoublingBits * Math.log2(actor.newToday);
  if (actor.customerDays <= graceDays || bits < values.thresholdBits) return null;
  const known = Math.max(1, Math.round(countBits(actor.customers) / probes) - actor.newToday);
  if (actor.newToday < Math.max(fewestNew, known * leastGrowth)) return null;
  const what = `reached objects of ${plural(actor.newToday, 'customer')} today that it never worked for, last ${customer}`;
  return findingOf(event, actor, bits, what, `it worked for ${known > few ? 'about ' : ''}${plural(known, 'customer')}`, { newOwners: actor.newToday });
}

function openCustomerDay(actor: Record, day: number): void {
  actor.lastCustomerDay = day;
  actor.customerDays = Math.min(mostDays, actor.customerDays + 1);
  actor.newToday = 0;
}

function observeWalk(event: TokenEvent, actor: Record, objectId: string, day: number, values: Values, context: Context): Finding | null {
  const number = numberIn(objectId);
  if (number < 0) return null;
  step(actor, number);
  if (actor.steps < values.shortestWalk) return null;
  const walkDays = actor.walkDays - (actor.lastWalkDay === day ? 1 : 0);
  // What came near a walk is no walk: the beginning of a theft that was stopped, mostly.
  const longest = walkDays === 0 ? 0 : actor.longest;
  const excess = eachDoublingBits * Math.log2(actor.steps / Math.max(values.shortestWalk / 2, longest));
  const days = evidenceDays(actor.activeDays, context.identitySinceMs, event.orderMs);
  const bits = Math.min(mostNovelty, noveltyBits(walkDays, days)) + Math.max(0, Math.min(mostExcess, excess));
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
