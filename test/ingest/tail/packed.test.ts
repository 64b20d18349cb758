import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../store/support.ts';
import { lines, pause, quietMs, Reader, tailing, text } from './support.ts';

describe('compressed files', () => {
  it.each([['gz', gzipSync], ['zst', zstdCompressSync]])('that were read before (%s) add nothing, over a restart too', async (extension, compress) => {
    const folder = makeFolder();
    const file = join(folder, 'a.log');
    writeFileSync(file, text(lines(0, 2000)));
    const first = await tailing([join(folder, 'a.log*')]);
    await expect.poll(() => first.reader.texts).toHaveLength(2000);
    const packed = join(folder, `a.log.1.${extension}`);
    const compressed = compress(Buffer.concat([readFileSync(file), Buffer.from(text(lines(2000, 2003)))]));
    writeFileSync(packed, compressed);
    await pause(2 * quietMs);
    expect(first.reader.texts).toHaveLength(2000);
    rmSync(file);
    await expect.poll(() => first.reader.texts.slice(2000)).toEqual(lines(2000, 2003));
    await first.source.stop();
    const second = await tailing([join(folder, 'a.log*')], new Reader(first.reader.positions));
    await pause(2 * quietMs);
    expect([second.reader.texts, second.source.health().ok]).toEqual([[], true]);
  });

  it('that are new are read through, up to where they are damaged', async () => {
    const folder = makeFolder();
    const whole = gzipSync(text(lines(0, 5000)));
    writeFileSync(join(folder, 'a.gz'), whole);
    writeFileSync(join(folder, 'b.gz'), gzipSync(text(lines(0, 5000, 'b'))).subarray(0, whole.length >> 1));
    const { reader } = await tailing([join(folder, '*.gz')]);
    await expect.poll(() => reader.texts).toContain('!bad_compression');
    expect(reader.texts.filter((one) => one.includes('file=a'))).toEqual(lines(0, 5000));
    const damaged = reader.texts.filter((one) => one.includes('file=b'));
    expect(damaged.length).toBeGreaterThan(500);
    expect(damaged).toEqual(lines(0, damaged.length, 'b'));
  });
});
