import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RowTable } from '../../src/state/rows.ts';
import { openStore } from '../../src/store/open.ts';
import { crashNames, crashState } from './crash-support.ts';
import { makeFolder } from './support.ts';

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

/** Lets the writer run and kills it a while after it said a word. Answers the last commit that it called durable. */
async function runAndKill(dir: string, word: RegExp, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { errors += text; });
  let output = '';
  let timer: NodeJS.Timeout | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (word.test(output)) timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
  });
  await once(child, 'close');
  expect([child.signalCode, errors]).toEqual(['SIGKILL', '']);
  return Number(output.slice(0, output.lastIndexOf('\n')).match(/\d+/g)?.at(-1));
}

/** What must hold of a store however its writer ended. */
async function check(dir: string, durable: number): Promise<number> {
  const { effects, state, seed, close } = openStore(dir);
  const last = effects.lastChange();
  const covered = state.change();
  expect(last).toBeGreaterThanOrEqual(durable);
  expect(effects.counters()['events']).toBe(last);
  expect(covered).toBeLessThanOrEqual(last);
  expect(effects.journalSince(covered).length).toBe(last - covered);
  if (covered > 0) {
    expect(state.positions()).toEqual(new Map([['feed', String(covered)]]));
    const table = new RowTable('identity', { counting: crashState }, seed);
    table.load(state.rows('identity'));
    const cursor = table.cursor<typeof crashState.fields>('counting');
    for (const name of crashNames) {
      table.bind(table.find(name));
      if (cursor.count !== covered || cursor.twin !== covered) expect([name, cursor.count, cursor.twin]).toEqual([name, covered, covered]);
    }
  }
  await close();
  return covered;
}

test('killed ten times at any moment, the store opens with whole rows and no effect lost', { timeout: 60_000 }, async () => {
  const dir = makeFolder();
  const covered: number[] = [];
  for (let n = 0; n < 10; n++) {
    // Every other time before or during the first checkpoint. Delays spread over 0 to 150 ms.
    const durable = await runAndKill(dir, n % 2 === 0 ? /\d/ : /checkpoint/, ((n * 0.6180339887) % 1) * 150);
    covered.push(await check(dir, durable));
  }
  expect(covered.at(-1)).toBeGreaterThan(0);
});
