import type { OutboundAnswer } from '../../outbound/client.ts';
import type { Liveness, Verdict } from '../port.ts';

const retriedStatuses = new Set([408, 425, 429]);

/**
 * What an answer means for a call that may be repeated: 2xx did it, what the other side cannot do now is tried again, all else failed.
 * `known` says otherwise for single statuses. A redirect failed: its target was never checked.
 */
export function httpVerdict(answer: OutboundAnswer, known: Readonly<Record<number, Verdict>> = {}): Verdict {
  if (answer.kind === 'failed') return { kind: 'retry', reason: answer.reason };
  const { status, retryAfterMs: afterMs } = answer;
  if (known[status] !== undefined) return known[status];
  if (status >= 200 && status < 300) return { kind: 'done' };
  const reason = `http_${status}`;
  if (status < 500 && !retriedStatuses.has(status)) return { kind: 'failed', reason };
  return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) };
}

/**
 * What an answer in the form of RFC 7662 says of the token: `{"active": true}` or `{"active": false}`. Servers also call tokens inactive
 * that the asking one may not see: only after an "active" does it prove anything.
 */
export function livenessOf(answer: OutboundAnswer): Liveness {
  if (answer.kind !== 'answered' || answer.status !== 200) return 'unknown';
  const active = objectOf(answer)?.['active'];
  return active === true ? 'alive' : active === false ? 'dead' : 'unknown';
}

/** The members of a JSON object, whatever the status; `null` where the body is none. */
export function objectOf(answer: OutboundAnswer): Readonly<Record<string, unknown>> | null {
  if (answer.kind === 'failed' || answer.body === null) return null;
  try {
    const value: unknown = JSON.parse(answer.body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}
