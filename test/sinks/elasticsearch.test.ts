import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { Alert } from '../../src/model/alert.ts';
import { emptyEvent } from '../../src/model/event.ts';
import { alertDocument } from '../../src/sinks/alert-document.ts';
import { Delivery, type DeliveryEvent } from '../../src/sinks/deliver.ts';
import { outgoingAlert } from '../../src/sinks/outgoing.ts';
import { ElasticsearchClient, elasticsearchSink } from '../../src/sinks/elasticsearch.ts';
import { buildEventBulk, classifyBulk, type BulkAnswer, type BulkRequest } from '../../src/sinks/elasticsearch-bulk.ts';
import { setupElasticsearch, type SetupResult } from '../../src/sinks/elasticsearch-setup.ts';
import type { Outcome, Outgoing, Sink } from '../../src/sinks/sink.ts';
import { sharedElasticsearch, uniqueName } from '../support/servers/shared.ts';
import { alertOf, batchOf, opened } from '../store/support.ts';
import { ManualTiming, outgoingOf, settingsOf } from './support.ts';

const index = uniqueName('alerts');
const signal = new AbortController().signal;
const rule = detectors[0]!;
let client: ElasticsearchClient;
let sink: Sink<BulkRequest, BulkAnswer>;
let setUp: SetupResult[];

beforeAll(async () => {
  const { url } = await sharedElasticsearch();
  client = new ElasticsearchClient({ nodes: [url] });
  sink = elasticsearchSink({ name: 'es', nodes: [url], index }, client);
  setUp = await setupElasticsearch(client, { index, replicas: 0 });
}, 300_000);
afterAll(() => client.close());

async function ask(method: 'GET' | 'PUT' | 'POST', path: string, body?: object): Promise<{ status: number; body: never }> {
  const answer = await client.request(method, path, body);
  if ('failure' in answer) throw new Error(answer.failure);
  return { status: answer.status, body: answer.body as never };
}

async function send(...documents: Outgoing[]): Promise<Outcome[]> {
  const { prepared } = sink.build(documents);
  return Promise.all(prepared.map(async (one) => sink.classify(one.documents, await sink.send(one.request, signal))));
}

/** The document as it can be found now. */
async function stored(id: string, month = '2026.11'): Promise<{ _version: number; _source: Record<string, unknown> }> {
  return (await ask('GET', `/${index}-${month}/_doc/${encodeURIComponent(id)}`)).body;
}

const done = { kind: 'done' } as const;
const eachDone = (count: number): Outcome => ({ kind: 'each', verdicts: Array(count).fill(done) as never });

