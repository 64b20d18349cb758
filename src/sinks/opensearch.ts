import { buildBulk, bulkFilter, bulkItem, classifyBulk, typeOf, type BulkAnswer, type BulkItem, type BulkRequest } from './elasticsearch-bulk.ts';
import type { Sink } from './sink.ts';

type OpenSearch = typeof import('@opensearch-project/opensearch');
type Client = InstanceType<OpenSearch['Client']>;

export interface OpenSearchOptions {
  readonly name: string;
  readonly nodes: readonly string[];
  readonly username?: string;
  readonly password?: string;
  /** PEM of the authority that signed the servers' certificates. */
  readonly ca?: string;
  /** PEM of a certificate, and of its key, that show who we are. */
  readonly cert?: string;
  readonly key?: string;
  /** Alerts go to `<index>-YYYY.MM`. Default: `tokenward-alerts`. */
  readonly index?: string;
  /** Default: 30 s. */
  readonly timeoutMs?: number;
}

const maxRequestBytes = 4 * 1024 * 1024;

/** Alerts to OpenSearch as to Elasticsearch: each version replaces the one before. Its client, an optional package, is loaded when first used. */
export function openSearchSink(options: OpenSearchOptions): Sink<BulkRequest, BulkAnswer> {
  const { name, index = 'tokenward-alerts' } = options;
  let opening: Promise<{ client: Client; errors: OpenSearch['errors'] } | null> | null = null;
  return {
    name, wants: 'every', lane: 'bulk', concurrency: 2, batchSize: 256,
    build: (documents) => buildBulk(documents, index, maxRequestBytes),
    classify: (documents, answer) => classifyBulk(documents.length, answer),
    send: async ({ lines }, signal) => {
      const opened = await (opening ??= open(options));
      return opened === null ? { kind: 'failed', reason: 'client_not_installed' } : bulk(opened, lines, signal);
    },
    close: async () => { await (await opening)?.client.close(); },
  };
}

async function open({ nodes, username, password = '', ca, cert, key, timeoutMs = 30_000 }: OpenSearchOptions) {
  const library = await import('@opensearch-project/opensearch').catch(() => null);
  if (library === null) return null;
  const { Client, errors } = library;
  const ssl = { ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
  const auth = username === undefined ? {} : { auth: { username, password } };
  return { client: new Client({ nodes: [...nodes], maxRetries: 0, requestTimeout: timeoutMs, ssl, ...auth }), errors };
}

/** One bulk request. What the client throws carries the documents, so nothing of it goes on. */
async function bulk({ client, errors }: { client: Client; errors: OpenSearch['errors'] }, lines: readonly string[], signal: AbortSignal): Promise<BulkAnswer> {
  const asked = client.transport.request({ method: 'POST', path: '/_bulk', querystring: { filter_path: bulkFilter }, bulkBody: [...lines] });
  const abort = (): void => asked.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const items = ((await asked).body as { items?: readonly BulkItem[] }).items;
    return Array.isArray(items) ? { kind: 'answered', items: items.map(bulkItem) } : { kind: 'failed', reason: 'not_opensearch' };
  } catch (error) {
    if (error instanceof errors.ResponseError) {
      return { kind: 'refused', status: error.statusCode ?? 0, type: typeOf((error.body as { error?: unknown } | null)?.error) };
    }
    if (signal.aborted) return { kind: 'failed', reason: 'aborted' };
    return { kind: 'failed', reason: error instanceof errors.TimeoutError ? 'timeout' : 'unreachable' };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
