import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain, placeInWords } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  grace: { default: '1h', kind: 'duration', describe: 'Time in which what its owner left behind may still be cleared away.' },
} as const;

export default defineDetector({
  id: 'offboarded-owner',
  title: 'A token works on although its owner was deactivated, deleted or has left.',
  alertTitle: 'Token of somebody who left',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0003', technique: 'T1078' }],
  owaspNhi: ['NHI1'],
  restsOn: 'lifecycle',
  cases: ['C56 a token that outlived its owner', 'C56 a key that a former employee took along'],
  grace: 'None: the deactivation was read in a log, or the inventory says it (owner_left).',
  blindSpots: ['An owner whose deactivation no log tells, and who is not in the inventory.', 'Owners that another system knows under an id of its own.'],
  acceptance: 'Nothing is learned. Reactivation in the log, or an inventory that names a new owner, ends it.',

  fates: fates.offboarded,

  needs: needs.successfulUse,

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    const leftMs = context.fateSinceMs('offboarded');
    if (leftMs === null || event.timeMs - leftMs <= values.grace) return null;
    const place = context.placeBefore(leftMs);
    return certain(event, {
      severity: place === 'other' ? 99 : 73,
      reason: `${nameOf(event)} was put out of service ${durationInWords(event.timeMs - leftMs)} ago, and yet a token of it was accepted, `
        + `from ${placeOf(event)}, ${placeInWords[place]}.`,
      baseline: { offboardedAtMs: leftMs, graceMs: values.grace },
      observed: { sinceOffboardingMs: event.timeMs - leftMs, place },
    });
  },
});
