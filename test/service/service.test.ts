import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import type { Delivery, LiveSource } from '../../src/ingest/live.ts';
import { Service } from '../../src/service/service.ts';
import { configure, temporaryFolder } from '../end-to-end/support.ts';
import { Chance } from '../support/logs/random.ts';
import { companyWithThefts } from '../support/logs/thefts.ts';
import { MemorySource, type MemoryFeed } from './memory-source.ts';
import { giveWay, silent, steppingClock, unasked, unchanging, uncommanded } from './support.ts';

const company = companyWithThefts({ seed: 5, services: 6, days: 12, callsADay: 20, thefts: 2, stolenCalls: 60 });
const feeds: MemoryFeed[] = [
  { name: 'gateway/0', lines: company.gateway.filter((_, place) => place % 2 === 0) },
  { name: 'gateway/1', lines: company.gateway.filter((_, place) => place % 2 === 1) },
  { name: 'realm/0', lines: company.realm }, { name: 'cloud/0', lines: company.cloud },
];
const total = feeds.reduce((sum, feed) => sum + feed.lines.length, 0);
const receivedMs = Date.UTC(2026, 5, 1);


interface Life { readonly assembly: Assembly; readonly service: Service; readonly source: MemorySource; taken(): number }

const rest = { pause: () => undefined, resume: () => undefined, checkpointed: () => Promise.resolve(), health: () => ({ ok: true, lastFetchMs: null, lag: null, detail: '' }) };
const unreachable: LiveSource = { ...rest, name: 'unreachable', start: () => new Promise(() => undefined), stop: () => new Promise(() => undefined) };
let delivering = Promise.resolve();
/** Hands over one large fetch in steps, and stops only between fetches. */
const endless: LiveSource = {
  ...rest, name: 'endless', stop: () => delivering,
  start: async (receiver) => {
    const step = (at: number): Delivery => ({ feed: 'endless/0', source: 'endless', position: `${at}`, items: [], receivedMs, bytes: 0 });
    const deliver = async (): Promise<void> => { for (let at = 0; at < 50; at++) await receiver.deliver([step(at)]); };
    delivering = deliver();
  },
};

function begin(dataDir: string, seed: number, full: () => boolean = () => false, more: readonly LiveSource[] = []): Life {
  const chance = new Chance(seed);
  const assembly = assemble({ configuration: configure(''), dataDir, format: null, onEvent: () => undefined, warn: () => undefined });
  const source = new MemorySource(feeds, () => chance.whole(1, 80), receivedMs);
  let taken = 0;
  const service = new Service({
    loop: assembly.loop, effects: assembly.effects, positions: assembly.positions, normalizer: assembly.normalizer, sources: [source, ...more],
    clock: steppingClock(receivedMs, 3), observer: { ...silent, taken: (_, { events, ignored, refusals }) => { taken += events.length + ignored + refusals.length; } },
    isFull: full, settings: unchanging, commands: uncommanded, restarts: unasked, checkpointEveryMs: 2_000,
  });
  return { assembly, service, source, taken: () => taken };
}

/** What is in the store in the end, without what a batch's cut decides. */
function results({ store }: Assembly): string {
  const alerts = Array.from(store.effects.alerts(), (alert) => [alert.id, alert.version, alert.count, alert.reason, alert.evidenceFirst, alert.evidenceLast]);
  return JSON.stringify(alerts);
}

async function wholeRun(seed: number): Promise<{ text: string; alerts: number }> {
  const life = begin(temporaryFolder(), seed);
  const running = life.service.run();
  while (life.taken() < total) await giveWay();
  life.service.stop();
  await running;
  const text = results(life.assembly);
  await life.assembly.store.close();
  return { text, alerts: (JSON.parse(text) as unknown[]).length };
}

test('every record of every feed is taken once, and the thefts are found', async () => {
  const { alerts } = await wholeRun(1);
  expect(alerts).toBeGreaterThanOrEqual(company.stolen.size);
});

test('stopped and started again at any moment, nothing is taken twice or left out', async () => {
  const folder = temporaryFolder();
  let taken = 0;
  for (let life = 0; life < 6; life++) {
    const { assembly, service, taken: count } = begin(folder, 10 + life);
    const running = service.run();
    while (count() < (life < 5 ? total / 7 : total - taken)) await giveWay();
    service.stop();
    await running;
    taken += count();
    await assembly.store.close();
  }
  expect(taken).toBe(total);
  rmSync(folder, { recursive: true });
});

test('while what was found cannot be delivered, sources are paused', async () => {
  let full = true;
  const { assembly, service, source } = begin(temporaryFolder(), 3, () => full);
  const running = service.run();
  while (!source.paused) await giveWay();
  full = false;
  while (source.paused) await giveWay();
  service.stop();
  await running;
  expect(source.checkpoints).toBeGreaterThan(0);
  await assembly.store.close();
});

test('stopped while sources have much to deliver and one waits for its servers', async () => {
  const { assembly, service } = begin(temporaryFolder(), 4, () => false, [endless, unreachable]);
  const running = service.run();
  await giveWay();
  service.stop();
  await expect(running).resolves.toBeUndefined();
  await assembly.store.close();
});

test('a source that cannot be started ends the service with what it said', async () => {
  const { assembly, service } = begin(temporaryFolder(), 4, () => false, [{ ...unreachable, stop: () => Promise.resolve(), start: () => Promise.reject(new Error('no such topic')) }]);
  await expect(service.run()).rejects.toThrow('no such topic');
  await assembly.store.close();
});
