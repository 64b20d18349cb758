import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { Chance } from '../support/logs/random.ts';
import { cloudtrailRecord } from '../support/logs/records.ts';
import { companyWithThefts, fileOf, type Thefts } from '../support/logs/thefts.ts';
import type { AlertDocument } from './documents.ts';
import { eager, run, temporaryFolder, type Run } from './support.ts';

const fixtures = join(import.meta.dirname, '../data');
/** Every format, what is refused and what comes twice. */
const small = [join(fixtures, 'formats'), join(fixtures, 'real-servers'), join(fixtures, 'json-test-suite/test_transform')];

let thefts: Thefts;
let folder: string;
let paths: string[];
let whole: Run;

beforeAll(async () => {
  thefts = companyWithThefts({ seed: 11, services: 5, days: 24, callsADay: 25, thefts: 2, stolenCalls: 200 });
  folder = temporaryFolder();
  writeFileSync(join(folder, 'gateway.ndjson'), fileOf(thefts.gateway));
  writeFileSync(join(folder, 'realm.ndjson'), fileOf(thefts.realm));
  writeFileSync(join(folder, 'cloud.ndjson'), fileOf(thefts.cloud));
  paths = ['gateway', 'realm', 'cloud'].map((name) => join(folder, `${name}.ndjson`));
  whole = await run(paths);
});

test('the stolen tokens are named, each by two detectors, and no others', () => {
  expect(new Set(whole.alerts.map(({ tokenward }) => tokenward.token.handle))).toEqual(thefts.stolen);
  expect(whole.alerts.length).toBeGreaterThanOrEqual(2 * thefts.stolen.size);
  expect(whole.statistics.duplicates).toBeGreaterThan(0);
});

describe('two runs', () => {
  test.each([['defaults', ''], ['eager', eager]])('write the same bytes (%s)', async (_, yaml) => {
    const [first, second] = [await run([...small, folder], { yaml }), await run([...small, folder], { yaml })];
    expect(second.eventsText === first.eventsText).toBe(true);
    expect(second.alertsText === first.alertsText).toBe(true);
    expect(second.quarantineText === first.quarantineText).toBe(true);
    expect(first.alertsText).not.toBe('');
  });
});

describe('with a data folder', () => {
  test('what was read is not read again: whole, as a copy, beside something new', async () => {
    const dataDir = temporaryFolder();
    const inputs = [...small, folder];
    const first = await run(inputs, { dataDir });
    expect(first.alerts.length).toBeGreaterThanOrEqual(whole.alerts.length);
    const copy = join(temporaryFolder(), 'elsewhere');
    cpSync(folder, copy, { recursive: true });
    for (const again of [inputs, [copy], [copy, folder]]) {
      const { statistics, eventsText, alertsText } = await run(again, { dataDir });
      expect({ events: statistics.events, alerts: statistics.alerts, eventsText, alertsText }).toEqual({ events: 0, alerts: 0, eventsText: '', alertsText: '' });
      expect(statistics.records).toBeGreaterThan(0);
    }
    const late = JSON.parse(thefts.gateway.at(-1)!) as object;
    writeFileSync(join(copy, 'more.ndjson'), `${JSON.stringify({ ...late, 'x-request-id': 'new', bytes_sent: 10 })}\n`);
    expect((await run([copy], { dataDir })).statistics).toMatchObject({ events: 1, alerts_by_detector: {} });
  });

  test('in parts, day after day, the same tokens are named as in one run', async () => {
    const dataDir = temporaryFolder();
    const place = temporaryFolder();
    const named = new Set<string | undefined>();
    for (let part = 0; part < 3; part++) {
      const inputs = [thefts.gateway, thefts.realm, thefts.cloud].map((lines, kind) => {
        const file = join(place, `${part}-${kind}.ndjson`);
        writeFileSync(file, fileOf(lines.slice(Math.floor((lines.length * part) / 3), Math.floor((lines.length * (part + 1)) / 3))));
        return file;
      });
      for (const { tokenward } of (await run(inputs, { dataDir })).alerts) named.add(tokenward.token.handle);
    }
    expect(named).toEqual(thefts.stolen);
  });
});

test('the order of the arguments does not matter', async () => {
  const reversed = await run([...paths].reverse());
  expect(reversed.alertsText === whole.alertsText).toBe(true);
  expect((await run([folder])).alerts.map(withoutPlace)).toEqual(whole.alerts.map(withoutPlace));
});