describe('set-up', () => {
  test('templates are taken; a server without lifecycles says so and the rest goes on', async () => {
    expect(setUp.map(({ step, outcome }) => [step.kind, outcome])).toEqual([['lifecycle', 'missing'], ['alerts', 'done'], ['events', 'done']]);
    expect((await setupElasticsearch(client, { index, replicas: 0 })).map(({ outcome }) => outcome)).toEqual(['missing', 'done', 'done']);
  });

  test('a real alert is indexed with every field under its type, and can be asked for by its measures', async () => {
    const first = { ...emptyEvent('aws.cloudtrail', Date.UTC(2026, 10, 3)), id: 'e1', sourceIp: '2001:db8::7', sourcePort: 443, identityId: 'role-1', userName: 'ci', token: 'tok' };
    const alert = alertOf('real', 1, {
      first, startMs: Date.UTC(2026, 10, 3), endMs: Date.UTC(2026, 10, 4), createdMs: Date.UTC(2026, 10, 3), tokens: ['tok'], networks: ['AS64500'], resources: ['db'],
      baseline: { bytesPerHour: 10, network: 'AS64500' }, observed: { bytesPerHour: 1.5e12, ratio: 0.25 }, announced: [{ timeMs: 1, severity: 47, reason: 'r', bytesOut: 5 }],
    });
    const intents = [{ id: 'x', action: 'revoke', mode: 'observe', state: 'proposed' }] as const;
    expect(await send(outgoingOf('real', { createdMs: alert.createdMs, document: alertDocument(alert, rule, null, intents) }))).toEqual([eachDone(1)]);
    const later = alertOf('real', 2, { ...alert, version: 2, baseline: { bytesPerHour: 10.5, hoursKnown: 3 }, observed: { bytesPerHour: 7 } });
    expect(await send(outgoingOf('real', { version: 2, createdMs: alert.createdMs, document: alertDocument(later, rule, null, intents) }))).toEqual([eachDone(1)]);
    await ask('POST', `/${index}-2026.11/_refresh`);
    const found: { hits: { hits: { _id: string; _ignored?: string[] }[] } } = (await ask('POST', `/${index}-*/_search`, { query: { bool: { filter: [
      { range: { 'tokenward.alert.observed.bytesPerHour': { gte: 6.5, lte: 7.5 } } }, { term: { 'tokenward.alert.baseline.hoursKnown': 3 } },
      { term: { 'source.ip': '2001:db8::/32' } }, { term: { 'rule.id': rule.id } }, { term: { 'tokenward.response.state': 'proposed' } },
      { range: { 'event.start': { gte: '2026-11-03', lte: '2026-11-03' } } }, { match: { message: rule.alertTitle } }, { term: { 'related.hash': 'tok' } },
    ] } } })).body;
    expect(found.hits.hits.map((hit) => [hit._id, hit._ignored])).toEqual([['real', undefined]]);
  });

  test('what no mapping foresaw keeps no alert out', async () => {
    const document = { '@timestamp': 'no time', source: { ip: 'no address' }, surprise: { deep: [1, { text: 'x' }] }, message: 'm', url: { path: 'p'.repeat(40_000) } };
    expect(await send(outgoingOf('odd', { document }))).toEqual([eachDone(1)]);
    expect((await stored('odd'))._source).toEqual(document);
  });
});

describe('versions', () => {
  test('a newer one replaces, an older or equal one is there already', async () => {
    const at = (version: number): Outgoing => outgoingOf('v', { version, document: { tokenward: { alert: { version } } } });
    expect(await send(at(5))).toEqual([eachDone(1)]);
    expect(await send(at(3))).toEqual([eachDone(1)]);
    expect(await send(at(5))).toEqual([eachDone(1)]);
    expect(await stored('v')).toMatchObject({ _version: 5, _source: { tokenward: { alert: { version: 5 } } } });
    expect(await send(at(9), at(7))).toEqual([eachDone(2)]);
    expect(await stored('v')).toMatchObject({ _version: 9, _source: { tokenward: { alert: { version: 9 } } } });
  });

  test('an event is created once in its data stream', async () => {
    const namespace = uniqueName('ns');
    const { prepared: [one] } = buildEventBulk([{ id: 'e1', document: { '@timestamp': '2026-11-22T00:00:00Z', event: { id: 'e1' } } }], namespace, 1e6);
    const answers = [await client.bulk(one!.request.lines, signal), await client.bulk(one!.request.lines, signal)];
    expect(answers).toMatchObject([{ items: [{ status: 201 }] }, { items: [{ status: 409, type: 'version_conflict_engine_exception' }] }]);
    expect(answers.map((answer) => classifyBulk(1, answer))).toEqual([eachDone(1), eachDone(1)]);
  });
});

