import { defineDetector, type Context, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState } from '../src/model/state.ts';
import { certain, isAccepted } from './certain.ts';
import { countLivelihood, isLivelihood, livelihoodFields } from './habit.ts';
import { struckBy, type Struck } from './tampering-actions.ts';
import { dayOf } from './use.ts';
import { beforeInWords, nameOf, openIncident, placeOf } from './words.ts';

/** Days on which the account's automation did such things, few as they are: 6 bytes. */
const state = { identity: defineState(livelihoodFields) };

const id = 'defence-tampering';

export default defineDetector({
  id,
  title: 'A token turns off or deletes logs, alarms or guardrails.',
  alertTitle: 'Defences turned off',
  state,
  parameters: {},
  attack: [{ tactic: 'TA0005', technique: 'T1562' }, { tactic: 'TA0005', technique: 'T1562.008' }],
  owaspNhi: ['NHI5'],
  restsOn: 'workload',
  seesHops: true,
  cases: ['C85 a token that stops a trail or deletes a sink', 'C85 a token that takes alarms or guardrails away'],
  grace: 'None for the first time. Who does it on three days over two weeks does it for a living, and is told only while an incident is open.',
  blindSpots: [
    'Changes that weaken without deleting: a narrower selector, a longer interval, an exclusion by filter.',
    'Operations of which the provider writes no record, or under a name that is not listed.',
  ],
  acceptance: 'What nobody judged for 14 days counts as one of the days of a habit.',

  needs: needs.use | needs.action,
  wants: (event) => event.action !== null && event.vantage !== 'gateway' && struckBy(event.action) !== undefined && isAccepted(event),

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, _values: object, context: Context): Finding | null {
    const what = struckBy(event.action ?? '');
    if (what === undefined) return null;
    const day = Math.min(65_535, dayOf(event.orderMs));
    const inIncident = context.incidentSinceMs('any', id) !== null;
    const isHabit = identity !== null && isLivelihood(identity, day);
    const finding = isHabit && !inIncident ? null : findingOf(event, what, inIncident, identity?.days ?? 0);
    if (identity !== null) countLivelihood(identity, day);
    return finding;
  },
});

function findingOf(event: TokenEvent, what: Struck, inIncident: boolean, days: number): Finding {
  const worked = event.outcome !== 'failure';
  return certain(event, {
    severity: severityOf(what, worked, inIncident),
    reason: `${nameOf(event)} ${worked ? 'struck' : 'tried to strike, in vain,'} at ${what} with ${event.action ?? 'a call'}`
      + `${event.resourceId === null ? '' : ` on ${event.resourceId}`}, from ${placeOf(event)}; ${beforeInWords(days)}`
      + `${inIncident ? openIncident : ''}.`,
    baseline: { daysBefore: days },
    observed: { struck: what, succeeded: worked ? 'yes' : 'no' },
  });
}

function severityOf(what: Struck, worked: boolean, inIncident: boolean): Finding['severity'] {
  if (what === 'a part of the monitoring') return inIncident && worked ? 73 : 21;
  return !worked ? 47 : inIncident ? 99 : 73;
}
