import { expect, test } from 'vitest';
import { alertIndex, buildBulk, buildEventBulk, classifyBulk, type BulkAnswer } from '../../src/sinks/elasticsearch-bulk.ts';
import type { Outcome, Verdict } from '../../src/sinks/sink.ts';
import { outgoingOf } from './support.ts';

test('an alert goes to the index of the month in which it was raised', () => {
  expect(['2026-11-30T23:59:59.999Z', '2026-12-01', '1970-01-01'].map((text) => alertIndex('alerts', Date.parse(text)))).toEqual(['alerts-2026.11', 'alerts-2026.12', 'alerts-1970.01']);
  expect([-1, 8.64e15].map((timeMs) => alertIndex('alerts', timeMs))).toEqual(['alerts-1970.01', 'alerts-9999.12']);
});

test('each version replaces the one before: the action carries id and version', () => {
  const { prepared: [one] } = buildBulk([outgoingOf('a', { version: 7 })], 'alerts', 1e6);
  expect(one!.request.lines).toEqual(['{"index":{"_index":"alerts-2026.11","_id":"a","version":7,"version_type":"external"}}', '{"id":"a"}']);
  expect(one!.request.bytes).toBe(one!.request.lines.join('\n').length + 1);
});

test('events are created in their data stream', () => {
  const { prepared: [one], unfit } = buildEventBulk([{ id: 'e', document: { n: 1 } }, { id: '', document: {} }], 'production', 1e6);
  expect(one!.request.lines).toEqual(['{"create":{"_index":"logs-tokenward.event-production","_id":"e"}}', '{"n":1}']);
  expect(unfit).toEqual([{ document: { id: '', document: {} }, reason: 'id_too_long' }]);
});

test('bodies are cut by their size in bytes, in order, a giant by itself', () => {
  const documents = [10, 500, 500, 3000, 10, 10].map((length, i) => outgoingOf(`a${i}`, { document: { text: 'ä'.repeat(length) } }));
  const { prepared } = buildBulk(documents, 'alerts', 2000);
  expect(prepared.map((one) => one.documents.map(({ id }) => id))).toEqual([['a0', 'a1'], ['a2'], ['a3'], ['a4', 'a5']]);
  for (const { request } of prepared) expect(request.bytes).toBe(Buffer.byteLength(`${request.lines.join('\n')}\n`));
});

test('an id that would fail all the others is taken out, by bytes', () => {
  const ids = ['y'.repeat(512), 'y'.repeat(513), 'ä'.repeat(256), 'ä'.repeat(257), ''];
  const { prepared, unfit } = buildBulk(ids.map((id) => outgoingOf(id)), 'alerts', 1e6);
  expect(prepared.flatMap(({ documents }) => documents.map(({ id }) => id))).toEqual([ids[0], ids[2]]);
  expect(unfit.map(({ document, reason }) => [document.id, reason])).toEqual([[ids[1], 'id_too_long'], [ids[3], 'id_too_long'], ['', 'id_too_long']]);
});

function verdictOf(status: number, type: string | null = null): Verdict {
  const outcome = classifyBulk(1, { kind: 'answered', items: [{ status, type }] });
  return (outcome as Extract<Outcome, { kind: 'each' }>).verdicts[0]!;
}

test('items: in, or there already in this version or a newer one', () => {
  expect([200, 201].map((status) => verdictOf(status))).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  expect(verdictOf(409, 'version_conflict_engine_exception')).toEqual({ kind: 'done' });
});

test('items: three kinds of the same status', () => {
  expect(verdictOf(429, 'es_rejected_execution_exception')).toEqual({ kind: 'retry', reason: 'overloaded' });
  expect(verdictOf(429, 'cluster_block_exception')).toEqual({ kind: 'retry', reason: 'blocked', afterMs: 60_000 });
  expect(classifyBulk(9, { kind: 'refused', status: 429, type: 'es_rejected_execution_exception' })).toEqual({ kind: 'smaller', reason: 'overloaded', soon: false });
});

test('items: what an operator can mend is kept, what is wrong with the document is refused', () => {
  expect(verdictOf(403, 'security_exception')).toEqual({ kind: 'retry', reason: 'forbidden', afterMs: 60_000 });
  expect(verdictOf(404, 'index_not_found_exception')).toEqual({ kind: 'retry', reason: 'index_missing', afterMs: 60_000 });
  expect(verdictOf(503, 'unavailable_shards_exception')).toEqual({ kind: 'retry', reason: 'unavailable' });
  for (const type of ['strict_dynamic_mapping_exception', 'document_parsing_exception', 'mapper_parsing_exception']) expect(verdictOf(400, type)).toEqual({ kind: 'refused', reason: 'mapping' });
  expect(verdictOf(400, 'invalid_index_name_exception')).toEqual({ kind: 'refused', reason: 'index_name' });
  expect(verdictOf(400, 'a text that could quote something')).toEqual({ kind: 'refused', reason: 'document_refused' });
});

test.each<[BulkAnswer, Outcome, Outcome]>([
  [{ kind: 'failed', reason: 'timeout' }, { kind: 'retry', reason: 'timeout' }, { kind: 'retry', reason: 'timeout' }],
  [{ kind: 'refused', status: 401, type: 'security_exception' }, { kind: 'retry', reason: 'unauthorized', afterMs: 60_000 }, { kind: 'retry', reason: 'unauthorized', afterMs: 60_000 }],
  [{ kind: 'refused', status: 413, type: null }, { kind: 'smaller', reason: 'too_large', soon: true }, { kind: 'each', verdicts: [{ kind: 'refused', reason: 'too_large' }] }],
  [{ kind: 'refused', status: 400, type: 'action_request_validation_exception' }, { kind: 'smaller', reason: 'request_refused', soon: true },
    { kind: 'each', verdicts: [{ kind: 'refused', reason: 'request_refused' }] }],
  [{ kind: 'refused', status: 406, type: null }, { kind: 'retry', reason: 'not_elasticsearch', afterMs: 60_000 }, { kind: 'retry', reason: 'not_elasticsearch', afterMs: 60_000 }],
  [{ kind: 'refused', status: 503, type: 'cluster_block_exception' }, { kind: 'retry', reason: 'blocked' }, { kind: 'retry', reason: 'blocked' }],
  [{ kind: 'refused', status: 502, type: null }, { kind: 'retry', reason: 'unavailable' }, { kind: 'retry', reason: 'unavailable' }],
  [{ kind: 'answered', items: [] }, { kind: 'retry', reason: 'not_elasticsearch' }, { kind: 'retry', reason: 'not_elasticsearch' }],
])('whole requests: %j', (answer, ofMany, ofOne) => {
  expect([classifyBulk(5, answer), classifyBulk(1, answer)]).toEqual([ofMany, ofOne]);
});
