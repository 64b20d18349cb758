import { asObject, objectOf } from '../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../outbound/client.ts';
import type { Liveness, Verdict } from '../port.ts';

const retriedStatuses = new Set([408, 425, 429]);
/** Reasons of ours why no answer came, which another attempt does not mend. */
const lasting = new Set(['credential_refused']);

/**
 * What an answer means for a call that may be repeated: 2xx did it, what the other side cannot do now is tried again, all else failed.
 * `known` says otherwise for single statuses. A redirect failed: its target was never checked.
 */
export function httpVerdict(answer: OutboundAnswer, known: Readonly<Record<number, Verdict>> = {}): Verdict {
  if (answer.kind === 'failed') return { kind: lasting.has(answer.reason) ? 'failed' : 'retry', reason: answer.reason };
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

/** Objects in a JSON array; none where it is no array. */
export function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asObject).filter((one) => one !== null) : [];
}

/**
 * How something stands that the other side was asked for: `judge` reads its members. 404 is `dead`: it does not exist any more. Any other
 * answer proves nothing.
 */
export function standingOf(answer: OutboundAnswer, judge: (members: Readonly<Record<string, unknown>>) => Liveness): Liveness {
  if (answer.kind !== 'answered') return 'unknown';
  if (answer.status === 404) return 'dead';
  const members = answer.status === 200 ? objectOf(answer) : null;
  return members === null ? 'unknown' : judge(members);
}

/** What a switch at the other side says; anything but its two values proves nothing. */
export function switchedOn(value: unknown, on: unknown, off: unknown): Liveness {
  return value === on ? 'alive' : value === off ? 'dead' : 'unknown';
}

const plainHeaders = { accept: 'application/json', 'user-agent': 'tokenward' };

/** A request with a JSON body, or with none. */
export function jsonRequest(method: OutboundRequest['method'], url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): OutboundRequest {
  if (body === undefined) return { method, url, headers: { ...plainHeaders, ...headers }, body: null };
  return { method, url, headers: { ...plainHeaders, 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** A request with a form as its body. */
export function formRequest(url: string, form: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): OutboundRequest {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers: { ...plainHeaders, ...type, ...headers }, body: new URLSearchParams(form).toString() };
}

/**
 * A path of which the parts put in are each one segment, encoded. Throws where one is empty or a dot: `..` would name something else than
 * what was meant.
 */
export function path(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return texts.map((text, at) => (at === 0 ? text : segment(parts[at - 1]!) + text)).join('');
}

function segment(part: string): string {
  if (part === '' || /^\.{1,2}$/.test(part)) throw new Error('a part of a path is empty or a dot');
  return encodeURIComponent(part);
}
