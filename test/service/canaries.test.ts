import { expect, test } from 'vitest';
import { canaryUses, keepCanaryUses } from '../../src/service/canary-notes.ts';
import { canaryFinder, type Canary } from '../../src/model/canary.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Canaries } from '../../src/service/canaries.ts';
import { ManualTiming } from '../sinks/support.ts';

const edge: Canary = { name: 'edge', source: 'gateway', handle: 'jti-1', fingerprint: null, client: null, everyMs: 60_000, withinMs: 30_000 };

function rig() {
  const timing = new ManualTiming();
  const [delays, missing]: [number[], boolean[]] = [[], []];
  const canaries = new Canaries({
    canaries: [edge], find: canaryFinder([edge]), timing, onUse: (_, delayMs) => delays.push(delayMs), onStored: () => undefined,
    onMissing: (_, isMissing, changed) => { if (changed) missing.push(isMissing); },
  });
  const use = (agoMs: number, part: Partial<TokenEvent> = {}): void => (
    canaries.seen({ ...emptyEvent('envoy.access', 0), source: 'gateway', tokenHandle: 'jti-1', orderMs: timing.timeMs - agoMs, ...part }));
  return { timing, canaries, delays, missing, use };
}

test('the delay is that from the use to the commit', async () => {
  const { timing, canaries, delays, use } = rig();
  canaries.start();
  use(400);
  use(100, { tokenHandle: 'somebody' });
  expect(delays).toEqual([]);
  await timing.pass(50);
  canaries.committed();
  canaries.committed();
  expect(delays).toEqual([450]);
});

test('one that is not seen in time is told once, and once more when it is back', async () => {
  const { timing, canaries, missing, use } = rig();
  canaries.start();
  await timing.pass(89_000);
  expect([missing, canaries.missing]).toEqual([[], []]);
  await timing.pass(120_000);
  expect([missing, canaries.missing]).toEqual([[true], ['edge']]);
  use(500);
  canaries.committed();
  await timing.pass(2_000);
  expect([missing, canaries.missing]).toEqual([[true, false], []]);
  for (let minute = 0; minute < 10; minute++) {
    await timing.pass(60_000);
    use(1_000);
    canaries.committed();
  }
  expect(missing).toEqual([true, false]);
});

test('uses that come, but too late, are as good as none', async () => {
  const { timing, canaries, missing, use } = rig();
  canaries.start();
  for (let minute = 0; minute < 5; minute++) {
    await timing.pass(60_000);
    use(100_000);
    canaries.committed();
  }
  expect(missing).toEqual([true]);
});

test('what was judged and is not committed has not come', async () => {
  const { timing, canaries, missing, use } = rig();
  canaries.start();
  await timing.pass(80_000);
  use(0);
  await timing.pass(20_000);
  expect(missing).toEqual([true]);
});

test('a stop ends the looking', async () => {
  const { timing, canaries, missing } = rig();
  canaries.start();
  canaries.stop();
  await timing.pass(600_000);
  expect([missing, timing.pendingMs]).toEqual([[], []]);
});

test('how each does is told, also what a former life has seen', async () => {
  const { timing, canaries, use } = rig();
  canaries.start();
  expect(canaries.views()).toMatchObject([{ name: 'edge', lastMs: null, delayMs: null, isMissing: false }]);
  expect(canaries.views({ edge: { usedMs: 5, delayMs: 7 } })).toMatchObject([{ lastMs: 5, delayMs: 7 }]);
  use(400);
  use(300);
  canaries.committed();
  expect(canaries.views({ edge: { usedMs: 5, delayMs: 7 } })).toMatchObject([{ lastMs: timing.timeMs - 300, delayMs: 300, withinMs: 30_000 }]);
});

test('what is kept of one canary leaves the others; a store that cannot be written is no matter of theirs', () => {
  let text: string | null = null;
  const store = { getMeta: () => text, setMeta: (_: string, value: string) => { text = value; } };
  keepCanaryUses(store, { edge: { usedMs: 1, delayMs: 2 } });
  keepCanaryUses(store, { inner: { usedMs: 3, delayMs: 4 } });
  expect(canaryUses(store)).toEqual({ edge: { usedMs: 1, delayMs: 2 }, inner: { usedMs: 3, delayMs: 4 } });
  expect(() => keepCanaryUses({ ...store, setMeta: () => { throw new Error('full'); } }, {})).not.toThrow();
});
