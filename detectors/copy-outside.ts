import { defineDetector, type Context, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u32s, type NumberArray } from '../src/model/state.ts';
import { hashText } from '../src/stats/hash.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { certain, isAccepted } from './certain.ts';
import { copiesBy, writesObject } from './copying-actions.ts';
import { countLivelihood, isLivelihood, livelihoodFields } from './habit.ts';
import { dayMs, dayOf } from './use.ts';
import { beforeInWords, nameOf, openIncident, placeOf } from './words.ts';

const state = {
  /** Days on which the identity made copies or links that can leave. 6 bytes, for few identities. */
  actor: defineState(livelihoodFields),
  /** Whom anybody of the account gave something to, as hashes. 64 bytes. */
  account: defineState({ targets: u32s(16) }),
};

/** What an identity younger than this writes into a foreign bucket is most likely what it is there for. */
const youngMs = 14 * dayMs;

const id = 'copy-outside';

export default defineDetector({
  id,
  title: 'A token opens data to an account never dealt with before or to everybody, writes it there, or makes a copy or link that can leave.',
  alertTitle: 'Data copied or opened to the outside',
  state,
  parameters: {},
  attack: [{ tactic: 'TA0010', technique: 'T1537' }, { tactic: 'TA0010', technique: 'T1567' }],
  owaspNhi: ['NHI5'],
  restsOn: 'workload',
  seesHops: true,
  cases: ['C12 export or copy to a foreign account or organization', 'C13 a link that works for whoever has it'],
  grace: 'None for what is opened to others. Objects written into a foreign bucket are learned for the first 14 days of an identity.',
  blindSpots: [
    'Policies that name an account in a document: whoever may change a bucket policy can open it.',
    'Exports into a bucket of the own account, from which they are then read: that is volume.',
    'Providers that do not log to whom something was opened are judged by who did so before.',
  ],
  acceptance: 'An account that nobody judged for 14 days is known to the whole account; so is the habit of whoever makes such copies.',

  needs: needs.use,
  wants: (event) => (event.targetAccount !== null || event.action !== null && copiesBy(event.action) !== undefined) && isAccepted(event),

  observe(event: TokenEvent, { actor, account }: RecordsOf<typeof state>, _values: object, context: Context): Finding | null {
    const { targetAccount } = event;
    if (targetAccount === null || targetAccount === '*') return judgeHabit(event, actor, context);
    if (context.isOwnTarget || account === null) return null;
    const target = hashText(targetAccount) || 1;
    if (holds(account.targets, target)) return null;
    if (event.outcome !== 'failure') remember(account.targets, target);
    const sinceMs = context.identitySinceMs;
    const isYoung = writesObject(event.action) && (sinceMs === null || event.orderMs - sinceMs < youngMs);
    return isYoung ? null : openedFinding(event, targetAccount, context);
  },

  accept: {
    account(record, shadow): void {
      for (let place = 0; place < shadow.targets.length; place += 1) {
        const target = shadow.targets.get(place);
        if (target !== 0 && !holds(record.targets, target)) remember(record.targets, target);
      }
    },
  },
});

type Actor = RecordsOf<typeof state>['actor'];

/** To whom is not told, or it is everybody: who never did so is odd. */
function judgeHabit(event: TokenEvent, actor: Actor, context: Context): Finding | null {
  const isPublic = event.targetAccount === '*';
  const what = isPublic ? 'opened it to everybody' : copiesBy(event.action ?? '') ?? '';
  const day = Math.min(65_535, dayOf(event.orderMs));
  const inIncident = context.incidentSinceMs('any', id) !== null;
  const days = actor?.days ?? 0;
  const isHabit = actor !== null && isLivelihood(actor, day);
  if (actor !== null) countLivelihood(actor, day);
  if (isHabit && !inIncident) return null;
  const worked = event.outcome !== 'failure';
  return certain(event, {
    severity: !worked ? 21 : inIncident ? 99 : isPublic ? 73 : 21,
    reason: `${nameOf(event)} ${worked ? '' : 'would in vain have '}${what}: ${event.action ?? 'a call'} on ${event.resourceId ?? 'a resource'}, `
      + `from ${placeOf(event)}; ${beforeInWords(days)}${inIncident ? openIncident : ''}.`,
    baseline: { daysBefore: days }, observed: { action: event.action ?? 'unknown', succeeded: worked ? 'yes' : 'no' },
  });
}

function openedFinding(event: TokenEvent, target: string, context: Context): Finding {
  const inIncident = context.incidentSinceMs('any', id) !== null;
  const worked = event.outcome !== 'failure';
  const did = writesObject(event.action) ? 'wrote an object into a bucket of' : 'opened data to';
  return certain(event, {
    severity: !worked ? 47 : inIncident ? 99 : 73,
    reason: `${nameOf(event)} ${worked ? '' : 'would in vain have '}${did} account ${target} by ${event.action ?? 'a call'}`
      + `${event.resourceId === null ? '' : ` on ${event.resourceId}`}, from ${placeOf(event)}; nobody of account `
      + `${event.cloudAccount ?? event.organization ?? 'unknown'} had dealings with it before, and it is none whose logs are read`
      + `${inIncident ? '; an incident is open' : ''}.`,
    observed: { targetAccount: target, succeeded: worked ? 'yes' : 'no' },
  });
}

function holds(targets: Numbers, target: number): boolean {
  for (let place = 0; place < targets.length; place += 1) if (targets.get(place) === target) return true;
  return false;
}

/** The newest stands first; the oldest drops out. */
function remember(targets: NumberArray, target: number): void {
  for (let place = targets.length - 1; place > 0; place -= 1) targets.set(place, targets.get(place - 1));
  targets.set(0, target);
}
