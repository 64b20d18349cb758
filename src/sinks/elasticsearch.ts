import { Client, errors } from '@elastic/elasticsearch';
import {
  buildBulk, buildEventBulk, bulkFilter, bulkItem, classifyBulk, typeOf, type BulkAnswer, type BulkItem, type BulkRequest,
} from './elasticsearch-bulk.ts';
import type { OutgoingEvent } from './event.ts';
import type { Sink } from './sink.ts';

/** How to reach a cluster. Secrets are values here: reading them from files is the caller's. */
export interface ElasticsearchConnection {
  readonly nodes: readonly string[];
  readonly apiKey?: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that signed the servers' certificates. */
  readonly ca?: string;
  readonly caFingerprint?: string;
  /** Default: 30 s. */
  readonly timeoutMs?: number;
}

export interface ElasticsearchOptions extends ElasticsearchConnection {
  readonly name: string;
  /** Alerts go to `<index>-YYYY.MM`. Default: `tokenward-alerts`. */
  readonly index?: string;
  /** Largest body of one request. Default: 4 MiB. */
  readonly maxBytes?: number;
}

/** An answer without anything that the other side wrote in words. `type`: Elasticsearch's own name of the error, a fixed word. */
export interface PlainAnswer { readonly status: number; readonly body: unknown; readonly type: string | null }
export type Failure = 'unreachable' | 'timeout' | 'not_elasticsearch' | 'internal_error';

const maxAnswerBytes = 32 * 1024 * 1024;

/** One cluster's client. Retries nothing by itself, and lets out no error: those carry the request's documents. */
export class ElasticsearchClient {
  readonly #client: Client;

  constructor(connection: ElasticsearchConnection) {
    const { nodes, apiKey, username, password, ca, caFingerprint, timeoutMs = 30_000 } = connection;
    this.#client = new Client({
      nodes: [...nodes], maxRetries: 0, requestTimeout: timeoutMs, maxResponseSize: maxAnswerBytes,
      ...(apiKey !== undefined ? { auth: { apiKey } } : username !== undefined ? { auth: { username, password: password ?? '' } } : {}),
      ...(ca === undefined ? {} : { tls: { ca } }),
      ...(caFingerprint === undefined ? {} : { caFingerprint }),
    });
  }

  /** One bulk request of lines. Of the answer only statuses and error types are asked for. */
  async bulk(lines: readonly string[], signal: AbortSignal): Promise<BulkAnswer> {
    const answer = await this.#guard(() => this.#client.transport.request<BulkBody>(
      { method: 'POST', path: '/_bulk', querystring: { filter_path: bulkFilter }, bulkBody: [...lines] },
      { meta: true, signal },
    ));
    if ('failure' in answer) return { kind: 'failed', reason: signal.aborted ? 'aborted' : answer.failure };
    if (answer.status !== 200) return { kind: 'refused', status: answer.status, type: answer.type };
    const { items } = answer.body as BulkBody;
    if (!Array.isArray(items)) return { kind: 'failed', reason: 'not_elasticsearch' };
    return { kind: 'answered', items: items.map(bulkItem) };
  }

  /** Any other request. Never throws. */
  request(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<PlainAnswer | { readonly failure: Failure }> {
    return this.#guard(() => this.#client.transport.request({ method, path, ...(body === undefined ? {} : { body }) }, { meta: true }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #guard(call: () => Promise<{ statusCode?: number | null; body?: unknown }>): Promise<PlainAnswer | { readonly failure: Failure }> {
    try {
      const { statusCode, body } = await call();
      return { status: statusCode ?? 0, body, type: null };
    } catch (error) {
      if (error instanceof errors.ResponseError) return { status: error.statusCode ?? 0, body: null, type: errorTypeOf(error.body) };
      return { failure: failureOf(error) };
    }
  }
}

interface BulkBody { readonly items?: readonly BulkItem[] }

/** A server without the feature answers with a sentence where the error's object would be: `no_handler`. */
function errorTypeOf(body: unknown): string | null {
  const error = (body as { error?: unknown } | null | undefined)?.error;
  if (typeof error === 'string') return 'no_handler';
  return typeOf(error);
}

function failureOf(error: unknown): Failure {
  if (error instanceof errors.ProductNotSupportedError) return 'not_elasticsearch';
  if (error instanceof errors.TimeoutError) return 'timeout';
  if (error instanceof errors.ConnectionError || error instanceof errors.NoLivingConnectionsError) return 'unreachable';
  return 'internal_error';
}

/** Events as documents that never change, in the data stream of a namespace. One that is there already is not written again. */
export function elasticsearchEventSink(
  options: ElasticsearchOptions, namespace: string, client = new ElasticsearchClient(options),
): Sink<BulkRequest, BulkAnswer, OutgoingEvent> {
  const { name, maxBytes = 4 * 1024 * 1024 } = options;
  return {
    name: `${name}/events`, wants: 'every', lane: 'bulk', concurrency: 2, batchSize: 2000,
    build: (documents) => buildEventBulk(documents, namespace, maxBytes),
    send: (request, signal) => client.bulk(request.lines, signal),
    classify: (documents, answer) => classifyBulk(documents.length, answer),
    close: () => client.close(),
  };
}

/** Alerts as documents that change: each version replaces the one before, an older one never a newer. */
export function elasticsearchSink(options: ElasticsearchOptions, client = new ElasticsearchClient(options)): Sink<BulkRequest, BulkAnswer> {
  const { name, index = 'tokenward-alerts', maxBytes = 4 * 1024 * 1024 } = options;
  return {
    name, wants: 'every', lane: 'bulk', concurrency: 2, batchSize: 256,
    build: (documents) => buildBulk(documents, index, maxBytes),
    send: (request, signal) => client.bulk(request.lines, signal),
    classify: (documents, answer) => classifyBulk(documents.length, answer),
    close: () => client.close(),
  };
}