test('the order of lines within a file does not matter where their times differ', async () => {
  const shuffled = temporaryFolder();
  const chance = new Chance(99);
  const lines = thefts.cloud.map((line) => ({ line, at: chance.next() })).sort((a, b) => a.at - b.at).map(({ line }) => line);
  writeFileSync(join(shuffled, 'cloud.ndjson'), fileOf(lines));
  expect((await run([shuffled])).alerts.map(withoutPlace)).toEqual((await run([paths[2]!])).alerts.map(withoutPlace));
});

test('nor does that of the arguments where times are equal', async () => {
  const tied = temporaryFolder();
  const odd = thefts.cloud.filter((_, place) => place % 2 === 1);
  const even = thefts.cloud.filter((_, place) => place % 2 === 0);
  // The same second, in two files: half of a theft each.
  const theft = Array.from({ length: 40 }, (_, call) => JSON.stringify(cloudtrailRecord(
    `00000000-0000-4000-8000-0000000000${10 + call}`, Date.UTC(2026, 0, 29, 3), 'user1', 'AKIAFREIGHT000000001', '185.213.154.9', 9e6 + call,
  )));
  const files = [join(tied, 'a.ndjson'), join(tied, 'b.ndjson')] as const;
  writeFileSync(files[0], fileOf([...odd, ...theft.slice(0, 20)]));
  writeFileSync(files[1], fileOf([...even, ...theft.slice(20)]));
  const [forward, backward] = [await run([files[0], files[1]]), await run([files[1], files[0]])];
  expect(forward.alerts.length).toBeGreaterThan(0);
  expect(backward.alertsText === forward.alertsText).toBe(true);
});

test('the same file twice is once', async () => {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  const twice = await run([folder, copy]);
  expect(twice.statistics).toMatchObject({ events: whole.statistics.events, alerts: whole.statistics.alerts });
  expect(twice.alerts.map(withoutPlace)).toEqual(whole.alerts.map(withoutPlace));
});

describe('split and compressed', () => {
  const packers: readonly (readonly [string, (content: string) => Uint8Array])[] = [
    ['.gz', (content) => gzipSync(content)], ['.zst', (content) => zstdCompressSync(content)], ['', (content) => Buffer.from(content)],
  ];

  test('each file as itself: the same alerts', async () => {
    const packed = temporaryFolder();
    for (const [name, lines, pack] of [['gateway', thefts.gateway, 0], ['realm', thefts.realm, 1], ['cloud', thefts.cloud, 2]] as const) {
      writeFileSync(join(packed, `${name}.ndjson${packers[pack]![0]}`), packers[pack]![1](fileOf(lines)));
    }
    expect(essences(await run([packed]))).toEqual(essences(whole));
  });

  test('every file in seven parts: the same alerts, and where providers give ids, the same evidence', async () => {
    const parts = temporaryFolder();
    [thefts.gateway, thefts.realm, thefts.cloud].forEach((lines, kind) => {
      for (let part = 0; part < 7; part++) {
        const [extension, pack] = packers[part % packers.length]!;
        mkdirSync(join(parts, `${kind}`), { recursive: true });
        writeFileSync(join(parts, `${kind}`, `${part}.ndjson${extension}`), pack(fileOf(lines.slice(Math.floor((lines.length * part) / 7), Math.floor((lines.length * (part + 1)) / 7)))));
      }
    });
    const split = await run([parts]);
    expect(essences(split)).toEqual(essences(whole));
    const ofCloud = ({ alerts }: Run): object[] => alerts.filter(({ event }) => event.dataset === 'aws.cloudtrail').map(withoutPlace);
    expect(ofCloud(split)).toEqual(ofCloud(whole));
    expect(ofCloud(whole).length).toBeGreaterThan(0);
  });
});

/** All but where the first record stood. */
function withoutPlace(alert: AlertDocument): object {
  return { ...alert, log: null };
}

/** What does not hang on ids that are derived from a record's place in its file, in an order that does not either. */
function essences({ alerts }: Run): object[] {
  const all = alerts.map(({ rule, event, tokenward: { token, alert, identity } }) => (
    { ...event, id: null, ...alert, incident_id: null, evidence: alert.evidence.length, start: event.start, rule: rule.id, token, identity }));
  return all.sort((a, b) => (`${a.start} ${a.rule} ${a.token.handle}` < `${b.start} ${b.rule} ${b.token.handle}` ? -1 : 1));
}
