import { defineDetector, type ValuesOf } from '../src/model/detector.ts';
import type { TokenEvent, TokenKind } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { needs } from '../src/model/needs.ts';
import { certain } from './certain.ts';
import { durationInWords, nameOf } from './words.ts';

const parameters = {
  skew: { default: '1m', kind: 'duration', describe: 'How far the clocks of issuer and gateway may be apart.' },
  maxAge: { default: 'auto', kind: 'duration-or-auto', describe: 'Age beyond which a use is told, a week at least; auto: no policy.' },
  maxLifetime: { default: 'auto', kind: 'duration-or-auto', describe: 'Lifetime beyond which an issuance is told; auto: no policy.' },
} as const;
type Values = ValuesOf<typeof parameters>;

/** Tokens whose end is fixed when they are made; sessions, leases and keys may be prolonged without a word in this log. */
const fixedEnd: ReadonlySet<TokenKind> = new Set(['jwt', 'temporary_key', 'kubernetes', 'certificate']);
/** Younger tokens are no matter of age; also keeps nearly every event out. */
const leastAgeMs = 7 * 86_400_000;

export default defineDetector({
  id: 'expired-or-overage',
  title: 'A token is accepted after its end, used beyond the age that the policy allows, or issued to live longer than that.',
  alertTitle: 'Token beyond its lifetime',
  state: {},
  parameters,
  attack: [{ tactic: 'TA0005', technique: 'T1550.001' }],
  owaspNhi: ['NHI4', 'NHI7'],
  restsOn: 'lifecycle',
  cases: [
    'C51 an expired token that is accepted', 'C53 a token older than the policy allows', 'C54 a token issued for too long',
    'C55 a stale service account token',
  ],
  grace: 'None: the end is written in the token or in its issuance.',
  blindSpots: ['Tokens whose end no log tells.', 'Sessions, leases and keys, whose end may be moved: only their age is judged.'],
  acceptance: 'Nothing is learned; the alert ends when the token is used no more.',

  needs: needs.successfulUse,
  wants(event: TokenEvent): boolean {
    const { expiresAtMs, issuedAtMs, timeMs, issued, issuedExpiresAtMs, reason } = event;
    return expiresAtMs !== null && timeMs > expiresAtMs || issuedAtMs !== null && timeMs - issuedAtMs > leastAgeMs
      || issued !== null && issuedExpiresAtMs !== null || reason !== null;
  },

  observe(event: TokenEvent, _records: object, values: Values): Finding | null {
    return judgeExpired(event, values) ?? judgeStale(event) ?? judgeAge(event, values) ?? judgeIssuance(event, values);
  },
});

/** By the time at which it was asked for: a long answer may outlive the token. */
function judgeExpired(event: TokenEvent, { skew }: Values): Finding | null {
  const { expiresAtMs, timeMs } = event;
  if (expiresAtMs === null || timeMs - expiresAtMs <= skew || !fixedEnd.has(event.tokenKind)) return null;
  // Issuers often name only the session, which outlives each of its tokens.
  if (event.vantage === 'iam' && event.tokenKind === 'jwt') return null;
  return certain(event, {
    severity: 73,
    reason: `A token of ${nameOf(event)} was accepted by ${event.service ?? event.urlDomain ?? event.source} `
      + `${durationInWords(timeMs - expiresAtMs)} after it had expired.`,
    baseline: { expiresAtMs, skewMs: skew },
    observed: { sinceExpiryMs: timeMs - expiresAtMs },
  });
}

/** Kubernetes lets a bound token live on when it was not fetched anew, and marks it. */
function judgeStale(event: TokenEvent): Finding | null {
  if (event.tokenKind !== 'kubernetes' || event.reason?.startsWith('stale token') !== true) return null;
  return certain(event, { severity: 21, reason: `${nameOf(event)} uses a service account token past its lifetime: it was never fetched anew.` });
}

function judgeAge(event: TokenEvent, { maxAge }: Values): Finding | null {
  if (maxAge === null || event.issuedAtMs === null || event.timeMs - event.issuedAtMs <= Math.max(maxAge, leastAgeMs)) return null;
  const ageMs = event.timeMs - event.issuedAtMs;
  return certain(event, {
    severity: 21,
    reason: `${nameOf(event)} uses a token issued ${durationInWords(ageMs)} ago; the policy allows ${durationInWords(maxAge)}.`,
    baseline: { maxAgeMs: maxAge },
    observed: { tokenAgeMs: ageMs },
  });
}

function judgeIssuance(event: TokenEvent, { maxLifetime }: Values): Finding | null {
  if (maxLifetime === null || event.issued === null || event.issuedExpiresAtMs === null) return null;
  const lifetimeMs = event.issuedExpiresAtMs - event.timeMs;
  if (lifetimeMs <= maxLifetime) return null;
  return certain(event, {
    severity: 21,
    reason: `${nameOf(event)} got a token that lives for ${durationInWords(lifetimeMs)}; the policy allows ${durationInWords(maxLifetime)}.`,
    baseline: { maxLifetimeMs: maxLifetime },
    observed: { lifetimeMs },
  });
}
