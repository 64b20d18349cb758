import { expect, test } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import type { GoOnFrom, LiveSource, Receiver, RestartableSource } from '../../src/ingest/live.ts';
import type { Observer } from '../../src/service/parts.ts';
import { Restarts } from '../../src/service/restarts.ts';
import { Service } from '../../src/service/service.ts';
import { configure, temporaryFolder } from '../end-to-end/support.ts';
import { giveWay, silent, steppingClock, unchanging, uncommanded } from './support.ts';

const feed = 'log/0';
const startMs = Date.UTC(2026, 5, 1);

/** A log of the records from `low` to before `high`. It stops where its position is none of them. */
class ShortLog implements RestartableSource {
  readonly name = 'short';
  readonly read: number[] = [];
  stoppedBecause: string | null = null;
  /** Called when it goes on. */
  wentOn: () => void = () => undefined;
  readonly #low: number;
  readonly #high: number;
  #receiver: Receiver | null = null;

  constructor(low: number, high: number) {
    this.#low = low;
    this.#high = high;
  }

  async start(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    void this.#follow(receiver);
  }

  async #follow(receiver: Receiver): Promise<void> {
    const from = Number(receiver.positionOf(feed) ?? this.#low);
    if (from < this.#low) {
      this.stoppedBecause = 'records were deleted';
      return receiver.stopped(feed, this.stoppedBecause);
    }
    for (let at = from; at < this.#high; at++) {
      this.read.push(at);
      await receiver.deliver([{ feed, source: this.name, position: `${at + 1}`, items: [], receivedMs: startMs, bytes: 0 }]);
    }
  }

  feeds() { return [{ feed, position: null, lag: null, stoppedBecause: this.stoppedBecause }]; }
  async placeToGoOn(_: string, from: GoOnFrom): Promise<string | null> {
    const place = from === 'earliest' ? this.#low : from === 'end' ? this.#high : from;
    return place < this.#low || place > this.#high ? null : `${place}`;
  }

  goOn(): void {
    this.wentOn();
    this.stoppedBecause = null;
    void this.#follow(this.#receiver!);
  }

  pause(): void {}
  resume(): void {}
  async checkpointed(): Promise<void> {}
  health() { return { ok: true, lastFetchMs: null, lag: null, detail: '' }; }
  async stop(): Promise<void> {}
}

interface Life { readonly assembly: Assembly; readonly service: Service; readonly restarts: Restarts; end(): Promise<void> }

function begin(dataDir: string, source: LiveSource, observer: Partial<Observer> = {}): Life {
  const assembly = assemble({ configuration: configure(''), dataDir, format: null, onEvent: () => undefined, warn: () => undefined });
  const { loop, effects, positions, normalizer, store } = assembly;
  const parts = { sources: [source], effects, positions, clock: steppingClock(startMs, 1), observer: { ...silent, ...observer } };
  const restarts = new Restarts({ ...parts, store: store.effects });
  const service = new Service({ ...parts, loop, normalizer, restarts, isFull: () => false, settings: unchanging, commands: uncommanded, checkpointEveryMs: 1e9 });
  const running = service.run();
  return { assembly, service, restarts, async end() {
    service.stop();
    await running;
    await store.close();
  } };
}

/** A folder in which the log was read up to record 3. */
async function readTo3(): Promise<string> {
  const folder = temporaryFolder();
  const life = begin(folder, new ShortLog(0, 3));
  while (life.assembly.positions.of(feed) !== '3') await giveWay();
  await life.end();
  return folder;
}

async function untilStopped(source: ShortLog): Promise<void> {
  while (source.stoppedBecause === null) await giveWay();
}

