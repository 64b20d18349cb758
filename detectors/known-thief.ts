import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain, isAccepted } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  grace: { default: '15m', kind: 'duration', describe: 'Time after the last event of the theft in which the repair may still be under way.' },
} as const;

export default defineDetector({
  id: 'known-thief',
  title: 'A use that was accepted has the features of a theft that people confirmed: its token and network, or its network.',
  alertTitle: 'A confirmed thief is back, or was never shut out',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0003', technique: 'T1078' }, { tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI1', 'NHI2'],
  restsOn: 'origin',
  neverHidden: true,
  cases: ['C84 a second theft from the network of the first', 'C84 a token that still works after its theft was confirmed'],
  grace: 'None: somebody has closed an alert of the same identity as a theft.',
  blindSpots: [
    'A thief at a place where the token was at home before: there only volume and manners tell him from its owner.',
    'A thief who comes back with another token and from another network: that is for the detectors of origin and volume.',
    'Of more than 64 thefts of one identity the oldest is forgotten.',
  ],
  acceptance: 'Nothing is learned: what people called a theft stays one.',

  fates: fates.thief,

  needs: needs.successfulUse,
  wants: isAccepted,

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    const seenMs = context.theftSeenMs;
    if (seenMs === null || event.timeMs - seenMs <= values.grace) return null;
    const age = seenMs === 0 ? '' : `, last seen ${durationInWords(event.timeMs - seenMs)} before`;
    return certain(event, {
      severity: 99, deviates: event.token === null ? 'network' : 'token',
      reason: `${nameOf(event)} was used again from ${placeOf(event)} as in a theft that was confirmed${age}: `
        + `token ${event.tokenHandle ?? event.token ?? 'of no name'} is still accepted there.`,
      baseline: { theftSeenMs: seenMs },
      observed: { sinceTheftMs: event.timeMs - seenMs },
    });
  },
});
