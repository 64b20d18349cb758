import { chmodSync, mkdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { examine } from '../../../src/cli/doctor/examine.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { checkClock, checkNode } from '../../../src/cli/doctor/machine.ts';
import { openStore } from '../../../src/store/open.ts';
import { batchOf, makeFolder } from '../../store/support.ts';

let folder = '';
beforeEach(() => { folder = makeFolder(); });

const dayMs = 86_400_000;

/** A configuration file with this text, its data folder in the test's own. */
function configured(text = ''): string {
  const file = join(folder, 'tokenward.yaml');
  writeFileSync(file, `store: { dir: ${join(folder, 'data')} }\n${text}`);
  return file;
}

/** What is found on a subject, as text. */
async function found(file: string, subject: string, nowMs = Date.now()): Promise<string[]> {
  return (await examine(file, nowMs)).filter((finding) => finding.subject === subject).map(shown);
}

function shown({ level, text, advice }: Finding): string {
  return `${level}: ${text}${advice === null ? '' : ` -> ${advice}`}`;
}

async function makeStore(changes: number, covered: number): Promise<void> {
  const store = openStore(join(folder, 'data'));
  for (let n = 0; n < changes; n++) store.effects.commit(batchOf({ counters: { events: 1 }, journal: [{ kind: 'read', feed: 'f', count: 1 }] }));
  if (covered > 0) await store.state.write({ change: covered, rows: [], entities: [], positions: new Map() });
  await store.close();
}

describe('an installation in order', () => {
  it('has nothing bad to tell', async () => {
    await makeStore(3, 3);
    const findings = await examine(configured(), Date.now());
    expect(findings.filter(({ level }) => level === 'bad')).toEqual([]);
    expect(findings.map(({ subject }) => subject)).toEqual(['Node', 'clock', 'configuration', 'fingerprint key', 'data folder', 'disk', 'store', 'checkpoint', 'server', 'address table', 'audit']);
    for (const { level, advice } of findings) expect(advice === null).toBe(level === 'ok');
  });

  it('may be new', async () => {
    expect(await found(configured(), 'data folder')).toEqual([`warn: ${join(folder, 'data')} does not exist yet -> the first "run", or "replay --data-dir", makes it`]);
  });
});

describe('the configuration', () => {
  it('is told with place and hint where it is wrong', async () => {
    const file = configured('detectors: { egress-spik: {} }\n');
    const [text] = await found(file, 'configuration');
    expect(text).toMatch(/^bad: .*tokenward\.yaml:2:\d+: .*egress-spik.* -> .*egress-spike/);
  });

  it('names keys, tokens and feeds that are looked at', async () => {
    const key = join(folder, 'key');
    const feed = join(folder, 'feed');
    const tokens = join(folder, 'tokens');
    writeFileSync(key, 'k'.repeat(32), { mode: 0o640 });
    chmodSync(key, 0o640);
    writeFileSync(feed, '203.0.113.0/24\n');
    utimesSync(feed, new Date(), new Date(Date.now() - 40 * dayMs));
    writeFileSync(tokens, 'a-token-itself\n');
    const file = configured(`identity: { fingerprint_key_file: ${key} }\nintel: { feeds: [{ file: ${feed}, class: vpn }] }\nserver: { credentials_file: ${tokens} }\n`);
    expect(await found(file, 'fingerprint key')).toEqual([`warn: ${key} can be used by its group -> chmod 600 ${key}, unless that is meant`]);
    expect(await found(file, 'feed')).toEqual([expect.stringMatching(/^warn: .*feed has not changed for 40 days ->/)]);
    expect(await found(file, 'server')).toEqual([expect.stringMatching(/with a token$/), expect.stringMatching(/^bad: entry 1 of .*tokens is no SHA-256 in hex/)]);
    expect((await examine(file, Date.now())).map(shown).join()).not.toContain('a-token-itself');
  });

  it('names files that are not there yet', async () => {
    writeFileSync(join(folder, 'a.log'), '');
    const file = configured(`sources:\n  - { name: one, paths: ["${folder}/*.log"], formats: [ecs] }\n  - { name: two, paths: ["${folder}/*.txt"], formats: [ecs] }\n`);
    expect(await found(file, 'source one')).toEqual(['ok: 1 file']);
    expect(await found(file, 'source two')).toEqual([expect.stringMatching(/^warn: no file is named .*\*\.txt ->/)]);
  });

  it('an address table of half a year ago is called old', async () => {
    expect(await found(configured(), 'address table', Date.now() + 3000 * dayMs)).toEqual([expect.stringMatching(/^warn: embedded table, of \d{4}-\d\d-\d\d: \d+ days old -> update Tokenward/)]);
  });
});

describe('the data folder', () => {
  it('after an interrupted run says that nothing is lost', async () => {
    await makeStore(5, 2);
    expect(await found(configured(), 'checkpoint')).toEqual([expect.stringMatching(/^warn: the last run was interrupted: 3 changes came after its checkpoint, .* -> start "run" again/)]);
  });

  it('in use by a process is no trouble, unless its checkpoints stay away', async () => {
    const store = openStore(join(folder, 'data'));
    onTestFinished(() => store.close());
    store.effects.commit(batchOf({ counters: { events: 1 }, journal: [{ kind: 'read', feed: 'f', count: 1 }] }));
    expect(await found(configured(), 'checkpoint')).toEqual([expect.stringMatching(/^ok: a process writes here; last checkpoint \d+ seconds? ago/)]);
    expect(await found(configured(), 'checkpoint', Date.now() + 3_600_000)).toEqual([expect.stringMatching(/^bad: a process writes here, but its last checkpoint is 60 minutes old/)]);
  });

  it('that is damaged or open to everybody is told', async () => {
    await makeStore(3, 3);
    chmodSync(join(folder, 'data'), 0o755);
    expect(await found(configured(), 'data folder')).toEqual([expect.stringMatching(/^warn: .*can be entered by everybody on this machine -> chmod 700/)]);
    truncateSync(join(folder, 'data', 'state.db'), 5000);
    expect(await found(configured(), 'store')).toEqual([expect.stringMatching(/^bad: .*state\.db .*(?:damaged|no store)/)]);
  });

  it('without a store is told', async () => {
    mkdirSync(join(folder, 'data'), { mode: 0o700 });
    expect(await found(configured(), 'store')).toEqual([expect.stringMatching(/^bad: .*holds no store/)]);
  });
});

describe('the machine', () => {
  it.each([['23.9.0', 'bad'], ['24.13.9', 'warn'], ['24.14.0', 'warn'], ['24.14.1', 'ok'], ['24.21.0', 'ok'], ['25.8.1', 'warn'], ['26.0.0', 'ok']])('Node %s: %s', (version, level) => {
    expect(checkNode(version).level).toBe(level);
  });
  it('has a clock that may be wrong', () => {
    const nowMs = Date.UTC(2026, 6, 1);
    expect([checkClock(nowMs, null), checkClock(nowMs, nowMs - 5), checkClock(nowMs, nowMs + dayMs), checkClock(0, null)].map(({ level }) => level)).toEqual(['ok', 'ok', 'warn', 'bad']);
  });
});
