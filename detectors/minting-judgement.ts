import type { Context, Mint } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { certain } from './certain.ts';
import { evidenceDays } from './habit.ts';
import { isForSinglePurpose, mintings, type MintingId } from './minting-actions.ts';
import type { MintAccount, Minter, MintValues } from './minting-records.ts';
import { confidenceOf, dayMs, daysSince, incidentBefore } from './use.ts';
import { durationInWords, habitInWords, nameOf, openIncident, placeOf, plural } from './words.ts';

const id = 'suspicious-minting';
/** Minting of one kind makes another kind of the same caller less odd, by so much. */
const otherKindShare = 0.25;
/** People set things up now and then: so much more must come together. */
const peopleBits = 3;
/** What nobody of an account does adds so much at most. */
const mostAccountBits = 6;
/** Of a machine's key for itself: where nobody rotates so, it is as odd as one for another, and a weak sign. */
const mostForMachines = 1;
/** Where the log names no account, nobody knows how common it is there. */
const unknownBits = 2;
/** A key is used at once within so long; it is new for a day. */
const atOnceMs = 35 * 60_000;
const oldOwnerMs = 14 * dayMs;
const habitDays = 3;
/** Younger identities differ from nothing. */
const graceDays = 7;

/** What was minted: its place in `mintings`, on which day, and for whom. */
export interface Minting { readonly kind: number; readonly day: number; readonly isNewTarget: boolean; readonly target: string | null }

export function judgeMinting(
  event: TokenEvent, minting: Minting, actor: Minter, account: MintAccount | null, values: MintValues, context: Context,
): Finding | null {
  const { words, bits: kindBits, id: what } = mintings[minting.kind] as typeof mintings[number];
  if (isForSinglePurpose(event)) return singlePurpose(event, words, minting.target);
  if (what === 'act-as' && !minting.isNewTarget || what === 'personal-token' && !isMachines(event, what)) return null;
  const days = daysSince(context.identitySinceMs, event.orderMs);
  const before = daysBefore(actor, minting);
  const ownBits = noveltyBits(before, evidenceDays(actor.anyDays, context.identitySinceMs, event.orderMs));
  const isMachine = isMachines(event, what);
  const others = byOthers(event, minting, account, isMachine, context);
  const bits = ownBits + kindBits + others;
  const inIncident = before < habitDays && incidentBefore(event, context, id) !== null;
  if ((bits < values.thresholdBits || days < graceDays) && !inIncident) return null;
  return {
    severity: inIncident || isMachine && bits >= values.thresholdBits + 3 ? 73 : isMachine && bits - others < values.thresholdBits ? 21 : 47,
    surpriseBits: Math.round(Math.max(bits, inIncident ? values.thresholdBits : 0) * 10) / 10,
    confidence: confidenceOf(event, (isMachine ? 0.6 : 0.4) + 0.4 * days / (days + 14)),
    reason: `${nameOf(event)} ${words}${minting.target === null ? '' : ` (${minting.target})`} with ${event.action ?? 'a call'}, from ${placeOf(event)}; `
      + `${habitInWords(days, Math.round(before))}${inIncident ? openIncident : ''}.`,
    baseline: {
      historyDays: days, daysBefore: Math.round(before * 100) / 100, ...(account === null ? {} : { accountDaysBefore: account.days.get(minting.kind) }),
    },
    observed: { minted: what, ...(minting.target === null ? {} : { target: minting.target }) },
    deviates: 'token',
  };
}

/** Roles and accounts of machines do what they were built for; whoever cannot be told from a person is taken for one. */
function isMachines({ identityKind }: TokenEvent, what: MintingId): boolean {
  return identityKind === 'service' || identityKind === 'role' || identityKind === 'workload' || identityKind === 'client' || what === 'cluster-token';
}

/** On how many earlier days it did so, other kinds counting a quarter. */
function daysBefore(actor: Minter, { kind, day }: Minting): number {
  const same = actor.days.get(kind) - (actor.lastDays.get(kind) === day ? 1 : 0);
  const any = actor.anyDays - (actor.lastAnyDay === day ? 1 : 0);
  return same + otherKindShare * Math.max(0, any - same);
}

/** What the others of the account say: all of it of people; of machines only where they make keys for themselves, as many rotate theirs. */
function byOthers(event: TokenEvent, minting: Minting, account: MintAccount | null, isMachine: boolean, context: Context): number {
  if (!isMachine) return accountBits(event, minting, account, context) - peopleBits;
  return account === null || mintings[minting.kind]?.id !== 'for-self' ? 0 : Math.min(mostForMachines, accountBits(event, minting, account, context));
}

