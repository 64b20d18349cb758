import { defineDetector, type RecordsOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { keepLarger } from '../src/stats/numbers.ts';
import { mergeSeen } from '../src/stats/recent-set.ts';
import { openDay } from './habit.ts';
import { observeCloud, observePlace } from './workload-place.ts';
import { parameters, state, type WorkloadValues } from './workload-records.ts';
import { observePhase, observeTarget } from './workload-reach.ts';
import { observeSharing } from './workload-sharing.ts';

export default defineDetector({
  id: 'wrong-workload',
  title: 'A token works outside the workload it was given to: off its cloud, instance or pod, under another workload, or at what only intruders do with it.',
  alertTitle: 'Token used by another workload than its own',
  state,
  parameters,
  attack: [{ tactic: 'TA0006', technique: 'T1552.005' }, { tactic: 'TA0005', technique: 'T1550.001' }, { tactic: 'TA0008', technique: 'T1550.001' }],
  owaspNhi: ['NHI2', 'NHI6', 'NHI9'],
  restsOn: 'workload',
  cases: [
    'C31 credentials of an instance or function used outside its cloud', 'C33 a short-lived token of a pipeline used in another network than its job',
    'C34 a pod\'s account that acts from outside the cloud', 'C35 a workload that goes through several phases of an intrusion within a day',
    'C37 a runtime\'s role that begins to do what it never did', 'C38 a token bound to one pod used from another address',
    'C39 one key used by two workloads', 'C42 a token shown by a workload with another certificate than before',
    'C43 a pod or instance that begins to read secrets',
    'C44 a role or person impersonated that this identity never took on',
  ],
  grace: 'What the cloud vouches for is judged at once; the rest from the fourth active day, weak signs later.',
  blindSpots: [
    'Instance credentials used from another account of the same cloud, but for their private endpoint (private-path-change).',
    'Workloads that no log names, and names that a caller chose himself.',
    'Pods behind one address; identities whose tokens wander anyway.',
    'One new phase alone, in the first half year of use: two within a day are told.',
  ],
  acceptance: 'What is below the alert is known at once; what alerted after 14 days in which nothing new joined it.',

  needs: needs.successfulUse,

  observe(event: TokenEvent, { token, identity }: RecordsOf<typeof state>, values: WorkloadValues): Finding | null {
    if (identity === null) return null;
    const day = openDay(identity, event.orderMs);
    // Each learns, whatever another found.
    let worst = observeCloud(event, identity, day, values);
    worst = worseOf(worst, observePlace(event, token, identity, day, values));
    worst = worseOf(worst, observeSharing(event, token, identity, day, values));
    worst = worseOf(worst, observePhase(event, identity, day, values));
    return worseOf(worst, observeTarget(event, identity, day, values));
  },

  accept: {
    token(record, shadow): void {
      for (const name of ['home', 'home6', 'workload'] as const) if (record[name] === 0) record[name] = shadow[name];
    },
    identity(record, shadow): void {
      record.activeDays = Math.max(record.activeDays, shadow.activeDays);
      record.lastDay = Math.max(record.lastDay, shadow.lastDay);
      record.phases |= shadow.phases;
      mergeSeen(record.outside, record.outsideDays, shadow.outside, shadow.outsideDays);
      mergeSeen(record.workloads, record.workloadDays, shadow.workloads, shadow.workloadDays);
      mergeSeen(record.targets, record.targetDays, shadow.targets, shadow.targetDays);
      keepLarger(record.newDays, shadow.newDays);
      keepLarger(record.lastNewDays, shadow.lastNewDays);
    },
  },
});

function worseOf(one: Finding | null, other: Finding | null): Finding | null {
  if (one === null || other === null) return one ?? other;
  return other.severity > one.severity ? other : one;
}
