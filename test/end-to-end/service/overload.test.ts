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
  const records = makeRecords({ seed: 51, users: 60, days: 8, callsADay: 4, stolenCalls: 20 }, { topics: 2, partitions: 1 });
  rig = await Rig.open(servers, padded(records, 50_000));
  // So slowed that it takes 400 records a second at most.
  const service = rig.start({ burnMs: 2 });
  const { peakLag, peakWaitingBytes, growthBytes } = await overload(rig, service, 300, 1200);
  expect(peakLag).toBeGreaterThan(1000);
  expect(growthBytes).toBeLessThan(0.75 * peakWaitingBytes);
  await service.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect((await service.stop()).code).toBe(0);
}, 120_000);