test.each([['earliest', 10], ['end', 14], [12, 12]] as const)('a stopped feed goes on from %s, and the position is durable before that', async (from, place) => {
  const folder = await readTo3();
  const source = new ShortLog(10, 14);
  const told: string[] = [];
  const { assembly, restarts, end } = begin(folder, source, { wentOn: (name) => told.push(name) });
  await untilStopped(source);
  let durable: string | undefined;
  source.wentOn = () => { durable = assembly.store.state.positions().get(feed); };
  expect(await restarts.goOn({ feed, from, reason: 'the disk was full', actor: 'ann' })).toEqual({ kind: 'done', position: `${place}` });
  expect(durable).toBe(`${place}`);
  while (assembly.positions.of(feed) !== '14') await giveWay();
  expect(source.read).toEqual([10, 11, 12, 13].filter((at) => at >= place));
  expect(told).toEqual([feed]);
  expect(restarts.decisions()).toEqual([{ timeMs: expect.any(Number) as number, feed, position: `${place}`, reason: 'the disk was full', actor: 'ann' }]);
  const { responses } = assembly.store.effects;
  expect([responses.command(1), responses.pendingCommands()]).toEqual([{ kind: 'go-on', feed, position: `${place}` }, []]);
  await end();
});

test('a decision holds in the next life, which may need another', async () => {
  const folder = await readTo3();
  for (const low of [10, 20]) {
    const source = new ShortLog(low, low + 4);
    const { assembly, restarts, end } = begin(folder, source);
    await untilStopped(source);
    await restarts.goOn({ feed, from: 'earliest', reason: 'again', actor: 'ann' });
    while (assembly.positions.of(feed) !== `${low + 4}`) await giveWay();
    expect(restarts.decisions()).toHaveLength(low / 10);
    await end();
    expect(source.read).toHaveLength(4);
  }
});

test('what cannot be done is refused and changes nothing', async () => {
  const folder = await readTo3();
  const source = new ShortLog(10, 14);
  const { assembly, restarts, end } = begin(folder, source);
  await untilStopped(source);
  const ask = (name: string, from: GoOnFrom) => restarts.goOn({ feed: name, from, reason: 'so', actor: 'ann' });
  expect(await ask('log/1', 'earliest')).toEqual({ kind: 'refused', why: 'unknown_feed' });
  expect(await ask(feed, 9)).toEqual({ kind: 'refused', why: 'no_such_place' });
  const both = await Promise.all([ask(feed, 'earliest'), ask(feed, 'end')]);
  expect(both).toEqual([{ kind: 'done', position: '10' }, { kind: 'refused', why: 'not_stopped' }]);
  expect(await ask(feed, 'earliest')).toEqual({ kind: 'refused', why: 'not_stopped' });
  while (assembly.positions.of(feed) !== '14') await giveWay();
  source.stoppedBecause = 'once more';
  await end();
  expect(await ask(feed, 'earliest')).toEqual({ kind: 'refused', why: 'stopping' });
  expect(assembly.positions.of(feed)).toBe('14');
});

test('inputs that come in another order than before a crash are told, once', async () => {
  const folder = temporaryFolder();
  const first = assemble({ configuration: configure(''), dataDir: folder, format: null, onEvent: () => undefined, warn: () => undefined });
  first.loop.takeAll('log/9', '1', []);
  // A command stands in the journal only as a note: what is expected goes on behind it.
  first.effects.consumed({ kind: 'command', number: 1 });
  first.loop.takeAll('log/8', '1', []);
  first.loop.commit();
  await first.store.close();
  let diverged = 0;
  const notes: string[] = [];
  const source = new ShortLog(0, 3);
  const start = source.start.bind(source);
  source.start = async (receiver) => {
    await receiver.deliver([]);
    void receiver.deliver([{ feed: 'log/9', source: 'short', position: '1', items: [], receivedMs: startMs, bytes: 0 }]);
    receiver.gone('log/8');
    await start(receiver);
  };
  const { assembly, end } = begin(folder, source, { diverged: () => { diverged++; }, note: (action) => notes.push(action) });
  expect(assembly.loop.expected).toEqual({ kind: 'read', feed: 'log/9', count: 1 });
  while (assembly.positions.of(feed) !== '3') await giveWay();
  expect([diverged, notes]).toEqual([1, ['journal_abandoned']]);
  await end();
});
