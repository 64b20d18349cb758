import { defineDetector, type Context, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent } from '../src/model/event.ts';
import { fates } from '../src/model/fate.ts';
import type { Finding } from '../src/model/finding.ts';
import { certain, isAccepted, isShown, isTurnedAway, placeInWords } from './certain.ts';
import { durationInWords, nameOf, placeOf } from './words.ts';

const parameters = {
  validationCache: {
    default: '10m', kind: 'duration',
    describe: 'How long a source that declares nothing (sources: validation_cache) may go on accepting what was revoked.',
  },
} as const;

export default defineDetector({
  id: 'revoked-token-use',
  title: 'A revoked token is still accepted, or somebody goes on trying it.',
  alertTitle: 'Revoked token used',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0005', technique: 'T1550.001' }, { tactic: 'TA0003', technique: 'T1078' }],
  owaspNhi: ['NHI1', 'NHI4'],
  restsOn: 'lifecycle',
  sufficesAlone: true,
  cases: ['C50 a revoked token that is still accepted', 'C51 whoever took it goes on trying', 'C51 a workload that was left with a dead token'],
  judgesUnauthenticated: 'A revoked token that is turned away is what tells that its holder is still there.',
  neverHidden: true,
  grace: 'None: that a token was revoked is a fact.',
  blindSpots: ['A revocation of which no log tells.', 'A thief in a network that the token was used from before counts as its workload.'],
  acceptance: 'Nothing is learned; the alert ends when the token is used no more.',

  fates: fates.revoked,

  wants: isShown,

  observe(event: TokenEvent, _records: object, values: ValuesOf<typeof parameters>, context: Context): Finding | null {
    const revokedMs = context.fateSinceMs('revoked');
    const cacheMs = context.validationCacheMs ?? values.validationCache;
    // What was asked for before then may be answered later.
    if (revokedMs === null || event.timeMs - revokedMs <= cacheMs) return null;
    return isAccepted(event) ? judgeAccepted(event, revokedMs, cacheMs, context) : isTurnedAway(event) ? judgeRefused(event, revokedMs, context) : null;
  },
});

/** The gateway lets it in: whoever revoked it believes the opposite. */
function judgeAccepted(event: TokenEvent, revokedMs: number, cacheMs: number, context: Context): Finding {
  const place = context.placeBefore(revokedMs);
  const where = event.service ?? event.urlDomain ?? event.source;
  // Whoever checks a JWT by its signature alone accepts it to its end, by design, unless the operator says otherwise.
  const isByDesign = event.tokenKind === 'jwt' && context.validationCacheMs === null && event.expiresAtMs !== null;
  return certain(event, {
    severity: place === 'other' ? 99 : isByDesign ? 21 : 47,
    reason: `A token of ${nameOf(event)} was still accepted by ${where} ${durationInWords(event.timeMs - revokedMs)} after it was revoked, `
      + `from ${placeOf(event)}, ${placeInWords[place]}.`,
    baseline: { validationCacheMs: cacheMs, revokedAtMs: revokedMs },
    observed: { sinceRevocationMs: event.timeMs - revokedMs, place, accepted: 'yes' },
  });
}

/** Turned away. From elsewhere: the thief is still there. From its own place: the workload needs a new one. */
function judgeRefused(event: TokenEvent, revokedMs: number, context: Context): Finding | null {
  const place = context.placeBefore(revokedMs);
  const isPerson = event.identityKind === 'human' || event.tokenKind === 'session';
  // A browser that shows yesterday's session is nothing to tell.
  if (place === 'unknown' || place === 'own' && isPerson) return null;
  const since = durationInWords(event.timeMs - revokedMs);
  return certain(event, {
    severity: place === 'own' ? 21 : isPerson ? 47 : 73,
    reason: place === 'own'
      ? `${nameOf(event)} goes on presenting a token that was revoked ${since} ago: it has no new one.`
      : `A token of ${nameOf(event)} was tried from ${placeOf(event)} ${since} after it was revoked; `
        + 'it was never used from there before: whoever took it is still there.',
    baseline: { revokedAtMs: revokedMs },
    observed: { sinceRevocationMs: event.timeMs - revokedMs, place, accepted: 'no' },
  });
}
