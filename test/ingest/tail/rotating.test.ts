import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { line, lines, pause, quietMs, Reader, tailing, text } from './support.ts';

const writer = fileURLToPath(new URL('./writer.ts', import.meta.url));

it.each(['rename', 'copy', 'gzip'])('another process writes and rotates by %s, the reader is stopped and started: every line once', { timeout: 30_000 }, async (how) => {
  const folder = makeFolder();
  const count = 6000;
  const child = spawn(process.execPath, [writer, folder, how, String(count)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(child, 'close');
  let reader = new Reader();
  const all: string[] = [];
  const files = [join(folder, 'app.log*')];
  let isWriting = true;
  void ended.then(() => { isWriting = false; });
  while (isWriting) {
    const { source } = await tailing(files, reader);
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    await source.stop();
    all.push(...reader.texts);
    reader = new Reader(reader.positions);
  }
  expect((await ended)[0]).toBe(0);
  await tailing(files, reader);
  await expect.poll(() => all.length + reader.texts.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  const seen = [...all, ...reader.texts].sort();
  expect(seen).toHaveLength(count);
  expect(seen).toEqual(Array.from({ length: count }, (_, n) => line(n)).sort());
});

describe('rotation', () => {
  it('by rename: the old file is read to its end, though it is still written to, then the new one', async () => {
    const folder = makeFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, text(lines(0, 3)));
    const { reader } = await tailing([file]);
    await expect.poll(() => reader.texts).toHaveLength(3);
    renameSync(file, join(folder, 'a.log.1'));
    appendFileSync(join(folder, 'a.log.1'), text(lines(3, 5)));
    writeFileSync(file, text(lines(10, 12)));
    await expect.poll(() => [...reader.texts].sort()).toEqual([...lines(0, 5), ...lines(10, 12)]);
    await expect.poll(() => reader.ended).toEqual([reader.feeds[0]]);
    expect(reader.feeds).toHaveLength(2);
  });

  it('by rename to a name that is followed too: nothing comes twice', async () => {
    const folder = makeFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, text(lines(0, 3)));
    const { reader } = await tailing([join(folder, 'a.log*')]);
    await expect.poll(() => reader.texts).toHaveLength(3);
    for (let n = 3; n > 1; n--) {
      renameSync(file, join(folder, `a.log.${n}`));
      writeFileSync(file, text(lines(n * 10, n * 10 + 2)));
      await expect.poll(() => reader.texts).toContain(line(n * 10 + 1));
    }
    await pause(2 * quietMs);
    expect([...reader.texts].sort()).toEqual([...lines(0, 3), ...lines(20, 22), ...lines(30, 32)]);
    expect([reader.feeds.length, reader.ended]).toEqual([3, []]);
  });

  it('by copy and truncate: begins anew, the copy counts only for what was not read', async () => {
    const folder = makeFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, text(lines(0, 3)));
    const { reader, source } = await tailing([join(folder, 'a.log*')]);
    await expect.poll(() => reader.texts).toHaveLength(3);
    copyFileSync(file, join(folder, 'a.log.1'));
    await pause(2 * quietMs);
    expect(reader.texts).toHaveLength(3);
    source.pause();
    appendFileSync(file, text(lines(3, 5)));
    copyFileSync(file, join(folder, 'a.log.1'));
    truncateSync(file);
    appendFileSync(file, text(lines(10, 12)));
    source.resume();
    await expect.poll(() => [...reader.texts].sort()).toEqual([...lines(0, 5), ...lines(10, 12)]);
    await pause(3 * quietMs);
    expect(reader.texts).toHaveLength(7);
  });

  it('by truncate with the same first line, and grown longer than before, is noticed', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, text(lines(0, 3)));
    const { reader } = await tailing([file]);
    await expect.poll(() => reader.texts).toHaveLength(3);
    writeFileSync(file, text([line(0), ...lines(20, 25)]));
    await expect.poll(() => reader.texts).toEqual([...lines(0, 3), line(0), ...lines(20, 25)]);
    writeFileSync(file, text([line(0)]));
    await expect.poll(() => reader.texts).toHaveLength(10);
    expect(reader.feeds).toHaveLength(3);
  });

  it('away in the middle of a line: the line is refused', async () => {
    const folder = makeFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, `${line(0)}\n${line(1)}`);
    const { reader } = await tailing([file]);
    renameSync(file, join(folder, 'old'));
    await expect.poll(() => reader.ended).toHaveLength(1);
    expect(reader.texts).toEqual([line(0), '!truncated']);
    expect(reader.deliveries[1]!.items[0]).toMatchObject({ offset: line(0).length + 1, length: line(1).length, path: file });
  });

  it('by truncate in the middle of a line: the line is refused after a while', async () => {
    const file = join(makeFolder(), 'a.log');
    writeFileSync(file, `${line(0)}\n${line(1)}`);
    const { reader } = await tailing([file]);
    await expect.poll(() => reader.texts).toEqual([line(0)]);
    await pause(20);
    writeFileSync(file, `${line(5)}\n`);
    await expect.poll(() => [...reader.texts].sort()).toEqual(['!truncated', line(0), line(5)]);
  });

  it('removed: what was written before is read, the source goes on', async () => {
    const folder = makeFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, text(lines(0, 3)));
    const { reader, source } = await tailing([join(folder, '*.log')]);
    appendFileSync(file, text(lines(3, 4)));
    rmSync(file);
    await expect.poll(() => reader.ended).toHaveLength(1);
    expect(reader.texts).toEqual(lines(0, 4));
    writeFileSync(join(folder, 'b.log'), text(lines(7, 8)));
    await expect.poll(() => reader.texts).toEqual([...lines(0, 4), line(7)]);
    expect([source.health().ok, reader.stops]).toEqual([true, []]);
  });
});
