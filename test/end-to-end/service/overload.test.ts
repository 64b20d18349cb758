import { afterEach, beforeAll, expect, test } from 'vitest';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { overload, padded } from './overload.ts';
import { makeRecords } from './records.ts';
import { Rig, type Servers } from './rig.ts';

let servers: Servers;
let rig: Rig | null = null;
beforeAll(async () => {
  servers = { broker: (await sharedKafka()).broker, elasticsearch: (await sharedElasticsearch()).url };
}, 300_000);
afterEach(() => rig?.close(), 30_000);

test('three times the load it can carry: the lag grows, the memory does not, nothing is lost, the lag goes', async () => {
  const records = makeRecords({ seed: 51, users: 80, days: 10, callsADay: 5, stolenCalls: 25 }, { topics: 2, partitions: 1 });
  rig = await Rig.open(servers, padded(records, 30_000));
  // So slowed that it takes less than 400 records a second.
  const service = rig.start({ burnMs: 2.5 });
  const { peakLag, peakWaitingBytes, growthBytes } = await overload(rig, service, 600, 1200);
  expect(peakLag).toBeGreaterThan(1500);
  expect(growthBytes).toBeLessThan(peakWaitingBytes / 2);
  await service.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect((await service.stop()).code).toBe(0);
}, 120_000);
