import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startProxy, type Weather } from '../../support/receivers/proxy.ts';
import { startKafka, type Kafka } from '../../support/servers/kafka.ts';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { median } from '../../bench/measure.ts';
import { clean } from './checker.ts';
import { probe } from './probe.ts';
import { makeRecords, type Records } from './records.ts';
import { Rig } from './rig.ts';
import { startSearchDoor } from './search-door.ts';

const records = (seed: number): Records => makeRecords({ seed, users: 40, days: 8, callsADay: 4, stolenCalls: 30 }, { topics: 2, partitions: 1 });
const stopLimitMs = 10_000;
const allClean = { search: clean, topic: clean, webhook: clean };
let elasticsearch: string;
let ownKafka: Kafka | null = null;
let rig: Rig | null = null;
beforeAll(async () => { elasticsearch = (await sharedElasticsearch()).url; }, 300_000);
afterEach(() => rig?.close(), 30_000);
afterAll(() => ownKafka?.stop(), 30_000);

test('Elasticsearch down, then overloaded, then refusing one item in ten: nothing is lost, and the webhook is as fast as before', async () => {
  const door = await startSearchDoor(elasticsearch);
  rig = await Rig.open({ broker: (await sharedKafka()).broker, elasticsearch }, records(21));
  rig.configure({ elasticsearch: door.url });
  const service = rig.start();
  const fair = await probe(rig, service, 0, 9);
  door.mood = 'down';
  const down = await probe(rig, service, 9, 9);
  expect(door.refused()).toBeGreaterThan(0);
  const { ready, sinks } = await service.ready();
  expect([ready, sinks.find(({ name }) => name === 'search')?.condition]).toEqual([true, 'failing']);
  expect(median(down)).toBeLessThan(3 * median(fair));
  const from = rig.thefts[17]!.place + 1;
  const third = Math.ceil((rig.records.messages.length - from) / 3);
  for (const [step, mood] of (['overloaded', 'picky', 'fair'] as const).entries()) {
    door.mood = mood;
    const before = door.refused();
    await rig.produce(from + step * third, Math.min(from + (step + 1) * third, rig.records.messages.length));
    if (mood === 'fair') continue;
    await service.until(`${mood} was felt`, () => door.refused() >= before + 3);
  }
  await service.settled();
  expect(await rig.check()).toEqual(allClean);
  expect((await service.stop()).code).toBe(0);
  await door.stop();
}, 120_000);

test('connections to the sinks cut, torn and slowed', async () => {
  const search = await startProxy(Number(new URL(elasticsearch).port));
  rig = await Rig.open({ broker: (await sharedKafka()).broker, elasticsearch }, records(22));
  const hook = await startProxy(Number(new URL(rig.webhook.url).port));
  rig.configure({ elasticsearch: `http://127.0.0.1:${search.port}`, webhook: `http://127.0.0.1:${hook.port}/alerts` });
  const service = rig.start();
  const weathers: readonly Weather[] = [
    { kind: 'fair' }, { kind: 'torn', afterBytes: 3000 }, { kind: 'slow', bytesPerSecond: 40_000 }, { kind: 'cut' }, { kind: 'torn', afterBytes: 9000 }, { kind: 'fair' },
  ];
  const share = Math.ceil(rig.records.messages.length / weathers.length);
  for (const [step, weather] of weathers.entries()) {
    search.set(weather);
    hook.set(weather);
    // Whatever was under way when connections were reset may have arrived; so may what tore afterwards.
    rig.deaths += weather.kind === 'torn' ? 10 : 1;
    await rig.produce(step * share, (step + 1) * share);
    await sleep(800);
  }
  await service.settled();
  expect(await rig.check()).toEqual(allClean);
  expect((await service.stop()).code).toBe(0);
  await Promise.all([search.stop(), hook.stop()]);
}, 120_000);

test('the broker killed and back, with records waiting on both sides', async () => {
  ownKafka = await startKafka();
  rig = await Rig.open({ broker: ownKafka.broker, elasticsearch }, records(23));
  const service = rig.start();
  const half = Math.ceil(rig.records.messages.length / 2);
  await service.address();
  await rig.produce(0, half);
  await ownKafka.kill9();
  await service.until('the service notices', async () => (await service.ready()).sources.some(({ ok }) => !ok));
  await ownKafka.restart();
  rig.deaths++;
  await rig.produce(half);
  await service.settled();
  expect(await rig.check()).toEqual(allClean);
  const { code, tookMs } = await service.stop();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(stopLimitMs);
}, 120_000);
