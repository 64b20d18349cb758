import { findFault, outboundClient, type OutboundAnswer, type OutboundOptions } from '../outbound/client.ts';
import type { Resolve } from '../outbound/egress.ts';
import { readSigningKeys, signedHeaders } from '../outbound/signature.ts';
import { retriedStatuses } from './http-verdict.ts';
import { only, type Built, type Outcome, type Outgoing, type Sink } from './sink.ts';

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
export type WebhookAnswer = OutboundAnswer;

const fixedHeaders = { 'content-type': 'application/json', 'user-agent': 'tokenward' };

/** One request per message: `type`, `timestamp` and the alert as `data`. */
export function buildWebhook(documents: readonly Outgoing[]): Built<WebhookRequest> {
  const prepared = documents.map((one) => ({ request: { messageId: one.messageId, body: bodyOf(one) }, documents: [one] }));
  return { prepared, unfit: [] };
}

function bodyOf({ createdMs, document }: Outgoing): string {
  return JSON.stringify({ type: 'tokenward.alert', timestamp: new Date(createdMs).toISOString(), data: document });
}

/** Of the answer only the status counts. */
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
  const outbound: OutboundOptions = { ...options, urls: [options.url], timeoutMs: options.timeoutMs ?? 15_000 };
  const fault = findFault(outbound);
  if (fault !== null) throw new Error(`the URL of sink ${options.name} ${fault}`);
  const keys = readSigningKeys(options.secretFile);
  const send = outboundClient(outbound);
  const now = options.now ?? Date.now;
  return {
    name: options.name, wants: 'told', lane: 'prompt', concurrency: 4, batchSize: 32,
    build: buildWebhook,
    classify: (_documents, answer) => classifyWebhook(answer),
    close: () => Promise.resolve(),
    send: ({ messageId, body }, signal) => {
      const signature = signedHeaders(messageId, Math.floor(now() / 1000), body, keys);
      return send({ method: 'POST', url: options.url, headers: { ...fixedHeaders, ...signature }, body }, signal);
    },
  };
}
