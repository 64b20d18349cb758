import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { line, lines, pause, quietMs, Reader, tailing, text } from './support.ts';

describe('a growing file', () => {
  it('is read from its beginning and followed', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, text(lines(0, 3)));
    const { reader, source } = await tailing([file]);
    await expect.poll(() => reader.texts).toEqual(lines(0, 3));
    appendFileSync(file, text(lines(3, 5)));
    await expect.poll(() => reader.texts).toEqual(lines(0, 5));
    const [first, second] = reader.deliveries.map(({ items }) => items[0]!);
    expect(first).toMatchObject({ origin: { path: file, source: 'edge' }, offset: 0, index: null });
    expect(second).toMatchObject({ offset: line(0).length + 1, ordinal: line(0).length + 1 });
    expect(reader.feeds).toHaveLength(1);
    expect(reader.deliveries[0]!.feed).toMatch(/^file\/[\w-]{22}$/);
    expect(reader.deliveries.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(statSync(file).size);
    await expect.poll(() => source.health()).toMatchObject({ ok: true, lag: 0, detail: 'files followed: 1' });
  });

  it('goes on behind the stored position, whatever it is called by then', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'a.log'), text(lines(0, 50)));
    const first = await tailing([join(folder, '*.log')]);
    await expect.poll(() => first.reader.texts).toHaveLength(50);
    await first.source.stop();
    renameSync(join(folder, 'a.log'), join(folder, 'b.log'));
    appendFileSync(join(folder, 'b.log'), text(lines(50, 52)));
    const positions = new Map([[first.reader.feeds[0]!, first.reader.deliveries[29]!.position]]);
    const second = await tailing([join(folder, '*.log')], new Reader(positions));
    await expect.poll(() => second.reader.texts).toEqual(lines(30, 52));
    expect(second.reader.deliveries[0]!.items[0]).toMatchObject({ offset: text(lines(0, 30)).length });
  });

  it('a line waits for its newline, a multi-byte character for its end', async () => {
    const file = join(makeFolder(), 'a.log');
    const bytes = Buffer.from(`${line(0)} café ${line(1)}\n`);
    const at = bytes.indexOf(0xc3) + 1;
    writeFileSync(file, `${line(9)}\n`);
    const { reader } = await tailing([file]);
    appendFileSync(file, bytes.subarray(0, at));
    await pause(2 * quietMs);
    expect(reader.texts).toEqual([line(9)]);
    appendFileSync(file, bytes.subarray(at));
    await expect.poll(() => reader.texts).toEqual([line(9), bytes.toString().trim()]);
  });

  it('documents over several lines, and one without a last newline, come when they are whole', async () => {
    const folder = makeFolder();
    const records = [1, 2, 3].map((n) => ({ n, filler: 'x'.repeat(40) }));
    writeFileSync(join(folder, 'pretty.json'), JSON.stringify({ Records: records }, null, 2));
    writeFileSync(join(folder, 'short.json'), '{"n":4}');
    writeFileSync(join(folder, 'open.json'), '[{"n":5},\n{"n":6');
    const { reader } = await tailing([join(folder, '*.json')]);
    const numbers = (): number[] => reader.texts.map((one) => (JSON.parse(one) as { n: number }).n).sort((a, b) => a - b);
    await expect.poll(numbers).toEqual([1, 2, 3, 4]);
    appendFileSync(join(folder, 'open.json'), `,"filler":"${'y'.repeat(40)}"}]\n`);
    appendFileSync(join(folder, 'short.json'), '\n{"n":7}\n');
    await expect.poll(numbers).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('a line that is too long is refused, the next one is read', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, `${line(0)}\n${'x'.repeat(300_000)}\n${line(1)}\n`);
    const { reader } = await tailing([file], new Reader(), { maxRecordBytes: 100_000 });
    await expect.poll(() => reader.texts).toEqual([line(0), '!too_large', line(1)]);
  });
});

