import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { root } from '../support/source.ts';
import { companyWithThefts, fileOf } from '../support/logs/thefts.ts';
import { alertSchema, statisticsSchema } from './documents.ts';
import { documents, eager, environment, temporaryFolder } from './support.ts';

// The real program is killed at some point of a run with a data folder, and started again. What it says in the end must be what an
// uninterrupted run says, byte for byte: ids, counts, evidence and versions of every alert.
const work = temporaryFolder();
const paths = [join(work, 'logs'), join(root, 'test/data/real-servers')];
const configuration = join(work, 'tokenward.yaml');
const hooks = pathToFileURL(join(import.meta.dirname, 'crash-hooks.ts')).href;

interface Ended { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly stderr: string }

/** One run. `query` tells the hooks when to kill it; `kill` is asked every few milliseconds instead. */
async function replay(dataDir: string, alerts: string, query = '', kill?: () => boolean): Promise<Ended> {
  const words = ['replay', '-c', configuration, '--data-dir', dataDir, '--alerts', alerts, '--stats', `${alerts}.stats`, '--quarantine', '/dev/null', ...paths];
  const child = spawn(process.execPath, ['--import', `${hooks}?${query}`, join(root, 'src/main.ts'), ...words], { cwd: work, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const watch = kill === undefined ? undefined : setInterval(() => kill() && child.kill('SIGKILL'), 2);
  const ended = await new Promise<Ended>((resolve) => { child.once('close', (code, signal) => resolve({ code, signal, stderr })); });
  clearInterval(watch);
  return ended;
}

/** What is proposed must come out the same as well. */
const policy = `policy:
  - { name: all, plan: [{ do: pin, by: holder }, { do: revoke, by: holder }, { do: notify, by: holder }], mode: enforce }
respond:
  caps: {}
  actions: [{ name: holder, type: webhook, url: "https://holder.example", secret_file: ${join(work, 'key')}, does: [pin, revoke, notify] }]
`;

/** Everything that is known of the intents, but for how often they changed. */
async function intents(dataDir: string): Promise<string> {
  const store = openStore(dataDir, { readOnly: true });
  const all = store.effects.responses.intents().map((intent) => ({ ...intent, version: 0 }));
  await store.close();
  return JSON.stringify(all.sort((a, b) => (a.id < b.id ? -1 : 1)));
}

let expected: string;
let expectedIntents: string;
/** Commits of an uninterrupted run: of the engine's thread and of the one that writes checkpoints. */
const commits = { m: 0, w: 0 };

beforeAll(async () => {
  const thefts = companyWithThefts({ seed: 31, services: 3, days: 15, callsADay: 25, thefts: 2, stolenCalls: 250 });
  mkdirSync(join(work, 'logs'));
  for (const name of ['gateway', 'realm', 'cloud'] as const) writeFileSync(join(work, 'logs', `${name}.ndjson`), fileOf(thefts[name]));
  writeFileSync(join(work, 'key'), 'a key of the operator, 32 bytes.', { mode: 0o600 });
  writeFileSync(configuration, `identity:\n  fingerprint_key_file: ${join(work, 'key')}\n${eager}${policy}`);
  const log = join(work, 'commits');
  const ended = await replay(join(work, 'whole'), join(work, 'expected'), `log=${encodeURIComponent(log)}`);
  expect(ended).toEqual({ code: 0, signal: null, stderr: '' });
  expected = readFileSync(join(work, 'expected'), 'utf8');
  expectedIntents = await intents(join(work, 'whole'));
  for (const letter of readFileSync(log, 'utf8')) commits[letter as 'm' | 'w']++;
}, 60_000);

test('the uninterrupted run has enough to lose', () => {
  const alerts = documents(expected).map((document) => alertSchema.parse(document));
  expect(alerts.length).toBeGreaterThanOrEqual(8);
  expect(Math.max(...alerts.map(({ tokenward }) => tokenward.alert.version))).toBeGreaterThan(5);
  expect(expectedIntents.length).toBeGreaterThan(1_000);
  expect(commits.w).toBeGreaterThan(8);
  expect(commits.m).toBeGreaterThan(40);
});

/** Runs to the end and compares. */
async function finish(dataDir: string, name: string): Promise<void> {
  const alerts = join(work, `${name}.alerts`);
  const ended = await replay(dataDir, alerts);
  expect(ended).toEqual({ code: 0, signal: null, stderr: '' });
  expect(readFileSync(alerts, 'utf8') === expected, `${name}: the alerts of the whole`).toBe(true);
  expect(await intents(dataDir) === expectedIntents, `${name}: the intents of the whole`).toBe(true);
  statisticsSchema.parse(JSON.parse(readFileSync(`${alerts}.stats`, 'utf8')));
}

describe('killed at a commit', () => {
  const points = [
    ...[0, 0.3, 0.7, 1].flatMap((share) => [['m', 'before', share], ['m', 'after', share]] as const),
    ...[0, 0.5, 1].flatMap((share) => [['w', 'before', share], ['w', 'after', share]] as const),
  ];
  test.concurrent.each(points)('of thread %s, %s it, at %d of the run', async (thread, when, share) => {
    const name = `${thread}-${when}-${share}`;
    const dataDir = join(work, name);
    const at = 1 + Math.floor(share * (commits[thread] - 1));
    expect((await replay(dataDir, `${dataDir}.killed`, `thread=${thread}&when=${when}&commit=${at}`)).signal).toBe('SIGKILL');
    await finish(dataDir, name);
  }, 60_000);
});

test('killed when files of the store reach a size', async () => {
  for (const [file, bytes] of [['effects.db', 1], ['effects.db-wal', 200_000], ['state.db-wal', 150_000]] as const) {
    const dataDir = join(work, `${file}-${bytes}`);
    const place = join(dataDir, file);
    expect((await replay(dataDir, `${dataDir}.killed`, '', () => existsSync(place) && statSync(place).size >= bytes)).signal).toBe('SIGKILL');
    await finish(dataDir, `${file}-${bytes}`);
  }
}, 60_000);

test('killed again and again in one folder', async () => {
  const dataDir = join(work, 'again');
  for (const [thread, commit] of [['m', 6], ['w', 2], ['m', 9], ['w', 3], ['m', 2]] as const) {
    expect((await replay(dataDir, `${dataDir}.killed`, `thread=${thread}&when=after&commit=${commit}`)).signal).toBe('SIGKILL');
  }
  await finish(dataDir, 'again');
}, 60_000);
