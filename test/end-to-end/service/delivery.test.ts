import { afterEach, beforeAll, expect, test } from 'vitest';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { makeCompany, makeRecords } from './records.ts';
import { Rig, type Servers } from './rig.ts';

const records = makeRecords({ seed: 3, users: 40, days: 8, callsADay: 5, stolenCalls: 30 }, { topics: 1, partitions: 4 });
let servers: Servers;
let rig: Rig | null = null;
beforeAll(async () => {
  const [kafka, elasticsearch] = [await sharedKafka(), await sharedElasticsearch()];
  servers = { broker: kafka.broker, elasticsearch: elasticsearch.url };
}, 300_000);
afterEach(() => rig?.close(), 30_000);

test('from Kafka to Elasticsearch, to a topic and to a webhook: what replay finds, each once', async () => {
  rig = await Rig.open(servers, records);
  expect(rig.oracle.length).toBeGreaterThan(30);
  await rig.produce();
  const service = rig.start();
  await service.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect(await service.stop()).toMatchObject({ code: 0, signal: null });
}, 90_000);

test('a gateway, a realm and a cloud, each a source of its own, aligned while they are behind', async () => {
  rig = await Rig.open(servers, makeCompany(7));
  expect(rig.oracle.length).toBeGreaterThan(3);
  await rig.produce();
  const service = rig.start();
  await service.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
}, 90_000);
