import { objectOf } from '../../../outbound/answer.ts';
import type { OutboundAnswer, OutboundRequest } from '../../../outbound/client.ts';
import { formRequest } from '../http.ts';
import { basicHeader, type Authorizer } from './authorizer.ts';

/** How a bearer token is asked for. */
export interface TokenSource {
  readonly endpoint: string;
  request(nowMs: number): OutboundRequest;
}

interface Kept { readonly token: string; readonly untilMs: number }

/** A token is not used in its last minute, and never longer than an hour. */
const marginMs = 60_000;
const longestMs = 3_600_000;
/** Where the answer does not say: RFC 6749 only recommends that it does. */
const unsaidSeconds = 300;

/** Fetches a bearer token and keeps it in memory until it ends, or is refused. */
export function bearer(source: TokenSource): Authorizer {
  let kept: Kept | null = null;
  return {
    urls: [source.endpoint],
    async authorize(request, { send, signal, nowMs }) {
      if (kept === null || kept.untilMs <= nowMs) {
        const fetched = keptOf(await send(source.request(nowMs), signal), nowMs);
        if ('kind' in fetched) return fetched;
        kept = fetched;
      }
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${kept.token}` } };
    },
    renew({ status }) {
      if (status !== 401) return false;
      const had = kept !== null;
      kept = null;
      return had;
    },
  };
}

/** The token of an answer (RFC 6749, 5.1); no word of the answer goes further. */
function keptOf(answer: OutboundAnswer, nowMs: number): Kept | OutboundAnswer {
  if (answer.kind === 'failed') return answer;
  const { access_token: token, expires_in: seconds } = objectOf(answer) ?? {};
  if (answer.status === 200 && typeof token === 'string' && /^[\x21-\x7e]{1,16384}$/.test(token)) {
    const lifeMs = (typeof seconds === 'number' && seconds > 0 ? seconds : unsaidSeconds) * 1000;
    return { token, untilMs: nowMs + Math.min(Math.max(lifeMs - marginMs, lifeMs / 2), longestMs) };
  }
  const isRefused = answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429;
  return { kind: 'failed', reason: isRefused ? 'credential_refused' : 'no_access_token' };
}

export interface ClientCredentials {
  readonly endpoint: string;
  readonly id: string;
  readonly secret: string;
  readonly method: 'client_secret_basic' | 'client_secret_post';
  /** Empty: none is asked for. */
  readonly scope: string;
}

/** The grant by a client's own credential: RFC 6749, 4.4. */
export function clientCredentials({ endpoint, id, secret, method, scope }: ClientCredentials): TokenSource {
  const form = { grant_type: 'client_credentials', ...(scope === '' ? {} : { scope }) };
  return {
    endpoint,
    request: () => (method === 'client_secret_post'
      ? formRequest(endpoint, { ...form, client_id: id, client_secret: secret })
      : formRequest(endpoint, form, { authorization: basicHeader(id, secret) })),
  };
}
