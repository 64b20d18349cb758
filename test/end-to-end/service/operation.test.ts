import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Canaries, canariesIn } from '../../support/logs/canaries.ts';
import { freePorts } from '../../support/servers/process.ts';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { clean } from './checker.ts';
import { makeRecords, type Records } from './records.ts';
import { Rig, secret, type Servers } from './rig.ts';

const stopLimitMs = 10_000;
const layout = { topics: 2, partitions: 1 };
let servers: Servers;
let rig: Rig | null = null;
beforeAll(async () => {
  servers = { broker: (await sharedKafka()).broker, elasticsearch: (await sharedElasticsearch()).url };
}, 300_000);
afterEach(() => rig?.close(), 30_000);

/** The same records with a secret wherever one could stand. */
function planted(records: Records, canaries: Canaries): Records {
  return { ...records, messages: records.messages.map((message) => ({ ...message, value: JSON.stringify(canaries.plant(JSON.parse(message.value))) })) };
}

test('it answers whether it lives, is ready and how it fares; no secret comes out anywhere', async () => {
  const canaries = new Canaries();
  rig = await Rig.open(servers, planted(makeRecords({ seed: 41, users: 20, days: 6, callsADay: 4, stolenCalls: 20 }, layout), canaries));
  const service = rig.start();
  await rig.produce();
  await service.settled();
  const address = await service.address();
  const status = async (path: string): Promise<number> => (await fetch(`${address}${path}`)).status;
  expect([await status('/healthz'), await status('/readyz'), await status('/metrics'), await status('/elsewhere')]).toEqual([200, 200, 200, 404]);
  expect(await service.metric('tokenward_records_total', 'outcome="event"')).toBe(rig.records.messages.length);
  expect(await service.metric('tokenward_alerts_total')).toBe(rig.oracle.length);
  expect(await service.metric('tokenward_outbox_rows')).toBe(0);
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
  const seen = [JSON.stringify(await rig.searched()), JSON.stringify(rig.told), JSON.stringify(await service.ready()), await service.metrics()];
  expect((await service.stop()).code).toBe(0);
  expect(service.lines.map((line) => line['event.action'])).toContain('listening');
  const store = ['effects.db', 'state.db'].map((name) => readFileSync(join(rig!.folder, 'store', name)));
  expect(canaries.planted).toBeGreaterThan(1000);
  for (const output of [service.text, ...seen, ...store]) {
    expect(canariesIn(Buffer.from(output))).toEqual([]);
    expect(Buffer.from(output).includes(secret.slice(6))).toBe(false);
  }
}, 60_000);

test('stopped in the middle of work it commits, checkpoints and ends in time; the next life goes on from there', async () => {
  rig = await Rig.open(servers, makeRecords({ seed: 42, users: 60, days: 10, callsADay: 4, stolenCalls: 25 }, layout));
  await rig.produce();
  for (let life = 0; life < 3; life++) {
    const service = rig.start({ burnMs: 1 });
    await service.address();
    await service.until('it has begun', async () => (await service.metric('tokenward_records_total')) > 100);
    const { code, tookMs } = await service.stop();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(stopLimitMs);
  }
  const service = rig.start();
  await service.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
}, 90_000);

test('while Kafka cannot be reached it says so, and can be stopped', async () => {
  rig = await Rig.open(servers, makeRecords({ seed: 43, users: 5, days: 3, callsADay: 2, stolenCalls: 5 }, layout));
  const [port] = await freePorts(1);
  rig.configure({ broker: `127.0.0.1:${port}` });
  const service = rig.start();
  await service.until('it says so', async () => (await service.ready()).reasons.some((reason) => reason.startsWith('source cloud-0')));
  expect((await fetch(`${await service.address()}/readyz`)).status).toBe(503);
  const { code, tookMs } = await service.stop();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(stopLimitMs);
}, 60_000);

test('a second instance over the same folder is refused, and the first does not mind', async () => {
  rig = await Rig.open(servers, makeRecords({ seed: 44, users: 10, days: 4, callsADay: 3, stolenCalls: 10 }, layout));
  const first = rig.start();
  await first.address();
  const second = rig.start();
  const { code } = await second.ended;
  expect(code).not.toBe(0);
  expect(second.text).toContain('store');
  await rig.produce();
  await first.settled();
  expect(await rig.check()).toEqual({ search: clean, topic: clean, webhook: clean });
}, 60_000);
