import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RowTable } from '../../src/state/rows.ts';
import { openStore } from '../../src/store/open.ts';
import { crashNames, crashState } from './crash-support.ts';
import { makeFolder } from './support.ts';

const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));

/** Lets the writer run and kills it a while after its first commit. Answers the last commit that it called durable. */
async function runAndKill(dir: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
  const exited = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), exited]);
  setTimeout(() => child.kill('SIGKILL'), afterMs);
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  const whole = output.slice(0, output.lastIndexOf('\n')).split('\n');
  return Number(whole.at(-1));
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
    // Delays spread over 0 to 250 ms, the same in each run; what they hit differs anyway.
    covered.push(await check(dir, await runAndKill(dir, ((n * 0.6180339887) % 1) * 250)));
  }
  expect(covered.at(-1)).toBeGreaterThan(0);
});
