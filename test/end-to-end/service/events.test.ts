import { randomBytes } from 'node:crypto';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { ElasticsearchClient } from '../../../src/sinks/elasticsearch.ts';
import { setupElasticsearch } from '../../../src/sinks/elasticsearch-setup.ts';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { makeRecords, type Records } from './records.ts';
import { Rig, type Servers } from './rig.ts';
import { startSearchDoor } from './search-door.ts';

const lane = 'search/events';
const records = (seed: number): Records => makeRecords({ seed, users: 40, days: 8, callsADay: 4, stolenCalls: 30 }, { topics: 2, partitions: 1 });
let servers: Servers;
let rig: Rig | null = null;
let namespace = '';
beforeAll(async () => {
  servers = { broker: (await sharedKafka()).broker, elasticsearch: (await sharedElasticsearch()).url };
  const client = new ElasticsearchClient({ nodes: [servers.elasticsearch] });
  const steps = await setupElasticsearch(client, { replicas: 0 });
  expect(steps.find(({ step }) => step.kind === 'events')?.outcome).toBe('done');
  await client.close();
}, 300_000);
afterEach(async () => {
  await rig?.close();
  await fetch(`${servers.elasticsearch}/_data_stream/logs-tokenward.event-${namespace}`, { method: 'DELETE' });
}, 30_000);

async function openRig(seed: number, elasticsearch = servers.elasticsearch): Promise<Rig> {
  rig = await Rig.open(servers, records(seed));
  namespace = randomBytes(6).toString('hex');
  rig.configure({ eventsNamespace: namespace, elasticsearch });
  return rig;
}

/** Ids of the events that the data stream holds. */
async function kept(): Promise<string[]> {
  const stream = `${servers.elasticsearch}/logs-tokenward.event-${namespace}`;
  await fetch(`${stream}/_refresh`, { method: 'POST' });
  const { hits: { hits } } = await (await fetch(`${stream}/_search?size=10000`)).json() as { hits: { hits: { _source: { event: { id: string } } }[] } };
  return hits.map(({ _source }) => _source.event.id);
}

/** All of them, each once: ids of CloudTrail are in the records. */
async function expectAllKept(at: Rig): Promise<void> {
  const expected = at.records.messages.map(({ value }) => (JSON.parse(value) as { eventID: string }).eventID);
  expect((await kept()).sort()).toEqual([...new Set(expected)].sort());
}

test('every event is in the data stream once, though the service is killed again and again; alerts are as ever', async () => {
  const at = await openRig(51);
  await at.produce();
  for (const records of [150, 300, 450]) {
    const life = at.start({ burnMs: 1 });
    await life.until(`it has read ${records}`, async () => (await life.metric('tokenward_records_total')) > records);
    await life.kill();
    at.deaths++;
  }
  const service = at.start();
  await service.settled();
  await expectAllKept(at);
  expect(await at.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect((await service.stop()).code).toBe(0);
}, 120_000);

test('while Elasticsearch is down or refuses some, events wait, nobody else does, and none is lost', async () => {
  const door = await startSearchDoor(servers.elasticsearch);
  const at = await openRig(52, door.url);
  const service = at.start();
  const half = Math.ceil(at.records.messages.length / 2);
  door.mood = 'down';
  await at.produce(0, half);
  await service.settledIn();
  await service.until('all wait', async () => (await service.metric('tokenward_outbox_rows', `sink="${lane}"`)) === half);
  await service.until('the webhook has its alerts', async () => (await service.metric('tokenward_outbox_rows', 'sink="webhook"')) === 0 && at.told.length > 0);
  expect((await service.ready()).sinks.find(({ name }) => name === lane)).toMatchObject({ condition: 'failing', waiting: half });
  door.mood = 'picky';
  await at.produce(half);
  await service.until('some were refused', () => door.refused() > 50);
  door.mood = 'fair';
  await service.settled();
  await expectAllKept(at);
  expect(await at.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect((await service.stop()).code).toBe(0);
  await door.stop();
}, 120_000);
