import type { SectionOf } from '../../config/respond-schema.ts';
import { durationMs } from '../../config/units.ts';
import type { Intent, StepKind, Target } from '../../model/intent.ts';
import type { OutboundAnswer, OutboundRequest } from '../../outbound/client.ts';
import { readSigningKeys, signedHeaders } from '../../outbound/signature.ts';
import type { Verdict } from '../port.ts';
import type { HttpProvider } from './declaration.ts';
import { httpVerdict, livenessOf } from './http.ts';

export interface WebhookActionSettings {
  readonly url: string;
  /** See `readSigningKeys`. */
  readonly keys: readonly Buffer[];
  readonly does: readonly StepKind[];
  /** Answers `{"active": true}` or `{"active": false}` to a signed question; `null`: nobody can be asked. */
  readonly statusUrl: string | null;
  /** How long the receiver may take until the token is refused everywhere. */
  readonly exposureMs: number;
}

/** `make`: of a rotation, a new credential; then `do` ends the old one. */
type Operation = 'make' | 'do' | 'undo';

/**
 * Asks whoever holds the token to act: a signed message (Standard Webhooks) that names exactly one token by public ids. Its id is the
 * intent's, over all attempts, so the receiver does it once.
 */
export const webhook: HttpProvider<SectionOf<'webhook'>, WebhookActionSettings> = {
  type: 'webhook',
  configure: ({ url, secret_file: secretFile, does, status_url: statusUrl, exposure }) => ({
    url, keys: readSigningKeys(secretFile), does, statusUrl: statusUrl ?? null, exposureMs: durationMs(exposure) as number,
  }),
  urls: ({ url, statusUrl }) => [url, ...statusUrl === null ? [] : [statusUrl]],
  needsToken: false,
  kinds: ({ does }) => does,
  facts: ({ exposureMs }) => ({
    effect: 'The receiver is asked to do the step; what happens is up to it.',
    delay: 'As long as the receiver takes.',
    undo: 'The receiver is asked to take it back.',
    rights: 'None of ours: a secret shared with the receiver signs each message.',
    exposureMs,
  }),
  fits: ({ handle, sha256 }, kind) => (kind === 'notify' || handle !== null || sha256 !== null ? null : 'no_public_id'),
  request: (intent, settings, { nowMs }) => stepMessage(intent, 'do', settings, nowMs),
  classify: received,
  verify: {
    isPossible: ({ statusUrl }) => statusUrl !== null,
    request: statusQuestion,
    classify: livenessOf,
  },
  undo: {
    request: (intent, settings, { nowMs }) => stepMessage(intent, 'undo', settings, nowMs),
    classify: received,
  },
};

export function stepMessage(intent: Intent, operation: Operation, settings: WebhookActionSettings, nowMs: number): OutboundRequest {
  const { id, kind, target, keepNetworks, keepWorkloads, incidentId, alertId, severity, rule, reason, decidedMs, handover } = intent;
  const data = {
    operation, step: kind, intent: id, incident: incidentId, alert: alertId, severity, rule, reason, token: publicIds(target),
    ...(kind === 'notify' ? { answers: answersOf(alertId) } : {}),
    ...(kind === 'pin' ? { keep: { networks: keepNetworks, workloads: keepWorkloads } } : {}),
    ...(typeof handover?.made === 'string' ? { replacement: handover.made } : {}),
  };
  const body = JSON.stringify({ type: `tokenward.token.${kind}`, timestamp: new Date(decidedMs).toISOString(), data });
  return post(settings.url, operation === 'do' ? id : `${id}-${operation}`, body, settings, nowMs);
}

/** What whoever is told may answer, and where: nothing in the message does it by itself. */
function answersOf(alertId: string): Readonly<Record<string, unknown>> {
  const command = `tokenward respond claim ${alertId} --reason TEXT`;
  return { it_was_me: { command, api: `POST /api/alerts/${encodeURIComponent(alertId)}/claim`, body: { text: '…' } } };
}

/** A question is no message that a receiver does once: each has an id of its own. */
function statusQuestion({ id, target }: Intent, settings: WebhookActionSettings, { nowMs }: { readonly nowMs: number }): OutboundRequest {
  const timestamp = new Date(nowMs).toISOString();
  const body = JSON.stringify({ type: 'tokenward.token.status', timestamp, data: { intent: id, token: publicIds(target) } });
  return post(settings.statusUrl!, `${id}-status-${nowMs}`, body, settings, nowMs);
}

function publicIds({ token, handle, tokenKind, issuer, userId, client, sha256, expiresAtMs }: Target): Readonly<Record<string, string>> {
  const ids = {
    fingerprint: token, kind: tokenKind, handle, issuer, subject: userId, client, sha256,
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
  };
  return Object.fromEntries(Object.entries(ids).filter((pair): pair is [string, string] => pair[1] !== null));
}

function post(url: string, messageId: string, body: string, { keys }: WebhookActionSettings, nowMs: number): OutboundRequest {
  const signature = signedHeaders(messageId, Math.floor(nowMs / 1000), body, keys);
  return { method: 'POST', url, headers: { 'content-type': 'application/json', 'user-agent': 'tokenward', ...signature }, body };
}

function received(answer: OutboundAnswer): Verdict {
  return httpVerdict(answer, { 409: { kind: 'retry', reason: 'http_409' }, 410: { kind: 'failed', reason: 'gone' } });
}
