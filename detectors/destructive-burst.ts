import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16, u16s, u32, type RecordOf } from '../src/model/state.ts';
import { levelBits, levelOf, mergeLevels, noteLevel } from '../src/stats/level-days.ts';
import { classOf, isLastResort, type ActionClass } from './action-classes.ts';
import { cutOffs } from './calibration.ts';
import { evidenceDays, graceDays } from './habit.ts';
import { confidenceOf, dayOf, isHourOver, secondsOf } from './use.ts';
import { countInWords, durationInWords, nameOf, placeOf, plural } from './words.ts';

/** What was destroyed in an hour: on how many days that reached the edges, and the most that ever was. */
const levelFields = { levelDays: u16s(4), lastLevelDays: u16s(4), highest: u16(), activeDays: u16(), lastDay: u16() };
/** Of a caller also the hour that is running, and on how many days it changed anything else. */
const actorFields = { ...levelFields, sinceSeconds: u32(), count: u16(), lastResorts: u16(), changeDays: u16(), lastChangeDay: u16() };
const state = { actor: defineState(actorFields), account: defineState(levelFields) };
const edges = [10, 25, 60, 160];

const parameters = {
  thresholdBits: { default: cutOffs['destructive-burst'].bits, kind: 'number', describe: 'Bits of surprise from which a burst alerts.' },
  fewest: { default: 10, kind: 'number', describe: 'Deletions within an hour below which it is none.' },
} as const;

type Actor = RecordOf<typeof actorFields>;
type Levels = RecordOf<typeof levelFields>;
type Values = ValuesOf<typeof parameters>;

const id = 'destructive-burst';
/** What nobody can bring back, three times within the hour. */
const lastResortBits = 2;
const severalLastResorts = 3;
/** Who only ever read begins to delete. */
const readerBits = 1.5;
const humanBits = 2;
/** A large day scatters as much; and a first clearing up comes to everybody in the end. */
const leastFactor = 2;
const mostNovelty = 10;
/** What one hour makes known at most: so much of the first, and so many times the most with it. */
const [highestGrowth, firstHighest] = [3, 20];
const accountDays = 14;
const [mediumBits, highBits] = [12, 14];

export default defineDetector({
  id,
  title: 'An identity deletes within an hour far more than it ever did, or what all else would be brought back by.',
  alertTitle: 'Burst of deletions',
  state,
  parameters,
  attack: [{ tactic: 'TA0040', technique: 'T1485' }, { tactic: 'TA0040', technique: 'T1490' }],
  owaspNhi: ['NHI5'],
  restsOn: 'volume',
  cases: [
    'many objects, databases or machines deleted by one token', 'snapshots, backups and keys deleted before the rest',
    'a caller that begins to delete where it only read',
  ],
  grace: 'Sixteen days since the identity was first seen. Before that against what the others of its account ever did, once they did so on 14 days.',
  blindSpots: [
    'A few deletions that suffice: one database, one key (defence-tampering and unfamiliar-action know some).',
    'Identities that clear up as much every week; less than twice the most that ever was.',
    'Overwriting and encrypting in place.',
    'Single objects of a store whose log does not name them.',
  ],
  acceptance: 'A burst below the alert is known at once; one that alerted after 14 days in which nothing new joined it.',

  needs: needs.use | needs.identity,
  wants: (event) => (event.action !== null || event.method !== 'GET') && event.outcome !== 'failure' && !event.partial && isChange(classOf(event)),

  observe(event: TokenEvent, { actor, account }: RecordsOf<typeof state>, values: Values, context: Context): Finding | null {
    if (actor === null) return null;
    const day = Math.min(65_535, dayOf(event.orderMs));
    if (classOf(event) !== 'destroys') return noteChange(actor, day);
    count(event, actor, account);
    openDay(actor, day);
    if (account !== null) openDay(account, day);
    const level = levelOf(actor.count, edges);
    const finding = level === 0 || actor.count < values.fewest ? null : judge(event, actor, account, level, day, values, context);
    noteLevel(actor, level, day);
    if (account !== null) noteLevel(account, level, day);
    return finding;
  },

  accept: {
    actor(record, shadow): void {
      merge(record, shadow);
      for (const name of ['changeDays', 'lastChangeDay'] as const) record[name] = Math.max(record[name], shadow[name]);
    },
    account: merge,
  },
});

const idle: ReadonlySet<ActionClass | null> = new Set([null, 'reads', 'discovers', 'asks', 'secrets']);

function isChange(what: ActionClass | null): boolean {
  return !idle.has(what);
}

