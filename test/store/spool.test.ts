import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSpool, type SpoolOptions, type SqliteSpool } from '../../src/store/spool.ts';
import { makeFolder } from './support.ts';

function opened(file = join(makeFolder(), 'spool.db'), options: SpoolOptions = {}): SqliteSpool {
  const spool = openSpool(file, options);
  onTestFinished(() => spool.close());
  return spool;
}

function append(spool: SqliteSpool, batchId: string, { source = 'edge', payload = 'p', receivedMs = 1000 } = {}): void {
  spool.append({ source, batchId, contentHash: `hash of ${batchId}`, answer: `answer to ${batchId}`, receivedMs, payload });
}

describe('entries', () => {
  it('come back in the order of arrival, each source its own, as many as fit', () => {
    const spool = opened();
    for (let n = 1; n <= 5; n++) append(spool, `b${n}`, { payload: 'x'.repeat(1000), source: n === 3 ? 'iam' : 'edge' });
    const numbers = (source: string, after: number, bytes: number): number[] => spool.after(source, after, bytes).map(({ sequence }) => sequence);
    expect([numbers('edge', 0, 1e6), numbers('edge', 0, 1), numbers('edge', 1, 2000), numbers('iam', 0, 1e6), numbers('edge', 5, 1)]).toEqual([[1, 2, 4, 5], [1], [2, 4], [3], []]);
    expect([spool.waiting('edge', 0), spool.waiting('edge', 2), spool.waiting('iam', 3)]).toEqual([4, 2, 0]);
  });

  it('take room until they are consumed, over a restart too', () => {
    const file = join(makeFolder(), 'spool.db');
    const first = opened(file, { capacityBytes: 3000 });
    append(first, 'b1', { payload: 'é'.repeat(500) });
    append(first, 'b2', { payload: 'x'.repeat(1000) });
    expect([first.usedBytes, first.freeBytes]).toEqual([2512, 488]);
    first.close();
    const second = opened(file, { capacityBytes: 3000 });
    expect([second.usedBytes, second.id]).toEqual([2512, first.id]);
    second.consumed('iam', 9);
    second.consumed('edge', 1);
    expect([second.usedBytes, second.waiting('edge', 0)]).toEqual([1256, 1]);
    second.consumed('edge', 1);
    expect(second.usedBytes).toBe(1256);
  });
});

describe('ids', () => {
  it('stay when their entries go, for a day', () => {
    const spool = opened();
    append(spool, 'b1', { receivedMs: 1000 });
    spool.consumed('edge', 1);
    expect([spool.known('edge', 'b1'), spool.known('iam', 'b1')]).toEqual([{ contentHash: 'hash of b1', answer: 'answer to b1' }, null]);
    append(spool, 'b2', { receivedMs: 1000 + 24 * 3_600_000 });
    expect(spool.known('edge', 'b1')).not.toBeNull();
    append(spool, 'b3', { receivedMs: 1001 + 24 * 3_600_000 });
    expect([spool.known('edge', 'b1'), spool.known('edge', 'b2')]).toEqual([null, expect.anything()]);
  });

  it('are bounded: the oldest go', () => {
    const spool = opened(undefined, { maxRemembered: 20 });
    for (let n = 0; n < 50; n++) append(spool, `b${n}`, { receivedMs: n });
    const known = Array.from({ length: 50 }, (_, n) => spool.known('edge', `b${n}`) !== null);
    expect(known.lastIndexOf(false)).toBe(29);
    expect(known.slice(30).every(Boolean)).toBe(true);
  });
});

it('a batch and its id are kept together or not at all', () => {
  const spool = opened();
  append(spool, 'b1');
  expect(() => append(spool, 'b1')).toThrow(/UNIQUE/);
  expect([spool.waiting('edge', 0), spool.usedBytes]).toEqual([1, 257]);
});

it('what is no spool, or a damaged one, is not opened', () => {
  const file = join(makeFolder(), 'spool.db');
  writeFileSync(file, 'text that is no database at all, and long enough to be taken for one '.repeat(100));
  expect(() => openSpool(file)).toThrow(/is no store of Tokenward/);
  const other = join(makeFolder(), 'spool.db');
  const spool = openSpool(other);
  for (let n = 0; n < 50; n++) append(spool, `b${n}`, { payload: 'x'.repeat(5000) });
  spool.close();
  truncateSync(other, 100_000);
  expect(() => openSpool(other)).toThrow(/damaged/);
});
