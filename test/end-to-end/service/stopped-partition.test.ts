import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { sharedElasticsearch, sharedKafka } from '../../support/servers/shared.ts';
import { root } from '../../support/source.ts';
import { clean } from './checker.ts';
import type { ServiceProcess } from './child.ts';
import { makeRecords, type Layout } from './records.ts';
import { Rig, type Servers } from './rig.ts';

/** Long enough for a machine that runs the rest of the tests as well: alone the alarm takes a few seconds. */
const alarmMs = 40_000;
let servers: Servers;
let rig: Rig | null = null;
beforeAll(async () => {
  servers = { broker: (await sharedKafka()).broker, elasticsearch: (await sharedElasticsearch()).url };
}, 300_000);
afterEach(() => rig?.close(), 30_000);

/** With the first half of the records read by a life that was then killed or is still running. */
async function halfRead(layout: Layout, seed: number): Promise<{ at: Rig; service: ServiceProcess; half: number }> {
  const at = rig = await Rig.open(servers, makeRecords({ seed, users: 30, days: 8, callsADay: 4, stolenCalls: 25 }, layout));
  const half = Math.ceil(at.records.messages.length / 2);
  await at.produce(0, half);
  const service = at.start();
  await service.settled();
  return { at, service, half };
}

/** Waits for the alarm: in the answer to who asks, in the log, and in the metrics. */
async function alarm(service: ServiceProcess, feed: string): Promise<void> {
  await service.address();
  await service.until(`${feed} is stopped`, async () => (await service.ready()).sources.some(({ detail }) => detail.includes(`${feed} is stopped`)), alarmMs);
  expect(service.lines.filter((line) => line['event.action'] === 'feed_stopped').map(({ tokenward }) => tokenward?.['feed'])).toContain(feed);
  expect(await service.metric('tokenward_feeds_stopped', 'source="cloud-0"')).toBe(1);
}

/** The alerts that all but these users' records give rise to. */
function idsWithout(at: Rig, isHurt: (user: number) => boolean): string[] {
  return at.oracle.filter(({ tokenward }) => !isHurt(Number(/user(\d+)$/.exec(tokenward.identity.id)![1]))).map(({ event }) => event.id);
}

async function othersGoOn(at: Rig, service: ServiceProcess, isHurt: (user: number) => boolean): Promise<void> {
  const expected = idsWithout(at, isHurt);
  expect(expected.length).toBeGreaterThan(10);
  await service.until('the others go on', async () => {
    const found = new Set((await at.searched()).map(({ document }) => document.event.id));
    return expected.every((id) => found.has(id));
  });
  const { search } = await at.check();
  expect(search.extra).toEqual([]);
}

test('offsets deleted in Kafka: nobody asks for them', async () => {
  const { at, service, half } = await halfRead({ topics: 2, partitions: 1 }, 31);
  expect((await service.stop()).code).toBe(0);
  await at.admin.deleteGroups([0, 1].map((source) => `${at.index}.cloud-${source}`));
  await at.produce(half);
  const next = at.start();
  await next.settled();
  expect(await at.check()).toEqual({ search: clean, topic: clean, webhook: clean });
}, 150_000);

test('records deleted before they were read: the partition stops, also in the next life, and others go on', async () => {
  const { at, service, half } = await halfRead({ topics: 1, partitions: 3 }, 32);
  await service.kill();
  await at.produce(half);
  const offsets = await at.admin.fetchTopicOffsets(at.topics[0]!);
  await at.admin.deleteTopicRecords({ topic: at.topics[0]!, partitions: [{ partition: 0, offset: offsets.find(({ partition }) => partition === 0)!.high }] });
  for (let life = 0; life < 2; life++) {
    const next = at.start();
    await alarm(next, `kafka/${at.topics[0]}/0`);
    await othersGoOn(at, next, (user) => user % 3 === 0);
    expect((await next.stop()).code).toBe(0);
  }
}, 180_000);

test('an operator lets the only partition go on: it was not ready before, is after, and stays so in the next life', async () => {
  const { at, service, half } = await halfRead({ topics: 1, partitions: 1 }, 34);
  await service.kill();
  await at.produce(half);
  const [topic] = at.topics as [string];
  const { high } = (await at.admin.fetchTopicOffsets(topic))[0]!;
  await at.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: `${Number(high) - 3}` }] });
  const feed = `kafka/${topic}/0`;
  const next = at.start();
  await alarm(next, feed);
  const address = await next.address();
  expect((await fetch(`${address}/readyz`)).status).toBe(503);
  expect(await feeds(at, next, ['list'])).toMatchObject({ code: 0, out: expect.stringContaining(`${feed}`) as string });
  expect(await feeds(at, next, ['go-on', feed])).toMatchObject({ code: 2, err: expect.stringContaining('--reason') as string });
  expect(await feeds(at, next, ['go-on', 'kafka/elsewhere/0', '--reason', 'so'])).toMatchObject({ code: 1, err: expect.stringContaining('no feed of this name') as string });
  expect(await feeds(at, next, ['go-on', feed, '--reason', 'retention was too short'])).toEqual({ code: 0, out: '', err: `${feed} goes on at ${Number(high) - 3}\n` });
  await next.until('it is read again', async () => (await fetch(`${address}/readyz`)).status === 200 && (await next.ready()).sources[0]!.lagRecords === 0);
  expect(await next.metric('tokenward_feeds_stopped')).toBe(0);
  expect(await next.metric('tokenward_records_total', 'outcome="event"')).toBe(3);
  expect(next.lines.map((line) => line['event.action'])).toContain('feed_went_on');
  await next.kill();
  const last = at.start();
  await last.settled();
  expect(await feeds(at, last, [])).toMatchObject({ code: 0, out: expect.stringMatching(/reads[^]*retention was too short/) as string });
}, 180_000);

/** `tokenward feeds`, told where the service listens as an operator with a fixed port would be. */
async function feeds(at: Rig, service: ServiceProcess, words: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const port = new URL(await service.address()).port;
  const env = { ...process.env, TOKENWARD_SERVER__LISTEN: `127.0.0.1:${port}`, NO_COLOR: '1' };
  const run = spawn(process.execPath, [join(root, 'src/main.ts'), 'feeds', ...words, '-c', join(at.folder, 'tokenward.yaml')], { env });
  const text = { out: '', err: '' };
  run.stdout.on('data', (chunk: Buffer) => { text.out += chunk.toString(); });
  run.stderr.on('data', (chunk: Buffer) => { text.err += chunk.toString(); });
  const [code] = await once(run, 'close') as [number | null];
  return { code, ...text };
}

test('a topic made anew while it is read: it stops, the other topic goes on', async () => {
  const { at, service, half } = await halfRead({ topics: 2, partitions: 1 }, 33);
  const topic = at.topics[0]!;
  await at.admin.deleteTopics({ topics: [topic] });
  await alarm(service, `kafka/${topic}/0`);
  await expect.poll(() => at.admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] }).catch(() => false), { timeout: 30_000 }).toBe(true);
  await at.produce(half);
  await othersGoOn(at, service, (user) => user % 2 === 0);
  expect((await service.ready()).sources[0]!.detail).toContain('is stopped');
}, 180_000);