describe('several files', () => {
  it('that begin alike are told apart, over a restart too', async () => {
    const folder = makeFolder();
    const [a, b] = ['a.log', 'b.log'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(a, text([line(0), line(1)]));
    writeFileSync(b, text([line(0), line(2)]));
    const first = await tailing([join(folder, '*.log')]);
    await expect.poll(() => [...first.reader.texts].sort()).toEqual([line(0), line(0), line(1), line(2)]);
    await first.source.stop();
    appendFileSync(a, text([line(3)]));
    appendFileSync(b, text([line(4)]));
    const second = await tailing([join(folder, '*.log')], new Reader(first.reader.positions));
    await expect.poll(() => [...second.reader.texts].sort()).toEqual([line(3), line(4)]);
    expect(new Set(second.reader.feeds)).toEqual(new Set(first.reader.feeds));
  });

  it('one that nobody takes does not hold up another', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'a.log'), text(lines(0, 5000)));
    const { reader } = await tailing([join(folder, '*.log')]);
    await expect.poll(() => reader.texts).toHaveLength(5000);
    let open = (): void => undefined;
    reader.gates.set(reader.feeds[0]!, new Promise((resolve) => { open = resolve; }));
    appendFileSync(join(folder, 'a.log'), text(lines(5000, 5001)));
    await pause(30);
    writeFileSync(join(folder, 'b.log'), text(lines(0, 3, 'b')));
    await expect.poll(() => reader.texts.slice(5000)).toEqual(lines(0, 3, 'b'));
    open();
    await expect.poll(() => reader.texts).toContain(line(5000));
  });

  it('are looked for by pattern, also in folders that come later', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'other.txt'), text(lines(0, 1)));
    const { reader, source } = await tailing([join(folder, '**/*.log')]);
    expect(source.health()).toMatchObject({ ok: true, detail: 'files followed: 0' });
    mkdirSync(join(folder, 'pods', 'x'), { recursive: true });
    writeFileSync(join(folder, 'pods', 'x', '0.log'), text(lines(5, 6)));
    await expect.poll(() => reader.texts).toEqual([line(5)]);
  });

  it('one that cannot be read is told of, the others are read', async () => {
    const folder = makeFolder();
    symlinkSync(join(folder, 'loop.log'), join(folder, 'loop.log'));
    writeFileSync(join(folder, 'a.log'), text(lines(0, 1)));
    const { reader, source } = await tailing([join(folder, '*.log')]);
    await expect.poll(() => reader.texts).toEqual([line(0)]);
    expect(source.health()).toMatchObject({ ok: false, detail: 'files that cannot be read: 1 (ELOOP)' });
    rmSync(join(folder, 'loop.log'));
    await expect.poll(() => source.health().ok).toBe(true);
  });
});

describe('a source', () => {
  it('that is paused delivers nothing, and is not caught up', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, text(lines(0, 1)));
    const { reader, source } = await tailing([file]);
    await expect.poll(() => reader.caughtUps.size).toBe(1);
    source.pause();
    await pause(20);
    appendFileSync(file, text(lines(1, 2)));
    await pause(20);
    reader.caughtUps.clear();
    await pause(30);
    expect([reader.texts.length, reader.caughtUps.size]).toEqual([1, 0]);
    source.resume();
    await expect.poll(() => reader.texts).toHaveLength(2);
    await expect.poll(() => reader.caughtUps.size).toBe(1);
  });

  it('is not caught up while a delivery is under way, and then as of the look that found no more', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, text(lines(0, 1)));
    let nowMs = 1000;
    const { reader } = await tailing([file], new Reader(), { now: () => nowMs });
    await expect.poll(() => [...reader.caughtUps.values()]).toEqual([1000]);
    let open = (): void => undefined;
    reader.gates.set(reader.feeds[0]!, new Promise((resolve) => { open = resolve; }));
    appendFileSync(file, text(lines(1, 2)));
    await pause(40);
    nowMs = 2000;
    reader.caughtUps.clear();
    await pause(40);
    expect(reader.caughtUps.size).toBe(0);
    nowMs = 3000;
    open();
    await expect.poll(() => [...reader.caughtUps.values()]).toEqual([3000]);
    expect(reader.texts).toHaveLength(2);
  });

  it('that stops waits for its last delivery and gives nothing more', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, text(lines(0, 20_000)));
    const { reader, source } = await tailing([file]);
    await expect.poll(() => reader.texts.length).toBeGreaterThan(0);
    await source.stop();
    const taken = reader.texts.length;
    appendFileSync(file, text(lines(20_000, 20_100)));
    await pause(30);
    expect(reader.texts).toHaveLength(taken);
    expect(reader.texts).toEqual(lines(0, taken));
  });
});
