import { afterEach, beforeAll, expect, test } from 'vitest';
import { Chance } from '../../support/logs/random.ts';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { makeCompany, makeRecords } from './records.ts';
import { Rig, type Servers } from './rig.ts';
import { die, finish, killAtPoints, killAtRandom } from './series.ts';

// The real program is killed again and again over one data folder. In the end every place has exactly what an
// uninterrupted `replay` of the same records finds.
let servers: Servers;
let rig: Rig | null = null;
beforeAll(async () => {
  servers = { broker: (await sharedKafka()).broker, elasticsearch: (await sharedElasticsearch()).url };
}, 300_000);
afterEach(() => rig?.close(), 30_000);

test('at each named point between reading and telling Kafka, twice', async () => {
  rig = await Rig.open(servers, makeRecords({ seed: 11, users: 60, days: 10, callsADay: 4, stolenCalls: 30 }, { topics: 3, partitions: 1 }));
  expect(rig.oracle.length).toBeGreaterThan(40);
  await killAtPoints(rig, 2);
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect(rig.logs).not.toContain('journal_abandoned');
}, 180_000);

test('twenty-five times at any moment, while records come', async () => {
  rig = await Rig.open(servers, makeRecords({ seed: 12, users: 60, days: 10, callsADay: 4, stolenCalls: 30 }, { topics: 3, partitions: 1 }));
  await killAtRandom(rig, 25, new Chance(12));
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  expect(rig.logs).not.toContain('journal_abandoned');
}, 180_000);

test('in the middle of a backlog of three sources that know each other\'s tokens', async () => {
  rig = await Rig.open(servers, makeCompany(8));
  await rig.produce();
  const points = [['mid batch', 700], ['during restore', 30], ['before effects', 40], ['after effects', 2], ['mid batch', 300], ['during restore', 5], ['after delivery', 2]] as const;
  for (const [place, [point, pass]] of points.entries()) {
    // A journal to follow is left by a life that made no checkpoint.
    await die(rig, { point, pass, holdsCheckpoints: points[place + 1]?.[0] === 'during restore' }, [0, 0]);
  }
  await finish(rig);
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
}, 120_000);
