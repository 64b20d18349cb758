import type { KeyObject } from 'node:crypto';
import type { SectionOf } from '../../../config/respond-schema.ts';
import { durationMs } from '../../../config/units.ts';
import type { Intent, StepKind, Target } from '../../../model/intent.ts';
import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import type { Verdict } from '../../port.ts';
import { fixedHeaders, secretIn } from '../auth/authorizer.ts';
import { readRsaKey, signedJws } from '../auth/jws.ts';
import { httpVerdict } from '../http.ts';
import { providerOf, type Call, type Family, type ProviderSettings } from '../provider.ts';

interface SignalSettings extends ProviderSettings {
  readonly endpoint: string;
  /** Ours, as the receiver knows it. */
  readonly issuer: string;
  readonly audience: string;
  readonly key: KeyObject;
  readonly keyId: string;
  readonly subject: SectionOf<'shared_signals'>['subject'];
}

const family: Family<SectionOf<'shared_signals'>, SignalSettings> = {
  type: 'shared_signals',
  configure({ endpoint, issuer, audience, signing_key_file: keyFile, key_id: keyId, authorization_file: file, subject, exposure }) {
    return {
      endpoint, issuer, audience, key: readRsaKey(keyFile), keyId, subject, identities: {}, exposureMs: durationMs(exposure) as number,
      authorizer: fixedHeaders(file === undefined ? {} : { authorization: secretIn(file) }),
    };
  },
  urls: ({ endpoint }) => [endpoint],
};

type SubjectId = Readonly<Record<string, string>>;

/** RFC 9493, and `jwt_id` of the Shared Signals Framework; `null` where the token has no such name. */
function subjectOf({ tokenKind, issuer, handle, userId, identityId }: Target, format: SignalSettings['subject']): SubjectId | null {
  if (issuer === null) return null;
  if (format === 'jwt_id') return tokenKind === 'jwt' && handle !== null ? { format, iss: issuer, jti: handle } : null;
  return userId !== null && identityId === `${issuer}|${userId}` ? { format, iss: issuer, sub: userId } : null;
}

const events = 'https://schemas.openid.net/secevent/caep/event-type/';

/** A security event token (RFC 8417; Shared Signals Framework 1.0), pushed (RFC 8935). Its id is the intent's, over all attempts. */
function push(type: string, members: (target: Target) => SubjectId): Call<SignalSettings>['request'] {
  return ({ id, target, incidentId, decidedMs, reason }: Intent, settings: SignalSettings, { nowMs }): OutboundRequest => {
    const { endpoint, issuer, audience, key, keyId, subject } = settings;
    const event = {
      event_timestamp: Math.floor(decidedMs / 1000), initiating_entity: 'policy', ...members(target),
      reason_admin: { en: reason === '' ? 'Token abuse.' : reason },
    };
    const claims = {
      iss: issuer, jti: id, iat: Math.floor(nowMs / 1000), aud: audience, txn: incidentId, sub_id: subjectOf(target, subject),
      events: { [`${events}${type}`]: event },
    };
    const headers = { 'content-type': 'application/secevent+jwt', accept: 'application/json', 'user-agent': 'tokenward' };
    return { method: 'POST', url: endpoint, headers, body: signedJws({ typ: 'secevent+jwt', kid: keyId }, claims, key) };
  };
}

/** Error codes of RFC 8935, 2.4. The receiver's other words are not repeated. */
const errors = new Set(['invalid_request', 'invalid_key', 'invalid_issuer', 'invalid_audience', 'authentication_failed', 'access_denied']);

function received(answer: OutboundAnswer): Verdict {
  const verdict = httpVerdict(answer);
  const error = verdict.kind === 'failed' ? objectOf(answer)?.['err'] : null;
  return typeof error === 'string' && errors.has(error) ? { kind: 'failed', reason: error } : verdict;
}

const kinds: readonly StepKind[] = ['revoke', 'notify'];
const facts = {
  delay: 'As long as the receiver takes. It answers before it acts.', undo: null,
  rights: 'None of ours: the receiver knows our key, and where it asks for one, a header of its choice.',
} as const;
const shared = {
  kinds, classify: received, verify: null, undo: null,
  fits: (target: Target, _kind: StepKind, { subject }: SignalSettings) => (subjectOf(target, subject) === null ? 'no_public_id' : null),
} as const;

const sessionRevoked: Call<SignalSettings> = {
  ...shared,
  name: 'session_revoked',
  facts: { ...facts, effect: 'The receiver is told that the session is over. What it does is up to it: an event is a statement and no command.' },
  request: push('session-revoked', () => ({})),
};

const credentialChange: Call<SignalSettings> = {
  ...shared,
  name: 'credential_change',
  facts: { ...facts, effect: 'The receiver is told that the credential is revoked. What it does is up to it: an event is a statement and no command.' },
  request: push('credential-change', ({ tokenKind }) => ({
    credential_type: tokenKind === 'certificate' ? 'x509' : tokenKind.replaceAll('_', '-'), change_type: 'revoke',
  })),
};

export const sharedSignals = { session_revoked: providerOf(family, sessionRevoked), credential_change: providerOf(family, credentialChange) };
