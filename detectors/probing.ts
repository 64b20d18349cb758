import { defineDetector, type Context, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { addBits, bitOf, clearBits, countBits, hasBits, mergeBits, setBit } from '../src/stats/bloom.ts';
import { combineHashes, hashText } from '../src/stats/hash.ts';
import { daysAtLevel, levelBits, levelOf, mergeLevels, noteLevel } from '../src/stats/level-days.ts';
import { branchOfCall, isTelling, keyOfAction } from './action-classes.ts';
import { isShown } from './certain.ts';
import { evidenceDays } from './habit.ts';
import { probingFinding, successFinding } from './probing-finding.ts';
import { parameters, state, type ProbedAccount, type Prober, type ProbingValues } from './probing-records.ts';
import { refusalOf, type Refusal } from './refusals.ts';
import { dayOf, isHourOver, isSuccessfulUse, secondsOf } from './use.ts';

/** What was refused, in kinds of calls; things of one kind, and kinds of one branch, count by their logarithm. */
const edges = [5, 9, 17, 33];
const thingsWeight = 1.5;
const mostOfThings = 8;
/** Routes of one branch count by their logarithm too: a release that moves or loses its branch is refused on all of them. */
const siblingsWeight = 1.5;
/** Breadth beyond the lowest edge, in bits for each doubling. */
const breadthBits = 1.5;
/** A program that is broken for the first time in years is refused as well. */
const mostNovelty = 9.5;
const daySeconds = 86_400;
/** An account in which that is usual speaks for who is new there. */
const usualDays = 3;
const youngDays = 14;

export default defineDetector({
  id: 'probing',
  title: 'A token is refused in many ways that are new to its identity, and then let in.',
  alertTitle: 'Token probes what it may do',
  state,
  parameters,
  attack: [{ tactic: 'TA0007', technique: 'T1580' }, { tactic: 'TA0007', technique: 'T1619' }, { tactic: 'TA0007', technique: 'T1069.003' }],
  owaspNhi: ['NHI2', 'NHI5'],
  restsOn: 'workload',
  judgesUnauthenticated: 'Refusals are what it looks for. Such as nobody vouches for count in the hour only and teach nothing.',
  cases: [
    'C68 scopes or operations asked for and refused', 'C71 refusals of many kinds by one token', 'C75 paths, stores or objects enumerated',
    'C76 refusals where there were none', 'C77 a success with what was refused before',
  ],
  grace: 'About twenty-four kinds of refused calls within an hour at once; from five on after a year.',
  blindSpots: [
    'A few refusals spread over hours.',
    'At gateways one route refused for very many objects: a bad release looks the same (object-reach sees walks by number).',
    'A few routes of one branch (`/v3/shop/...`), refused one after the other: a release that asks for a branch that is not there looks the same.',
    'Refusals of what the identity was allowed before: a lost permission looks the same.',
    'Objects that are not there: tried one after the other they are found by their numbers only (object-reach).',
    'Logs that write successes only.', 'Plain reading at a gateway that succeeds after it was refused.',
  ],
  acceptance: 'What was refused on one day is known on the next; what alerted after 14 days in which nothing new joined it.',

  needs: needs.identity,
  wants: (event) => (event.outcome === 'failure' ? refusalOf(event) !== null && isShown(event) : isTelling(event) && isSuccessfulUse(event)),

  observe(event: TokenEvent, { actor, account }: RecordsOf<typeof state>, values: ProbingValues, context: Context): Finding | null {
    if (actor === null) return null;
    const kind = keyOfAction(event);
    const refusal = refusalOf(event);
    if (refusal === null) return observeSuccess(event, actor, kind);
    return observeRefusal(event, actor, account, kind, refusal, values, context);
  },

  accept: {
    actor(record, shadow): void {
      mergeLevels(record, shadow);
      mergeBits(record.refused, shadow.refused);
      mergeBits(record.succeeded, shadow.succeeded);
      record.activeDays = Math.max(record.activeDays, shadow.activeDays);
    },
    account: mergeLevels,
  },
});

/** Let in with what was refused within the day of a finding, and never let in before. */
function observeSuccess(event: TokenEvent, actor: Prober, kind: number): Finding | null {
  if (addBits(actor.succeeded, kind) || actor.foundSeconds === 0) return null;
  const since = secondsOf(event.orderMs) - actor.foundSeconds;
  if (since < 0 || since > daySeconds || !bitOf(actor.kinds, kind)) return null;
  return successFinding(event, actor);
}

function observeRefusal(
  event: TokenEvent, actor: Prober, account: ProbedAccount | null, kind: number, refusal: Refusal, values: ProbingValues, context: Context,
): Finding | null {
  if (hasBits(actor.succeeded, kind)) return null;
  const seconds = secondsOf(event.orderMs);
  if (isHourOver(actor.sinceSeconds, seconds)) openHour(actor, seconds);
  actor.refusals = Math.min(65_535, actor.refusals + 1);
  const isVouched = event.authenticated !== false;
  countKind(event, actor, kind, refusal);
  const day = Math.min(65_535, dayOf(event.orderMs));
  const breadth = breadthOf(actor);
  const level = levelOf(breadth, edges);
  const days = evidenceDays(actor.activeDays, context.identitySinceMs, event.orderMs);
  const finding = level === 0 || isUsual(account, level, day, days) ? null : judge(event, actor, breadth, level, day, days, values);
  if (finding !== null) actor.foundSeconds = seconds;
  if (isVouched) learn(actor, account, kind, level, day);
  return finding;
}

function openHour(actor: Prober, seconds: number): void {
  actor.sinceSeconds = seconds;
  actor.refusals = 0;
  clearBits(actor.kinds);
  clearBits(actor.things);
}

/**
 * At a gateway a path that is not there is a kind of call, and how many objects of one were refused is nothing: a release that asks for what it
 * may not is refused for all of them. Of an operation a store that is not there counts as a thing.
 */
function countKind(event: TokenEvent, actor: Prober, kind: number, refusal: Refusal): void {
  const { action, objectId, resourceId, scopes } = event;
  const wasRefused = hasBits(actor.refused, kind) && !bitOf(actor.kinds, kind);
  if (wasRefused) return;
  if (refusal === 'denied' || action === null) setBit(actor.kinds, kind);
  setBit(actor.things, action === null ? branchOfCall(event) : combineHashes(kind, hashText(objectId ?? resourceId ?? scopes?.[0] ?? '')));
}

/** There are more things than kinds where operations were tried on many, and fewer branches than kinds where routes of one were. */
function breadthOf({ kinds, things }: Prober): number {
  const ofKinds = countBits(kinds);
  const more = countBits(things) - ofKinds;
  if (more >= 0) return ofKinds + Math.min(mostOfThings, thingsWeight * Math.log2(1 + more));
  return ofKinds + more + Math.min(-more, siblingsWeight * Math.log2(1 - more));
}

function isUsual(account: ProbedAccount | null, level: number, day: number, days: number): boolean {
  return account !== null && days < youngDays && daysAtLevel(account, level, day) >= usualDays;
}

function judge(event: TokenEvent, actor: Prober, breadth: number, level: number, day: number, days: number, { thresholdBits }: ProbingValues): Finding | null {
  const bits = Math.min(mostNovelty, levelBits(actor, level, day, days)) + breadthBits * Math.log2(breadth / (edges[0] ?? 1));
  return bits < thresholdBits ? null : probingFinding(event, actor, { bits, days, level, day });
}

function learn(actor: Prober, account: ProbedAccount | null, kind: number, level: number, day: number): void {
  if (day > actor.lastDay) {
    actor.lastDay = day;
    actor.activeDays = Math.min(65_535, actor.activeDays + 1);
  }
  addBits(actor.refused, kind);
  noteLevel(actor, level, day);
  if (account !== null) noteLevel(account, level, day);
}
