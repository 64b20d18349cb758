import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { findUrlFault, resolveChecked, type CheckedAddress, type Resolve } from './egress.ts';
import { only, retryAfterMs, type Built, type Outcome, type Outgoing, type Sink } from './sink.ts';
import { readSigningKeys, signedHeaders } from './webhook-signature.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** See `readSigningKeys`. */
  readonly secretFile: string;
  /** Receivers in the operator's own networks. Default: false. */
  readonly allowPrivate?: boolean;
  /** For a whole attempt. Default: 15 s. */
  readonly timeoutMs?: number;
  /** PEM of the authority that signed the receiver's certificate. Default: those that the system trusts. */
  readonly ca?: string;
  readonly now?: () => number;
  readonly resolve?: Resolve;
}

export interface WebhookRequest { readonly messageId: string; readonly body: string }
/** `failed`: no answer came that could be read. */
export type WebhookAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs?: number }
  | { readonly kind: 'failed'; readonly reason: string };

interface Message { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly ca: string | undefined }

const maxAnswerBytes = 64 * 1024;
const fixedHeaders = { 'content-type': 'application/json', 'user-agent': 'tokenward' };
const retriedStatuses = new Set([408, 409, 425, 429]);

/** One request per message: `type`, `timestamp` and the alert as `data`. */
export function buildWebhook(documents: readonly Outgoing[]): Built<WebhookRequest> {
  const prepared = documents.map((one) => ({ request: { messageId: one.messageId, body: bodyOf(one) }, documents: [one] }));
  return { prepared, unfit: [] };
}

function bodyOf({ createdMs, document }: Outgoing): string {
  return JSON.stringify({ type: 'tokenward.alert', timestamp: new Date(createdMs).toISOString(), data: document });
}

export function classifyWebhook(answer: WebhookAnswer): Outcome {
  if (answer.kind === 'failed') return only({ kind: 'retry', reason: answer.reason });
  const { status, retryAfterMs: afterMs } = answer;
  if (status >= 200 && status < 300) return only({ kind: 'done' });
  if (status === 410) return { kind: 'stop', reason: 'gone' };
  // A redirect is a failure too: its target was never checked.
  if (status >= 400 && status < 500 && !retriedStatuses.has(status)) return only({ kind: 'refused', reason: `http_${status}` });
  return only({ kind: 'retry', reason: `http_${status}`, ...(afterMs === undefined ? {} : { afterMs }) });
}

/** Signed messages to a receiver of the operator's. Throws an `Error` when the URL or the secret's file cannot be used. */
export function webhookSink(options: WebhookOptions): Sink<WebhookRequest, WebhookAnswer> {
  const policy = { allowPrivate: options.allowPrivate ?? false };
  const fault = findUrlFault(options.url, policy);
  if (fault !== null) throw new Error(`the URL of sink ${options.name} ${fault}`);
  const url = new URL(options.url);
  const keys = readSigningKeys(options.secretFile);
  const now = options.now ?? Date.now;
  return {
    name: options.name, wants: 'told', lane: 'prompt', concurrency: 4, batchSize: 32,
    build: buildWebhook,
    classify: (_documents, answer) => classifyWebhook(answer),
    close: () => Promise.resolve(),
    send: async ({ messageId, body }, signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs ?? 15_000)]);
      try {
        const addresses = await abortable(resolveChecked(url, policy, options.resolve), limit);
        if (addresses === null) return { kind: 'failed', reason: 'address_not_allowed' };
        const signature = signedHeaders(messageId, Math.floor(now() / 1000), body, keys);
        const headers = { ...fixedHeaders, ...signature, 'content-length': String(Buffer.byteLength(body)) };
        const response = await post(url, addresses, { headers, body, ca: options.ca }, limit);
        const afterMs = retryAfterMs(response.headers['retry-after'], now());
        return { kind: 'answered', status: response.statusCode ?? 0, ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }) };
      } catch (error) {
        return { kind: 'failed', reason: limit.aborted ? (signal.aborted ? 'aborted' : 'timeout') : reasonOf(error) };
      }
    },
  };
}

/** Connects to one of the checked addresses, whatever the name leads to by now; the certificate must be the name's. */
function post(url: URL, addresses: readonly CheckedAddress[], message: Message, signal: AbortSignal): Promise<IncomingMessage> {
  const { headers, body, ca } = message;
  const pinned: LookupFunction = (_host, options, callback) => {
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  return new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = call(url, { method: 'POST', agent: false, lookup: pinned, signal, headers, ...(ca === undefined ? {} : { ca }) });
    sent.on('response', (response) => { readAway(response).then(() => resolve(response), reject); });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Of the answer's body nobody needs anything; a receiver that goes on for ever is cut off. */
async function readAway(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) break;
  }
  response.destroy();
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new Error('aborted'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Node's codes as fixed words; its texts name hosts and addresses. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('ENOTFOUND') || code.startsWith('EAI_')) return 'unresolvable';
  if (/CERT|SIGNED|ERR_TLS|ERR_SSL/.test(code)) return 'certificate';
  return 'unreachable';
}
