import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16, u32, u32s, u8, type RecordOf } from '../src/model/state.ts';
import { addBits, mergeBits } from '../src/stats/bloom.ts';
import { hashText } from '../src/stats/hash.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { cutOffs } from './calibration.ts';
import { evidenceDays } from './habit.ts';
import { isSecretRead, isSecretWrite } from './secret-reads.ts';
import { openedBy, storeOf, type Opened } from './store-changes.ts';
import { confidenceOf, dayOf, daysSince, incidentBefore, secondsOf } from './use.ts';
import { durationInWords, habitInWords, nameOf, openIncident, placeOf } from './words.ts';

/**
 * Of one who changes who may read secrets: which stores it reads or writes anyway, its last changes (the store, or the product where all
 * of it may be open), and on how many days it read what it had opened.
 */
const fields = {
  known: u32s(8), stores: u32s(4), seconds: u32s(4), next: u8(), createdSeconds: u32(), days: u16(), lastDay: u16(),
};
// Meaning 2: a shorter filter of known stores.
const state = { actor: defineState(fields, 2) };

const parameters = {
  within: { default: '1d', kind: 'duration', describe: 'So long after the change a read counts as what it was made for.' },
  thresholdBits: {
    default: cutOffs['secret-store-escalation'].bits, kind: 'number',
    describe: 'Bits of surprise from which a read after a change of rights alerts.',
  },
} as const;

type Changer = RecordOf<typeof fields>;
type Values = ValuesOf<typeof parameters>;

const id = 'secret-store-escalation';
/** Whoever sets up a store gives rights to it within so long. */
const setUpSeconds = 3600;
/** To open a door and go through it oneself is odd at once; the rest is how rarely this one does so. */
const selfBits = 3;

export default defineDetector({
  id,
  title: 'Somebody changes who may read a store of secrets, and then reads one in it that it never read before.',
  alertTitle: 'Secret store opened and read',
  state,
  parameters,
  attack: [{ tactic: 'TA0004', technique: 'T1098' }, { tactic: 'TA0006', technique: 'T1555.006' }],
  owaspNhi: ['NHI5'],
  restsOn: 'workload',
  cases: ['who may read a store is changed by somebody who then reads it', 'rights that somebody gives himself, followed by a secret he never read'],
  grace: 'Four weeks after the identity was first seen; within an open incident at once.',
  blindSpots: [
    'One credential that opens and another that reads.',
    'Roles given over a subscription, project or account: their records do not tell which stores that opens.',
    'Stores that were read before: then the change was for something else.',
  ],
  acceptance: 'Stores that were read are known at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.action,
  wants: (event) => isSecretRead(event) || openedBy(event) !== null || isSecretWrite(event),

  observe(event: TokenEvent, { actor }: RecordsOf<typeof state>, values: Values, context: Context): Finding | null {
    const store = storeOf(event);
    if (actor === null) return null;
    const seconds = secondsOf(event.orderMs);
    const opened = openedBy(event);
    if (opened !== null) noteChange(event, actor, opened, store, seconds);
    else if (isSecretWrite(event)) noteWrite(actor, store, seconds);
    else if (store !== null && !addBits(actor.known, hashText(store))) return judge(event, actor, store, seconds, values, context);
    return null;
  },

  accept: {
    actor(record, shadow): void {
      mergeBits(record.known, shadow.known);
      record.days = Math.max(record.days, shadow.days);
      record.lastDay = Math.max(record.lastDay, shadow.lastDay);
    },
  },
});

/** The latest changes are kept, the oldest gives way. */
function noteChange(event: TokenEvent, actor: Changer, opened: Opened, store: string | null, seconds: number): void {
  if (opened === 'store' && seconds - actor.createdSeconds <= setUpSeconds) return;
  const what = opened === 'all' ? event.module : store;
  if (what === null) return;
  actor.stores.set(actor.next, hashText(what) || 1);
  actor.seconds.set(actor.next, seconds);
  actor.next = (actor.next + 1) % actor.stores.length;
}

/** Whoever writes a secret knows it. */
function noteWrite(actor: Changer, store: string | null, seconds: number): void {
  actor.createdSeconds = Math.max(actor.createdSeconds, seconds);
  if (store !== null) addBits(actor.known, hashText(store));
}

/** When this one last opened the store, in seconds; 0: not within the time. */
function openedSeconds(event: TokenEvent, actor: Changer, store: string, seconds: number, within: number): number {
  const [one, all] = [hashText(store) || 1, event.module === null ? 0 : hashText(event.module) || 1];
  let latest = 0;
  for (let at = 0; at < actor.stores.length; at += 1) {
    const [what, when] = [actor.stores.get(at), actor.seconds.get(at)];
    if (when !== 0 && (what === one || what === all) && seconds >= when && (seconds - when) * 1000 <= within) latest = Math.max(latest, when);
  }
  return latest;
}

function judge(event: TokenEvent, actor: Changer, store: string, seconds: number, values: Values, context: Context): Finding | null {
  const changed = openedSeconds(event, actor, store, seconds, values.within);
  if (changed === 0) return null;
  const day = Math.min(65_535, dayOf(event.orderMs));
  const before = actor.days - (actor.lastDay === day ? 1 : 0);
  if (day > actor.lastDay) {
    actor.days = Math.min(65_535, actor.days + 1);
    actor.lastDay = day;
  }
  const days = daysSince(context.identitySinceMs, event.orderMs);
  const inIncident = incidentBefore(event, context, id) !== null;
  const bits = noveltyBits(before, evidenceDays(0, context.identitySinceMs, event.orderMs)) + selfBits;
  if (bits < values.thresholdBits && !(inIncident && before === 0)) return null;
  const passedMs = (seconds - changed) * 1000;
  return {
    severity: inIncident || bits >= values.thresholdBits + 3 ? 73 : 47,
    surpriseBits: Math.round(Math.max(bits, values.thresholdBits) * 10) / 10,
    confidence: confidenceOf(event, 0.4 + 0.5 * days / (days + 14)),
    reason: `${nameOf(event)} changed who may read ${store.slice(store.indexOf(':') + 1)}, and ${durationInWords(Math.max(1000, passedMs))} later read it `
      + `for the first time, from ${placeOf(event)}; ${habitInWords(days, before)}${inIncident ? openIncident : ''}.`,
    baseline: { historyDays: days, daysBefore: before },
    observed: { sinceChangeMs: passedMs, store },
    deviates: 'token',
  };
}
