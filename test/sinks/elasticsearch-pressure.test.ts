import { afterAll, beforeAll, expect, test } from 'vitest';
import { Delivery, type DeliveryEvent, type Timing } from '../../src/sinks/deliver.ts';
import { outgoingAlert } from '../../src/sinks/outgoing.ts';
import { ElasticsearchClient, elasticsearchSink } from '../../src/sinks/elasticsearch.ts';
import { classifyBulk } from '../../src/sinks/elasticsearch-bulk.ts';
import { setupElasticsearch } from '../../src/sinks/elasticsearch-setup.ts';
import type { SqliteEffects } from '../../src/store/effects.ts';
import { startElasticsearch, type Elasticsearch } from '../support/servers/elasticsearch.ts';
import { alertOf, batchOf, opened } from '../store/support.ts';
import { settingsOf } from './support.ts';

// A server of its own: starved of memory and of queues, and killed.

const limitBytes = 300_000;
let server: Elasticsearch;

beforeAll(async () => {
  server = await startElasticsearch({ settings: {
    'indexing_pressure.memory.limit': `${limitBytes}b`, 'thread_pool.write.queue_size': '2', 'node.processors': '1',
  } });
}, 300_000);
afterAll(() => server.stop());

/** The machine's clock, a hundred times as fast. */
const hurried: Timing = {
  now: () => Date.now() * 100,
  random: Math.random,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs / 100);
    return () => clearTimeout(timer);
  },
};

interface Rig { readonly delivery: Delivery<unknown, never>; readonly running: Promise<void> }

/** A loop that delivers what the store holds to the server as it is now. */
function deliver(effects: SqliteEffects, index: string, events: DeliveryEvent[], text: string): Rig {
  const sink = elasticsearchSink({ name: 'es', nodes: [server.url], index, timeoutMs: 20_000 });
  const document = (alert: { id: string; version: number }): Record<string, unknown> => ({ id: alert.id, version: alert.version, message: text });
  const delivery = new Delivery(sink, { ...settingsOf(effects.outbox, hurried, events), outgoing: outgoingAlert(document) });
  effects.outbox.subscribe([{ sink: 'es', wants: 'every', lane: 'bulk', wake: delivery.wake }]);
  return { delivery: delivery as unknown as Rig['delivery'], running: delivery.start() };
}

async function emptied(effects: SqliteEffects, limitMs: number): Promise<void> {
  const untilMs = Date.now() + limitMs;
  while (effects.outbox.waiting('es') > 0) {
    if (Date.now() > untilMs) throw new Error(`${effects.outbox.waiting('es')} alerts were not delivered in time`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

/** Id and version of every document of an index. */
async function storedIn(index: string): Promise<Map<string, number>> {
  const client = new ElasticsearchClient({ nodes: [server.url] });
  await client.request('POST', `/${index}-*/_refresh`);
  const answer = await client.request('POST', `/${index}-*/_search`, { size: 10_000, version: true, _source: false });
  await client.close();
  const { hits } = (answer as { body: { hits: { hits: { _id: string; _version: number }[] } } }).body;
  return new Map(hits.hits.map((hit) => [hit._id, hit._version]));
}

test('a body over the memory limit is refused as a whole however often it comes: smaller ones get in', { timeout: 120_000 }, async () => {
  const { effects } = opened(null);
  const alerts = Array.from({ length: 300 }, (_, i) => alertOf(`a${i}`, 1));
  const events: DeliveryEvent[] = [];
  const { delivery, running } = deliver(effects, 'whole', events, 'canary-4711 '.repeat(300));
  effects.commit(batchOf({ alerts }));
  await emptied(effects, 100_000);
  await delivery.stop(1000);
  await running;
  expect(delivery.counts.failedRequests).toBeGreaterThan(0);
  expect(await storedIn('whole')).toEqual(new Map(alerts.map(({ id }) => [id, 1])));
  expect(JSON.stringify([events, delivery.health(), delivery.counts])).not.toContain('canary');
});

test('a full queue refuses some items or the whole request: both are seen, and tried again', { timeout: 120_000 }, async () => {
  const client = new ElasticsearchClient({ nodes: [server.url] });
  const kinds = new Set<string>();
  for (let round = 0; round < 40 && kinds.size < 2; round++) {
    const requests = Array.from({ length: 40 }, (_, n) => Array.from({ length: 10 }, (__, i) => [
      JSON.stringify({ index: { _index: `queue${i}-2026.11`, _id: `${round}-${n}-${i}`, version: 1, version_type: 'external' } }), '{"message":"x"}',
    ]).flat());
    for (const answer of await Promise.all(requests.map((lines) => client.bulk(lines, new AbortController().signal)))) {
      const outcome = classifyBulk(10, answer);
      if (outcome.kind === 'smaller') kinds.add(`request ${outcome.reason}`);
      else if (outcome.kind === 'each') outcome.verdicts.forEach((verdict) => { if (verdict.kind !== 'done') kinds.add(`item ${verdict.kind} ${verdict.reason}`); });
      else kinds.add(`${outcome.kind} ${outcome.reason}`);
    }
  }
  await client.close();
  expect([...kinds].sort()).toEqual(['item retry overloaded', 'request overloaded']);
});

test('killed amid bulks and back again: every alert is there once, in its newest version', { timeout: 240_000 }, async () => {
  const index = 'killed';
  const { effects } = opened(null);
  const events: DeliveryEvent[] = [];
  const client = new ElasticsearchClient({ nodes: [server.url] });
  await setupElasticsearch(client, { index, replicas: 0 });
  await client.close();
  const versions = new Map<string, number>();
  const change = (count: number): void => {
    const ids = Array.from({ length: count }, (_, i) => `a${(i * 7) % 2000}`);
    for (const id of ids) versions.set(id, (versions.get(id) ?? 0) + 1);
    effects.commit(batchOf({ alerts: [...new Set(ids)].map((id) => alertOf(id, versions.get(id)!)) }));
  };
  const before = deliver(effects, index, events, 'canary-4711');
  change(1200);
  const settled = effects.outbox.settle.bind(effects.outbox);
  let settlements = 0;
  const amid = new Promise<void>((resolve) => {
    effects.outbox.settle = (sink, answers) => {
      settled(sink, answers);
      change(100);
      if (++settlements === 3) resolve();
    };
  });
  await amid;
  await server.kill9();
  effects.outbox.settle = settled;
  change(2000);
  await before.delivery.stop(500);
  await before.running;
  expect(effects.outbox.waiting('es')).toBeGreaterThan(0);
  await server.restart();
  const after = deliver(effects, index, events, 'canary-4711');
  await emptied(effects, 120_000);
  await after.delivery.stop(1000);
  await after.running;
  expect(await storedIn(index)).toEqual(versions);
  expect([effects.outbox.deadCount('es'), JSON.stringify([events, before.delivery.health(), after.delivery.health()]).includes('canary')]).toEqual([0, false]);
});