describe('traps', () => {
  test('an id that is too long fails the whole request over there, so it is never sent', async () => {
    const documents = [outgoingOf('before'), outgoingOf('y'.repeat(513)), outgoingOf('after')];
    const lines = documents.flatMap(({ id, document }) => [JSON.stringify({ index: { _index: `${index}-2026.11`, _id: id } }), JSON.stringify(document)]);
    expect(await client.bulk(lines, signal)).toEqual({ kind: 'refused', status: 400, type: 'action_request_validation_exception' });
    expect(await send(...documents)).toEqual([eachDone(2)]);
    expect((await stored('after'))._source).toEqual({ id: 'after' });
  });

  test('a document that is refused tells nothing of itself, and its neighbours get in', async () => {
    const strict = uniqueName('strict');
    await ask('PUT', `/${strict}-2026.11`, { mappings: { dynamic: 'strict', properties: { id: { type: 'keyword' }, n: { type: 'integer' } } }, settings: { number_of_replicas: 0 } });
    const own = elasticsearchSink({ name: 'es', nodes: [], index: strict }, client);
    const documents = [outgoingOf('a'), outgoingOf('b', { document: { 'canary-4711': 1 } }), outgoingOf('c', { document: { n: 'canary-4711' } }), outgoingOf('d')];
    const { prepared: [one] } = own.build(documents);
    const answer = await own.send(one!.request, signal);
    const refused = { kind: 'refused', reason: 'mapping' };
    expect(own.classify(documents, answer)).toEqual({ kind: 'each', verdicts: [done, refused, refused, done] });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  test('a full disk over there is waited out: another 429 than overload', async () => {
    expect(await send(outgoingOf('early', { createdMs: Date.UTC(2026, 7, 1) }))).toEqual([eachDone(1)]);
    await ask('PUT', `/${index}-2026.08/_settings`, { 'index.blocks.read_only_allow_delete': true });
    const documents = [outgoingOf('late', { createdMs: Date.UTC(2026, 7, 2) }), outgoingOf('elsewhere', { createdMs: Date.UTC(2026, 8, 2) })];
    expect(await send(...documents)).toEqual([{ kind: 'each', verdicts: [{ kind: 'retry', reason: 'blocked', afterMs: 60_000 }, done] }]);
    await ask('PUT', `/${index}-2026.08/_settings`, { 'index.blocks.read_only_allow_delete': null });
    expect(await send(documents[0]!)).toEqual([eachDone(1)]);
  });
});

describe('delivery', () => {
  test('what is refused ends as a dead letter of fixed words; everything else arrives newest', async () => {
    const { effects } = opened(null);
    const events: DeliveryEvent[] = [];
    const months = uniqueName('mixed');
    await ask('PUT', `/${months}-2026.07`, { mappings: { dynamic: 'strict', properties: { id: { type: 'keyword' } } }, settings: { number_of_replicas: 0 } });
    const own = { ...elasticsearchSink({ name: 'es', nodes: [], index: months, maxBytes: 2000 }, client), close: () => Promise.resolve() };
    const timing = new ManualTiming();
    const document = (alert: Alert): Record<string, unknown> => ({ id: alert.id, ...(alert.id.endsWith('7') ? { 'canary-4711': 'canary-4711' } : {}) });
    const delivery = new Delivery(own, { ...settingsOf(effects.outbox, timing, events), outgoing: outgoingAlert(document) });
    effects.outbox.subscribe([{ sink: 'es', wants: 'every', lane: 'bulk', wake: delivery.wake }]);
    const createdMs = Date.UTC(2026, 6, 1);
    const alerts = Array.from({ length: 60 }, (_, i) => alertOf(`a${i}`, 1, { createdMs }));
    effects.commit(batchOf({ alerts }));
    effects.commit(batchOf({ alerts: alerts.slice(0, 20).map((alert) => ({ ...alert, version: 4 })) }));
    const running = delivery.start();
    await delivery.stop(60_000);
    await running;
    expect(delivery.counts).toMatchObject({ delivered: 54, refused: 6, retried: 0 });
    expect(delivery.health()).toMatchObject({ state: 'ok', waiting: 0, deadLetters: 6 });
    const letters = [...effects.outbox.deadLetters()];
    expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['mapping']));
    expect(JSON.stringify([letters, events, delivery.health()])).not.toContain('canary');
    await ask('POST', `/${months}-2026.07/_refresh`);
    const found: { hits: { hits: { _id: string; _version: number }[] } } = (await ask('POST', `/${months}-2026.07/_search`, { size: 100, version: true, _source: false })).body;
    const expected = alerts.filter(({ id }) => !id.endsWith('7')).map(({ id }) => [id, Number(id.slice(1)) < 20 ? 4 : 1]);
    expect(new Map(found.hits.hits.map((hit) => [hit._id, hit._version]))).toEqual(new Map(expected as [string, number][]));
  });
});
