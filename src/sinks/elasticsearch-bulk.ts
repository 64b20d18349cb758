import { mendMs } from './http-verdict.ts';
import type { Built, Document, Outcome, Outgoing, Prepared, Unfit, Verdict } from './sink.ts';

/** Lines of a bulk body without their line ends: an action, its document, and so on. */
export interface BulkRequest { readonly lines: readonly string[]; readonly bytes: number }

/** `type`: Elasticsearch's own name of the error. `failed`: no answer came that could be read. */
export type BulkAnswer =
  | { readonly kind: 'answered'; readonly items: readonly { readonly status: number; readonly type: string | null }[] }
  | { readonly kind: 'refused'; readonly status: number; readonly type: string | null }
  | { readonly kind: 'failed'; readonly reason: string };

/** A document, or its JSON, with the id it goes by. */
export interface Identified { readonly id: string; readonly document: Document | string }

/** Longer ids fail the whole request they are in. */
export const maxIdBytes = 512;

const lastYear = Date.UTC(10_000, 0) - 1;

/**
 * The monthly index of an alert. By the time it was raised, which is `event.start` until an earlier event joins it late:
 * then the month stays, or the alert would stand in two indices.
 */
export function alertIndex(prefix: string, createdMs: number): string {
  const month = new Date(Math.min(Math.max(createdMs, 0), lastYear)).toISOString().slice(0, 7);
  return `${prefix}-${month.replace('-', '.')}`;
}

/** Bulk requests of at most `maxBytes`, but for a single document that is larger by itself. */
export function buildBulk(documents: readonly Outgoing[], prefix: string, maxBytes: number): Built<BulkRequest> {
  return pack(documents, maxBytes, (one) => ({
    index: { _index: alertIndex(prefix, one.createdMs), _id: one.id, version: one.version, version_type: 'external' },
  }));
}

/** For a data stream, which takes new documents only: a repeated one is answered with 409, which counts as done. */
export function buildEventBulk<One extends Identified>(documents: readonly One[], namespace: string, maxBytes: number): Built<BulkRequest, One> {
  return pack(documents, maxBytes, (one) => ({ create: { _index: eventDataStream(namespace), _id: one.id } }));
}

export function eventDataStream(namespace: string): string {
  return `logs-tokenward.event-${namespace}`;
}

function pack<One extends Identified>(all: readonly One[], maxBytes: number, actionOf: (one: One) => Document): Built<BulkRequest, One> {
  const prepared: Prepared<BulkRequest, One>[] = [];
  const unfit: Unfit<One>[] = [];
  let [lines, inside, bytes]: [string[], One[], number] = [[], [], 0];
  const finish = (): void => {
    if (inside.length > 0) prepared.push({ request: { lines, bytes }, documents: inside });
    [lines, inside, bytes] = [[], [], 0];
  };
  for (const document of all) {
    if (document.id === '' || Buffer.byteLength(document.id) > maxIdBytes) {
      unfit.push({ document, reason: 'id_too_long' });
      continue;
    }
    const pair = [JSON.stringify(actionOf(document)), textOf(document)];
    const size = pair.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    if (bytes + size > maxBytes) finish();
    lines.push(...pair);
    inside.push(document);
    bytes += size;
  }
  finish();
  return { prepared, unfit };
}

function textOf({ document }: Identified): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}

/** Of an answer only this is asked for. */
export const bulkFilter = 'error.type,items.*.status,items.*.error.type';

/** What an answer says of one document, under the operation's name as its only key. */
export type BulkItem = Readonly<Record<string, { readonly status?: unknown; readonly error?: unknown }>>;

export function bulkItem(operation: BulkItem): { readonly status: number; readonly type: string | null } {
  const item = Object.values(operation)[0];
  return { status: typeof item?.status === 'number' ? item.status : 0, type: typeOf(item?.error) };
}

/** The server's own name of an error. */
export function typeOf(error: unknown): string | null {
  const type = (error as { type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' ? type : null;
}

/** Sorts an answer to `count` documents. */
export function classifyBulk(count: number, answer: BulkAnswer): Outcome {
  if (answer.kind === 'failed') return { kind: 'retry', reason: answer.reason };
  if (answer.kind === 'refused') return classifyWhole(count, answer.status, answer.type);
  // Fewer verdicts than documents: nobody knows which is whose.
  if (answer.items.length !== count) return { kind: 'retry', reason: 'not_elasticsearch' };
  return { kind: 'each', verdicts: answer.items.map(({ status, type }) => classifyItem(status, type)) };
}

function classifyWhole(count: number, status: number, type: string | null): Outcome {
  if (status === 401 || status === 403) return { kind: 'retry', reason: status === 401 ? 'unauthorized' : 'forbidden', afterMs: mendMs };
  // A body over the server's memory limit is refused like any overload, however often it comes: fewer at once get in.
  if (status === 429) return { kind: 'smaller', reason: 'overloaded', soon: false };
  if (status === 413 || status === 400) {
    if (count > 1) return { kind: 'smaller', reason: status === 413 ? 'too_large' : 'request_refused', soon: true };
    return { kind: 'each', verdicts: [{ kind: 'refused', reason: status === 413 ? 'too_large' : 'request_refused' }] };
  }
  // 406: OpenSearch, which does not know the client's media type.
  if (status === 406 || status === 404 || status === 405) return { kind: 'retry', reason: 'not_elasticsearch', afterMs: mendMs };
  return { kind: 'retry', reason: type === 'cluster_block_exception' ? 'blocked' : 'unavailable' };
}

function classifyItem(status: number, type: string | null): Verdict {
  if (status >= 200 && status < 300) return { kind: 'done' };
  // With external versions, and with `create`: this version or a newer one is there.
  if (status === 409) return { kind: 'done' };
  // Same status, another matter: a full disk over there lasts for hours.
  if (type === 'cluster_block_exception') return { kind: 'retry', reason: 'blocked', afterMs: mendMs };
  if (status === 429) return { kind: 'retry', reason: 'overloaded' };
  if (status === 401 || status === 403) return { kind: 'retry', reason: 'forbidden', afterMs: mendMs };
  if (status === 404) return { kind: 'retry', reason: 'index_missing', afterMs: mendMs };
  if (status >= 500 || status < 400) return { kind: 'retry', reason: 'unavailable' };
  return { kind: 'refused', reason: refusals.get(type ?? '') ?? 'document_refused' };
}

/** Elasticsearch's names of what is wrong with a document, and ours. */
const refusals: ReadonlyMap<string, string> = new Map([
  ['strict_dynamic_mapping_exception', 'mapping'],
  ['document_parsing_exception', 'mapping'],
  ['mapper_parsing_exception', 'mapping'],
  ['invalid_index_name_exception', 'index_name'],
]);
