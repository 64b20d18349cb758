import { randomBytes } from 'node:crypto';
import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError, readRecords } from '../../src/ingest/files.ts';
import type { ReadOptions } from '../../src/ingest/files.ts';
import type { Origin } from '../../src/ingest/record.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
/** A fresh folder with these files in it. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const at = join(folder, `${made++}`);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(at, name, '..'), { recursive: true });
    writeFileSync(join(at, name), content);
  }
  return at;
}

/** `path: text` of each record and `path! reason` of each refusal, in order. */
async function read(paths: string[], options?: ReadOptions): Promise<string[]> {
  const out: string[] = [];
  for await (const batch of readRecords(paths, options)) {
    for (const item of batch) {
      const line = 'reason' in item ? `${item.path}! ${item.reason}` : `${item.origin.path}: ${Buffer.from(item.bytes).toString()}`;
      out.push(line.replace(folder, '').replace(/^\/\d+\//, ''));
    }
  }
  return out;
}

async function origins(paths: string[], options?: ReadOptions): Promise<Origin[]> {
  const found = new Set<Origin>();
  for await (const batch of readRecords(paths, options)) for (const item of batch) if ('origin' in item) found.add(item.origin);
  return [...found];
}

async function* chunksOf(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('paths', () => {
  it('walks folders in byte order of their names, the given paths in their order', async () => {
    const at = folderOf({ 'b.log': '1', 'B.log': '2', 'a/z.log': '3', 'a/é.log': '4', 'a/\u{1f600}': '5', 'a/\uffee': '6', '.hidden': '7', empty: '' });
    expect(await read([at])).toEqual(['.hidden: 7', 'B.log: 2', 'a/z.log: 3', 'a/é.log: 4', 'a/\uffee: 6', 'a/\u{1f600}: 5', 'b.log: 1']);
    expect(await read([join(at, 'b.log'), join(at, 'a/z.log')])).toEqual(['b.log: 1', 'a/z.log: 3']);
  });
  it('names a file as it was given', async () => {
    const at = folderOf({ 'x/y.log': '1' });
    expect((await origins([`${at}/`]))[0]?.path).toBe(`${at}/x/y.log`);
    expect((await origins([`${at}/./x`]))[0]?.path).toBe(`${at}/./x/y.log`);
  });
  it('follows links, but not in circles', async () => {
    const at = folderOf({ 'x/y.log': '1' });
    symlinkSync(at, join(at, 'x', 'up'));
    symlinkSync(join(at, 'x', 'y.log'), join(at, 'link.log'));
    symlinkSync(join(at, 'nowhere'), join(at, 'dangling'));
    expect(await read([at])).toEqual(['dangling! unreadable', 'link.log: 1', 'x/y.log: 1']);
  });
  it('a path that is not there is an error of usage, before anything is read', async () => {
    const at = folderOf({ 'y.log': '1' });
    await expect(read([at, join(at, 'none')])).rejects.toThrow(InputError);
  });
  it('reads standard input as `-`', async () => {
    const stdin = chunksOf('{"a"', ':1}\nte', 'xt');
    expect(await read(['-'], { stdin })).toEqual(['-: {"a":1}', '-: text']);
    const [origin] = await origins(['-'], { stdin: chunksOf('x'), sourceOf: (path) => `source of ${path}` });
    expect(origin).toMatchObject({ path: '-', modifiedMs: null, source: 'source of -' });
  });
});

describe('identity', () => {
  it('is length and first 4 KiB, whatever the path', async () => {
    const head = 'x'.repeat(4096);
    const at = folderOf({ a: `${head}1`, b: `${head}2`, c: `${head}12`, d: `y${head}` });
    const [a, b, c, d] = await origins([at]);
    expect(a!.identity).toMatch(/^[\w-]{22}$/);
    expect(b!.identity).toBe(a!.identity);
    expect(c!.identity).not.toBe(a!.identity);
    expect(d!.identity).not.toBe(a!.identity);
    expect([a, b, c, d].map((one) => one!.place)).toEqual([0, 1, 2, 3]);
    expect(a!.modifiedMs).toBeGreaterThan(0);
  });
});

describe('compression', () => {
  const lines = Array.from({ length: 8_000 }, (_, n) => `{"n":${n},"x":"${randomBytes(9).toString('hex')}"}`);
  const text = `${lines.join('\n')}\n`;

  it('is opened by name and by its first bytes', async () => {
    const at = folderOf({ 'a.gz': gzipSync(text), b: gzipSync(text), 'c.zst': zstdCompressSync(text), d: zstdCompressSync(text) });
    const expected = ['a.gz', 'b', 'c.zst', 'd'].flatMap((name) => lines.map((line) => `${name}: ${line}`));
    expect(await read([at])).toEqual(expected);
  });
  it('takes several compressed parts one after another', async () => {
    const at = folderOf({ 'a.gz': Buffer.concat([gzipSync('1\n'), gzipSync('2\n')]), 'b.zst': Buffer.concat([zstdCompressSync('3\n'), zstdCompressSync(''), zstdCompressSync('4\n')]) });
    expect(await read([at])).toEqual(['a.gz: 1', 'a.gz: 2', 'b.zst: 3', 'b.zst: 4']);
  });
  it.each([['a.gz', gzipSync(text)], ['a.zst', zstdCompressSync(text)]])('what was read before %s ends too early counts', async (name, whole) => {
    const at = folderOf({ [name]: whole.subarray(0, whole.length >> 1), 'z.log': 'next' });
    const first = await read([at]);
    expect(first.slice(-2)).toEqual([`${name}! bad_compression`, 'z.log: next']);
    expect(first.length).toBeGreaterThan(1_000);
    expect(first.slice(0, 1_000)).toEqual(lines.slice(0, 1_000).map((line) => `${name}: ${line}`));
    expect(await read([at])).toEqual(first);
  });
  it('what is not compressed at all, or damaged, is refused', async () => {
    const damaged = Buffer.from(gzipSync(text));
    damaged.fill(0x55, damaged.length - 20_000, damaged.length - 19_900);
    const at = folderOf({ 'a.gz': 'text', 'b.zst': 'text', 'c.gz': damaged, 'd.gz': '' });
    const out = await read([at]);
    expect(out.slice(0, 2)).toEqual(['a.gz! bad_compression', 'b.zst! bad_compression']);
    expect(out.slice(-2)).toEqual(['c.gz! bad_compression', 'd.gz! bad_compression']);
    expect(out[2]).toBe(`c.gz: ${lines[0]}`);
  });
  it('a bomb without a newline costs no memory', async () => {
    const zeros = zstdCompressSync(Buffer.alloc(128 << 20, 'x'));
    const gzipped = gzipSync(Buffer.alloc(32 << 20, 'x'));
    expect(zeros.length).toBeLessThan(100_000);
    const at = folderOf({ 'a.zst': Buffer.concat([gzipSync('ok\n'), gzipped]), 'b.zst': zeros });
    const before = process.memoryUsage().rss;
    expect(await read([at])).toEqual(['a.zst: ok', 'a.zst! too_large', 'b.zst! too_large']);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 << 20);
  });
});

describe('size', () => {
  it('holds one record of a long list at a time', async () => {
    const record = `{"eventVersion":"1.08","filler":"${'y'.repeat(1_000)}"}`;
    const block = Array.from({ length: 1_000 }, () => record).join(',');
    async function* stdin(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"Records":[');
      for (let n = 0; n < 50; n++) yield Buffer.from(`${n === 0 ? '' : ','}${block}`);
      yield Buffer.from(']}');
    }
    const before = process.memoryUsage().rss;
    let count = 0;
    for await (const batch of readRecords(['-'], { stdin: stdin() })) {
      for (const item of batch) if ('bytes' in item && item.bytes.length === record.length && item.index === count) count++;
    }
    expect(count).toBe(50_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 << 20);
  });
  it('counts the bytes of the files', async () => {
    const at = folderOf({ a: '12345\n', b: '{"x":1}' });
    const reading = readRecords([at]);
    for await (const batch of reading) expect(batch.length).toBeLessThan(3);
    expect([reading.bytesRead, reading.bytesTotal]).toEqual([13, 13]);
  });
});

describe('what is no log', () => {
  it('refuses a binary file once', async () => {
    const at = folderOf({ 'a.bin': Buffer.concat([Buffer.from('\x7fELF\0\0\n\n'), randomBytes(9_000)]), 'b.json': '{"a":"\0"}\n{"b":1}' });
    expect(await read([at])).toEqual(['a.bin! unknown_format', 'b.json: {"a":"\0"}', 'b.json: {"b":1}']);
  });
});