/** What changes things without destroying any: no finding, and a sign that deletions belong to its work. */
function noteChange(actor: Actor, day: number): null {
  if (day > actor.lastChangeDay) {
    actor.lastChangeDay = day;
    actor.changeDays = Math.min(65_535, actor.changeDays + 1);
  }
  return null;
}

/** Into an hour that begins with the first deletion. What the one before came to is known only when it is over. */
function count(event: TokenEvent, actor: Actor, account: Levels | null): void {
  const seconds = secondsOf(event.orderMs);
  if (isHourOver(actor.sinceSeconds, seconds)) {
    raiseHighest(actor, actor.count);
    if (account !== null) raiseHighest(account, actor.count);
    actor.sinceSeconds = seconds;
    actor.count = 0;
    actor.lastResorts = 0;
  }
  actor.count = Math.min(65_535, actor.count + 1);
  if (event.action !== null && isLastResort(event.action)) actor.lastResorts = Math.min(65_535, actor.lastResorts + 1);
}

/** One hour makes no more known than a few times the most before: it may be the beginning of a burst that was stopped. */
function raiseHighest(levels: Levels, count: number): void {
  levels.highest = Math.max(levels.highest, Math.min(count, highestGrowth * levels.highest + firstHighest));
}

function openDay(levels: Levels, day: number): void {
  if (day <= levels.lastDay) return;
  levels.lastDay = day;
  levels.activeDays = Math.min(65_535, levels.activeDays + 1);
}

function merge(record: Levels, shadow: Levels): void {
  mergeLevels(record, shadow);
  for (const name of ['highest', 'activeDays', 'lastDay'] as const) record[name] = Math.max(record[name], shadow[name]);
}

function judge(event: TokenEvent, actor: Actor, account: Levels | null, level: number, day: number, values: Values, context: Context): Finding | null {
  const own = evidenceDays(actor.activeDays, context.identitySinceMs, event.orderMs);
  const isSettled = own > graceDays;
  if (!isSettled && (account === null || account.activeDays < accountDays)) return null;
  const against = isSettled || account === null ? actor : account;
  const days = isSettled ? own : against.activeDays;
  if (actor.count < leastFactor * against.highest) return null;
  const excess = Math.log2(actor.count / Math.max(values.fewest, against.highest));
  let bits = Math.min(mostNovelty, levelBits(against, level, day, days)) + Math.max(0, excess);
  if (actor.lastResorts >= severalLastResorts) bits += lastResortBits;
  if (event.identityKind === 'human') bits -= humanBits;
  if (isSettled && isReader(actor, day)) bits += readerBits;
  return bits < values.thresholdBits ? null : findingOf(event, actor, against, { bits, days, isSettled }, context);
}

/** It changed nothing before today. */
function isReader({ changeDays, lastChangeDay }: Actor, day: number): boolean {
  return changeDays === (lastChangeDay === day ? 1 : 0);
}

interface Judged { readonly bits: number; readonly days: number; readonly isSettled: boolean }

function findingOf(event: TokenEvent, actor: Actor, against: Levels, { bits, days, isSettled }: Judged, context: Context): Finding {
  const within = durationInWords(Math.max(1_000, event.orderMs - actor.sinceSeconds * 1_000));
  const last = actor.lastResorts === 0 ? '' : `, ${countInWords(actor.lastResorts)} of them of what cannot be brought back`;
  const whose = isSettled ? 'it' : 'it is new, and nobody in its account';
  const most = against.highest;
  const isGrave = actor.lastResorts >= severalLastResorts;
  const inIncident = context.incidentSinceMs('any', id) !== null;
  return {
    severity: isGrave && inIncident && bits >= mediumBits ? 99 : bits >= highBits || isGrave ? 73 : bits >= mediumBits ? 47 : 21,
    surpriseBits: Math.round(bits * 10) / 10,
    confidence: confidenceOf(event, 0.8 * days / (days + 7)),
    reason: `${nameOf(event)} deleted ${plural(actor.count, 'thing')} within ${within}${last}, last with ${event.action ?? event.method ?? 'a call'}`
      + `${event.resourceId === null ? '' : ` on ${event.resourceId}`} from ${placeOf(event)}; on ${plural(days, 'day')} of history ${whose} `
      + `${most === 0 ? 'never deleted as much within an hour' : `hardly ever deleted more than ${countInWords(most)} within an hour`}.`,
    baseline: { historyDays: days, mostInHour: most },
    observed: { deletedInHour: actor.count, lastResorts: actor.lastResorts },
    deviates: 'token',
  };
}
