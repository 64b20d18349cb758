import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { StoreError } from '../../src/store/error.ts';
import { loadOrCreateKey } from '../../src/store/key.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import { batchOf, checkpoint, countingTable, makeFolder, opened } from './support.ts';

const names = Array.from({ length: 300 }, (_, i) => `key ${i}`);

async function filled(): Promise<string> {
  const dir = makeFolder();
  const store = opened(dir);
  await fill(store);
  await store.close();
  return dir;
}

async function fill(store: Store): Promise<void> {
  store.effects.commit(batchOf({ counters: { events: 1 }, journal: [{ kind: 'tick', timeMs: 1 }] }));
  await checkpoint(store, countingTable(store), names, 1);
}

/** Runs SQL as something that is no Tokenward would. */
function meddle(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

function failure(dir: string, options = {}): string {
  try {
    void openStore(dir, options).close();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return (error as Error).message;
  }
  return 'opened';
}

test('without a folder the store is private, and gone after closing', async () => {
  const store = opened(null);
  await fill(store);
  expect(statSync(store.dir).mode & 0o777).toBe(0o700);
  await store.close();
  expect(existsSync(store.dir)).toBe(false);
});

test('a second writer is refused in this process and in another, until the first is closed', async () => {
  const dir = makeFolder();
  const store = opened(dir);
  expect(failure(dir)).toMatch(`${dir} is in use by another Tokenward`);
  const module = JSON.stringify(new URL('../../src/store/open.ts', import.meta.url).href);
  const script = `import { openStore } from ${module}; try { openStore(${JSON.stringify(dir)}); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stdout).toMatch(`${dir} is in use by another Tokenward`);
  await store.close();
  expect(failure(dir)).toBe('opened');
});

test('others read while one writes, and cannot write', async () => {
  const dir = makeFolder();
  const writer = opened(dir);
  await fill(writer);
  const reader = opened(dir, { readOnly: true });
  expect(reader.effects.counters()).toEqual({ events: 1 });
  expect([...reader.state.rows('identity')]).toHaveLength(300);
  writer.effects.commit(batchOf({ counters: { events: 1 } }));
  expect(reader.effects.counters()).toEqual({ events: 2 });
  expect(() => reader.effects.commit(batchOf({ counters: { events: 1 } }))).toThrow(StoreError);
  await expect(reader.state.write({ change: 0, rows: [], entities: [], positions: new Map() })).rejects.toThrow('opened for reading only');
});

test('reading where there is no store makes none', () => {
  const dir = makeFolder();
  expect(failure(dir, { readOnly: true })).toMatch('holds no store');
  expect(readdirSync(dir)).toEqual([]);
});

test.each(['effects.db', 'state.db'])('%s: lost, emptied, cut, foreign, newer or of another store', async (file) => {
  const dir = await filled();
  const path = `${dir}/${file}`;
  const kept = `${makeFolder()}/kept`;
  copyFileSync(path, kept);
  const withFile = (change: () => void): string => {
    copyFileSync(kept, path);
    change();
    return failure(dir);
  };
  expect(withFile(() => rmSync(path))).toMatch('do not belong together');
  rmSync(path);
  expect(withFile(() => truncateSync(path, 0))).toMatch('do not belong together');
  expect(withFile(() => truncateSync(path, Math.floor(statSync(path).size / 16384) * 8192))).toMatch('is damaged');
  expect(withFile(() => writeFileSync(path, 'Dear diary, '.repeat(1000)))).toMatch('is no store of Tokenward');
  expect(withFile(() => {
    rmSync(path);
    meddle(path, 'CREATE TABLE t (a)');
  })).toMatch('is no store of Tokenward');
  expect(withFile(() => meddle(path, 'PRAGMA user_version = 99'))).toMatch('newer Tokenward (schema 99');
  const other = await filled();
  expect(withFile(() => copyFileSync(`${other}/${file}`, path))).toMatch('do not belong together');
  expect(withFile(() => undefined)).toBe('opened');
});

test('effects of an older backup than the state are noticed', async () => {
  const dir = await filled();
  const kept = `${makeFolder()}/kept`;
  copyFileSync(`${dir}/effects.db`, kept);
  const store = opened(dir);
  await fill(store);
  await store.close();
  copyFileSync(kept, `${dir}/effects.db`);
  expect(failure(dir)).toMatch('is older than state.db (1 < 2)');
});

test('the fingerprint key is made once, for its owner only', () => {
  const dir = `${makeFolder()}/new`;
  const key = loadOrCreateKey(dir);
  expect(key).toHaveLength(32);
  expect(loadOrCreateKey(dir)).toEqual(key);
  expect(readdirSync(dir)).toEqual(['fingerprint.key']);
  expect(statSync(`${dir}/fingerprint.key`).mode & 0o777).toBe(0o600);
  expect(loadOrCreateKey(makeFolder())).not.toEqual(key);
  truncateSync(`${dir}/fingerprint.key`, 31);
  expect(() => loadOrCreateKey(dir)).toThrow(StoreError);
});
