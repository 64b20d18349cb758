/**
 * Preloaded into the real program, and by it into its threads: checkpoints come every few batches, every commit leaves a letter
 * in a file, and at one of them the process kills itself. What to do stands in the query of this module's own URL.
 */
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { DatabaseSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';

const { searchParams } = new URL(import.meta.url);
const thread = isMainThread ? 'm' : 'w';
const killAt = searchParams.get('thread') === thread ? Number(searchParams.get('commit')) : 0;
const log = searchParams.get('log');
let commits = 0;

// eslint-disable-next-line typescript/unbound-method -- called with its own receiver below
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function execute(this: DatabaseSync, sql: string): void {
  if (sql !== 'COMMIT') return exec.call(this, sql);
  commits++;
  if (commits === killAt && searchParams.get('when') === 'before') process.kill(process.pid, 'SIGKILL');
  exec.call(this, sql);
  if (log !== null) appendFileSync(log, thread);
  if (commits === killAt) process.kill(process.pid, 'SIGKILL');
};

const constants: readonly (readonly [string, RegExp, string])[] = [
  ['/src/cli/replay/checkpoints.ts', /const batchesPerLook = \d+;([^]*)const everyMs = \d+;/, 'const batchesPerLook = 4;$1const everyMs = 0;'],
  ['/src/ingest/sort/sorter.ts', /const batchEvents = \d+;/, 'const batchEvents = 96;'],
];
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const constant = constants.find(([file]) => url.endsWith(file));
    if (constant === undefined) return loaded;
    const source = Buffer.from(loaded.source as Uint8Array).toString();
    if (!constant[1].test(source)) throw new Error(`${constant[0]} has no ${constant[1]} any more: these hooks must follow it`);
    return { ...loaded, source: source.replace(constant[1], constant[2]) };
  },
});
