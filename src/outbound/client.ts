import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { findUrlFault, pinnedTo, resolveChecked, type CheckedAddress, type Resolve } from './egress.ts';
import { retryAfterMs } from './retry-after.ts';

export interface OutboundOptions {
  /** URLs as configured. Requests go to their hosts and ports and nowhere else. */
  readonly urls: readonly string[];
  /** Hosts in the operator's own networks, on any port. Default: false. */
  readonly allowPrivate?: boolean;
  /** For a whole request, look-up and answer included. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Longest answer that is read. Default: 64 KiB. */
  readonly maxAnswerBytes?: number;
  /** PEM of the authority that signed the hosts' certificates. Default: those that the system trusts. */
  readonly ca?: string;
  readonly now?: () => number;
  readonly resolve?: Resolve;
}

/** A request as data, so that it can be built and tested without a network. */
export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** Without length and host. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** `failed`: no answer came that could be read. Its reason is a fixed word of ours. */
export type OutboundAnswer =
  | {
    readonly kind: 'answered'; readonly status: number; readonly retryAfterMs?: number;
    /** Of the answer's `ETag`, as it came. */
    readonly etag?: string;
    /** The other side's clock, to the second. */
    readonly dateMs?: number;
    /** `null` when it was longer than is read. It is the other side's word: never to be shown or logged. */
    readonly body: string | null;
  }
  | { readonly kind: 'failed'; readonly reason: string };

/** Resolves also when the request fails. */
export type Send = (request: OutboundRequest, signal: AbortSignal) => Promise<OutboundAnswer>;

const defaultAnswerBytes = 64 * 1024;

/** What is wrong with the URLs, each in plain words; `null` when nothing is. Looks nothing up. */
export function findFault({ urls, allowPrivate = false }: OutboundOptions): string | null {
  for (const url of urls) {
    const fault = findUrlFault(url, { allowPrivate });
    if (fault !== null) return fault;
  }
  return null;
}

/** An `outboundClient` for URLs of the configuration. Throws an `Error` that begins with `what` where one of them has a fault. */
export function checkedClient(what: string, options: OutboundOptions): Send {
  const fault = findFault(options);
  if (fault !== null) throw new Error(`${what} ${fault}`);
  return outboundClient(options);
}

/**
 * The one way out over HTTP: to the configured hosts only, by https (http only to this machine), to addresses of which every one was
 * checked and which are the ones connected to. Redirects are not followed: their target was never checked. URLs must be without fault.
 */
export function outboundClient(options: OutboundOptions): Send {
  const policy = { allowPrivate: options.allowPrivate ?? false };
  const hosts = new Set(options.urls.map((url) => new URL(url).origin));
  const now = options.now ?? Date.now;
  return async (request, signal) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 10_000)]);
    try {
      if (findUrlFault(request.url, policy) !== null) return { kind: 'failed', reason: 'host_not_allowed' };
      const url = new URL(request.url);
      if (!hosts.has(url.origin)) return { kind: 'failed', reason: 'host_not_allowed' };
      const addresses = await abortable(resolveChecked(url, policy, options.resolve), limit);
      if (addresses === null) return { kind: 'failed', reason: 'address_not_allowed' };
      const terms = { ca: options.ca, signal: limit, maxAnswerBytes: options.maxAnswerBytes ?? defaultAnswerBytes };
      const { response, body } = await exchange(url, addresses, request, terms);
      return { kind: 'answered', status: response.statusCode ?? 0, body, ...headersOf(response, now()) };
    } catch (error) {
      return { kind: 'failed', reason: limit.aborted ? (signal.aborted ? 'aborted' : 'timeout') : reasonOf(error) };
    }
  };
}

function headersOf({ headers: { 'retry-after': after, etag, date } }: IncomingMessage, nowMs: number): Partial<Extract<OutboundAnswer, { kind: 'answered' }>> {
  const [afterMs, dateMs] = [retryAfterMs(after, nowMs), Date.parse(date ?? '')];
  return {
    ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }), ...(etag === undefined ? {} : { etag }), ...(Number.isNaN(dateMs) ? {} : { dateMs }),
  };
}

interface Exchanged { readonly response: IncomingMessage; readonly body: string | null }
interface Terms { readonly ca: string | undefined; readonly signal: AbortSignal; readonly maxAnswerBytes: number }

/** Connects to one of the checked addresses, whatever the name leads to by now; the certificate must be the name's. */
function exchange(url: URL, addresses: readonly CheckedAddress[], { method, headers, body }: OutboundRequest, terms: Terms): Promise<Exchanged> {
  const { ca, signal, maxAnswerBytes } = terms;
  const sized = body === null ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = call(url, { method, agent: false, lookup: pinnedTo(addresses), signal, headers: sized, ...(ca === undefined ? {} : { ca }) });
    sent.on('response', (response) => { readBody(response, maxAnswerBytes).then((text) => resolve({ response, body: text }), reject); });
    sent.on('error', reject);
    sent.end(body ?? undefined);
  });
}

/** An answer that goes on for ever is cut off; its status still counts. */
async function readBody(response: IncomingMessage, maxBytes: number): Promise<string | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBytes) break;
    parts.push(part);
  }
  response.destroy();
  return bytes > maxBytes ? null : Buffer.concat(parts).toString('utf8');
}

/** Rejects when the signal says so, if that is before `work` ends. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Node's codes as fixed words; its texts name hosts and addresses. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('ENOTFOUND') || code.startsWith('EAI_')) return 'unresolvable';
  if (/CERT|SIGNED|ERR_TLS|ERR_SSL/.test(code)) return 'certificate';
  return 'unreachable';
}
