import { defineDetector, type Context, type RecordsOf, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { defineState, u16, u32 } from '../src/model/state.ts';
import { hashText } from '../src/stats/hash.ts';
import { fingerprint16 } from '../src/stats/recent-set.ts';
import { certain } from './certain.ts';
import { secondsOf } from './use.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

/** Attempts from one network in the window that is running; another network begins it anew. */
const state = { identity: defineState({ sinceSeconds: u32(), network: u16(), attempts: u16() }) };

const parameters = {
  attempts: { default: 10, kind: 'number', describe: 'Attempts from one network within the window from which it is told.' },
  window: { default: '1h', kind: 'duration', describe: 'Length of the window.' },
} as const;

export default defineDetector({
  id: 'spoofed-id',
  title: 'Somebody shows the id of a known token or identity again and again without being able to prove it.',
  alertTitle: 'Identity claimed without proof',
  state,
  parameters,
  attack: [{ tactic: 'TA0006', technique: 'T1528' }],
  owaspNhi: ['NHI4'],
  restsOn: 'origin',
  cases: ['a victim named in requests that nobody verifies', 'a forged token that is tried until one works'],
  judgesUnauthenticated: 'It looks for nothing else. Its record counts attempts and is no baseline of anybody.',
  neverHidden: true,
  grace: 'The victim must be known from verified uses, and from where.',
  blindSpots: ['Single attempts, and such as come from ever new networks.', 'Attempts from a network that the victim uses as well.'],
  acceptance: 'It ends with the attempts. The victim\'s own records are untouched.',

  needs: needs.unauthenticated | needs.network | needs.identity,
  wants: (_event, context) => (context.fate & (fates.revoked | fates.leaked | fates.honeytoken)) === 0 && context.isKnown,

  observe(event: TokenEvent, { identity }: RecordsOf<typeof state>, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    if (identity === null) return null;
    const network = fingerprint16(hashText(event.networkBlock ?? '')) || 1;
    const seconds = secondsOf(event.orderMs);
    const isRunning = identity.network === network && Math.abs(seconds - identity.sinceSeconds) * 1000 <= values.window;
    if (!isRunning) {
      identity.network = network;
      identity.sinceSeconds = seconds;
      identity.attempts = 0;
    }
    identity.attempts = Math.min(65_535, identity.attempts + 1);
    if (identity.attempts < values.attempts || context.placeBefore(event.orderMs) !== 'other') return null;
    const wasLetIn = event.outcome === 'success';
    const since = durationInWords(Math.max(1000, event.orderMs - identity.sinceSeconds * 1000));
    return certain(event, {
      severity: wasLetIn ? 47 : 21,
      reason: `${nameOf(event)} was named ${identity.attempts} times within ${since} from ${placeOf(event)}, where it never was, without proof`
        + `${wasLetIn ? '; the route answers such calls' : ''}.`,
      baseline: { attemptsLimit: values.attempts, windowMs: values.window },
      observed: { attempts: identity.attempts, accepted: wasLetIn ? 'yes' : 'no' },
      deviates: 'network',
    });
  },
});
