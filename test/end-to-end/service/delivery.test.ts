import { afterAll, beforeAll, expect, test } from 'vitest';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { makeRecords } from './records.ts';
import { Rig } from './rig.ts';

const records = makeRecords({ seed: 3, users: 40, days: 8, callsADay: 5, stolenCalls: 30 }, { topics: 1, partitions: 4 });
let rig: Rig;
beforeAll(async () => {
  const [kafka, elasticsearch] = [await sharedKafka(), await sharedElasticsearch()];
  rig = await Rig.open({ broker: kafka.broker, elasticsearch: elasticsearch.url }, records);
}, 300_000);
afterAll(() => rig.close(), 30_000);

test('from Kafka to Elasticsearch, to a topic and to a webhook: what replay finds, each once', async () => {
  expect(rig.oracle.length).toBeGreaterThan(30);
  await rig.produce();
  const service = rig.start();
  await service.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect(await service.stop()).toMatchObject({ code: 0, signal: null });
}, 90_000);
