import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { line, Reader, tailing } from './support.ts';

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
