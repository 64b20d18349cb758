import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain, placeInWords } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  grace: { default: '2h', kind: 'duration', describe: 'Time in which short-lived tokens of what was deleted may still run out.' },
} as const;

export default defineDetector({
  id: 'workload-gone-use',
  title: 'A token is used although the service account or workload it was made for is gone.',
  alertTitle: 'Token of a workload that is gone',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0003', technique: 'T1078' }],
  owaspNhi: ['NHI1', 'NHI9'],
  restsOn: 'workload',
  cases: ['C56 a token that outlived its workload', 'C56 a deleted service account that still acts'],
  grace: 'None: the deletion was read in a log, or the inventory says it (retired).',
  blindSpots: ['Workloads whose end no log tells and the inventory does not name: pods, instances and functions come and go.'],
  acceptance: 'Nothing is learned. An inventory that says otherwise ends it.',

  fates: fates.gone,

  needs: needs.successfulUse,

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    const goneMs = context.fateSinceMs('gone');
    if (goneMs === null || event.timeMs - goneMs <= values.grace) return null;
    const place = context.placeBefore(goneMs);
    const what = event.workloadId === null || event.workloadId === event.identityId ? '' : `, made for ${event.workloadId},`;
    return certain(event, {
      severity: place === 'other' ? 99 : 73,
      reason: `A token of ${nameOf(event)}${what} was accepted ${durationInWords(event.timeMs - goneMs)} after what it belongs to was taken out of service, `
        + `from ${placeOf(event)}, ${placeInWords[place]}.`,
      baseline: { goneAtMs: goneMs, graceMs: values.grace },
      observed: { sinceGoneMs: event.timeMs - goneMs, place },
    });
  },
});