/** How rarely anybody of the account does so, beyond what nothing being known of it would be worth. */
function accountBits({ orderMs }: TokenEvent, { kind, day }: Minting, account: MintAccount | null, context: Context): number {
  if (account === null) return unknownBits;
  const days = Math.floor(context.coveredMs(Math.max(0, orderMs - 720 * dayMs)) / dayMs);
  const before = account.days.get(kind) - (account.lastDays.get(kind) === day ? 1 : 0);
  return Math.min(mostAccountBits, Math.max(0, noveltyBits(before, days) - noveltyBits(0, 0)));
}

function singlePurpose(event: TokenEvent, words: string, target: string | null): Finding {
  return certain(event, {
    severity: 73,
    reason: `${nameOf(event)} ${words} with ${event.action ?? 'a call'}, from ${placeOf(event)}: ${target ?? 'its user'} was made for one service's own `
      + 'keys, and has no use for it.',
    observed: { minted: 'single-purpose', target: target ?? '' },
  });
}

/** A key at work that was made within a day: by its own maker at once, or while something else is odd about its owner. */
export function judgeNewKey(event: TokenEvent, actor: Minter, values: MintValues, context: Context): Finding | null {
  const { mint } = context;
  if (mint === null) return null;
  const maker = mint.byName ?? mint.byIdentityId ?? 'somebody';
  const told = (bits: number, severity: 47 | 73, certainty: number, odd: string): Finding => ({
    severity, surpriseBits: Math.round(bits * 10) / 10, confidence: confidenceOf(event, certainty),
    reason: `A key of ${nameOf(event)} that ${maker} made ${durationInWords(Math.max(1000, mint.ageMs))} before is used from ${placeOf(event)}${odd}.`,
    baseline: { historyDays: daysSince(context.identitySinceMs, event.orderMs), daysWithNewKeys: actor.anyDays },
    observed: { keyAgeMs: mint.ageMs, madeBy: maker, fromTheMakersAddress: mint.isNearby ? 'yes' : 'no' },
    deviates: 'token',
  });
  if (isIncidentSince(event, mint, context)) return told(values.thresholdBits + 2, 73, 0.8, ', and an incident is open for its owner or its maker');
  if (!mint.isNearby || mint.ageMs > atOnceMs) return null;
  return mint.byIdentityId === event.identityId ? usedByItself(event, actor, values, context, told) : usedByMaker(event, mint, values, context, told);
}

type Told = (bits: number, severity: 47 | 73, certainty: number, odd: string) => Finding;

/** A machine that never made itself a key now has one, and uses it at once from where it was made. */
function usedByItself(event: TokenEvent, actor: Minter, values: MintValues, context: Context, told: Told): Finding | null {
  const day = Math.floor(event.orderMs / dayMs);
  const before = actor.anyDays - (day - actor.lastAnyDay <= 1 ? 1 : 0);
  const bits = noveltyBits(before, evidenceDays(actor.anyDays, context.identitySinceMs, event.orderMs)) + 2;
  if (!isMachines(event, 'for-self') || bits < values.thresholdBits) return null;
  const days = plural(daysSince(context.identitySinceMs, event.orderMs), 'day');
  return told(bits, 73, 0.7, `, at once and from the address where it was made; in ${days} it had made none for itself`);
}

/** An identity known for long gets a key from somebody who makes none otherwise, and that one is at work at once where it was made. */
function usedByMaker(event: TokenEvent, mint: Mint, values: MintValues, context: Context, told: Told): Finding | null {
  const { identitySinceMs } = context;
  const isOld = identitySinceMs !== null && event.orderMs - identitySinceMs >= oldOwnerMs;
  if (!isOld || mint.isHabit || context.placeBefore(event.orderMs) === 'own') return null;
  return told(values.thresholdBits + 2, 73, 0.8, ', at once and from the address where it was made, by somebody who makes none otherwise');
}

/** Something odd began after the key was made; or it was made by another one, in whose incident. */
function isIncidentSince(event: TokenEvent, mint: Mint, context: Context): boolean {
  const sinceMs = incidentBefore(event, context, id);
  return sinceMs !== null && (mint.byIdentityId !== event.identityId || sinceMs > event.orderMs - mint.ageMs);
}
