import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { certain, isAccepted, isShown, placeInWords } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  grace: { default: '1d', kind: 'duration', describe: 'Time after a rotation in which old and new token may both be in use.' },
  exchangeGrace: { default: '1m', kind: 'duration', describe: 'Time in which a refresh token may be sent again, because the answer was lost.' },
  silence: { default: '7d', kind: 'duration', describe: 'A key counts as replaced once a newer one is in use and it was silent for so long.' },
} as const;
type Values = ValuesOf<typeof parameters>;

const superseded = fates.rotated | fates.exchanged | fates.replaced;
/** What providers call a refresh token that came twice. */
const reuseVerdicts: ReadonlySet<string> = new Set([
  'app.oauth2.as.token.detect_reuse', 'app.oauth2.token.detect_reuse', 'ferrt',
]);

export default defineDetector({
  id: 'rotated-token-use',
  title: 'A token is used although another one took its place: a key after its rotation, a refresh token after its exchange.',
  alertTitle: 'Replaced token used again',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0005', technique: 'T1550.001' }, { tactic: 'TA0003', technique: 'T1078' }],
  owaspNhi: ['NHI1', 'NHI4', 'NHI7'],
  restsOn: 'lifecycle',
  cases: ['C49 an old key after its replacement is in use', 'C52 a refresh token that was exchanged before', 'C49 a rotation that was left half done'],
  judgesUnauthenticated: 'A provider that notices the reuse turns the token away, and that is the evidence.',
  grace: 'None: rotation and exchange are facts. A key is taken for replaced after a week of silence.',
  blindSpots: [
    'A new key is known as the old one\'s replacement only if its issuance was read and both belong to one identity.',
    'A refresh token that its issuer does not replace at each use.',
    'An old key that is used on from its own network after a long silence is left to the detector of dormant tokens.',
  ],
  acceptance: 'Nothing is learned; the alert ends when the old token is used no more.',

  wants: (event, context) => (context.fate & superseded) !== 0 && isShown(event) || event.action !== null && reuseVerdicts.has(event.action),

  observe(event: TokenEvent, _records: object, values: Values, context: Context): Finding | null {
    if (event.action !== null && reuseVerdicts.has(event.action)) return judgeVerdict(event);
    if ((context.fate & fates.exchanged) !== 0 && event.tokenKind === 'refresh') return judgeExchanged(event, values, context);
    if (!isAccepted(event)) return null;
    return ((context.fate & fates.rotated) === 0 ? null : judgeRotated(event, values, context))
      ?? ((context.fate & fates.replaced) === 0 ? null : judgeReplaced(event, values, context));
  },
});

function judgeVerdict(event: TokenEvent): Finding {
  return certain(event, {
    severity: 73,
    reason: `The issuer saw a refresh token of ${nameOf(event)} a second time, from ${placeOf(event)}: two hold it, and one of them is not its owner.`,
    observed: { verdict: event.action ?? 'reuse' },
  });
}

function judgeExchanged(event: TokenEvent, values: Values, context: Context): Finding | null {
  const sinceMs = context.fateSinceMs('exchanged');
  if (sinceMs === null || event.timeMs - sinceMs <= values.exchangeGrace) return null;
  const place = context.placeBefore(sinceMs + 1);
  return certain(event, {
    severity: place === 'other' ? 73 : place === 'own' ? 21 : 47,
    reason: `A refresh token of ${nameOf(event)} came again ${durationInWords(event.timeMs - sinceMs)} after it had been exchanged for a new one, `
      + `from ${placeOf(event)}, ${placeInWords[place]}.`,
    baseline: { exchangedAtMs: sinceMs, graceMs: values.exchangeGrace },
    observed: { sinceExchangeMs: event.timeMs - sinceMs, place },
  });
}

function judgeRotated(event: TokenEvent, values: Values, context: Context): Finding | null {
  const sinceMs = context.fateSinceMs('rotated');
  if (sinceMs === null || event.timeMs - sinceMs <= values.grace) return null;
  const place = context.placeBefore(sinceMs);
  return certain(event, {
    severity: place === 'other' ? 73 : place === 'own' ? 21 : 47,
    reason: `A token of ${nameOf(event)} was used ${durationInWords(event.timeMs - sinceMs)} after it had been rotated, `
      + `from ${placeOf(event)}, ${placeInWords[place]}.`,
    baseline: { rotatedAtMs: sinceMs, graceMs: values.grace },
    observed: { sinceRotationMs: event.timeMs - sinceMs, place },
  });
}

/** A newer key does the work, the old one had fallen silent, and now comes back from elsewhere. */
function judgeReplaced(event: TokenEvent, values: Values, context: Context): Finding | null {
  const [sinceMs, formerMs] = [context.fateSinceMs('replaced'), context.formerUseMs];
  if (sinceMs === null || formerMs === null) return null;
  const silentMs = event.timeMs - Math.max(sinceMs, formerMs);
  if (silentMs <= values.silence) return null;
  const place = context.placeBefore(formerMs + 1);
  if (place === 'own') return null;
  return certain(event, {
    severity: place === 'other' ? 73 : 47,
    reason: `An old key of ${nameOf(event)} was used again after ${durationInWords(event.timeMs - formerMs)}, from ${placeOf(event)}, ${placeInWords[place]}; `
      + `a newer key took its place ${durationInWords(event.timeMs - sinceMs)} ago.`,
    baseline: { replacedAtMs: sinceMs, lastUseMs: formerMs, limitMs: values.silence },
    observed: { silenceMs: event.timeMs - formerMs, place },
  });
}
