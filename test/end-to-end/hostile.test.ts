import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { companyWithThefts, fileOf } from '../support/logs/thefts.ts';
import { root } from '../support/source.ts';
import { documents, run, sharedData, temporaryFolder, tokenward, type Run } from './support.ts';

// Records that name themselves (CloudTrail, Keycloak, Vault), so that what becomes of them can be told whatever stands between them.
const good = new Map<string, readonly string[]>();
const own = [join(root, 'test/data/hostile'), join(root, 'test/data/json-test-suite')];
const shared = sharedData();
const corpora: readonly (readonly [string, readonly string[]])[] = [['own', own], ...(shared === null ? [] : [['large', [join(shared, 'hostile')]] as const])];
const binaryText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

let goodFolder: string;
let alone: Run;
beforeAll(async () => {
  const { cloud, realm } = companyWithThefts({ seed: 5, services: 3, days: 12, callsADay: 25, thefts: 1, stolenCalls: 60 });
  good.set('cloud.ndjson', cloud);
  good.set('realm.ndjson', realm);
  good.set('vault.ndjson', readFileSync(join(root, 'test/data/real-servers/vault/theft-audit-accessor.ndjson'), 'utf8').trimEnd().split('\n'));
  goodFolder = temporaryFolder();
  for (const [name, lines] of good) writeFileSync(join(goodFolder, name), fileOf(lines));
  alone = await run([goodFolder]);
  expect(alone.alerts.length).toBeGreaterThan(0);
  expect(alone.statistics.quarantined).toBe(0);
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** Nothing of the input speaks in the words of a refusal: few fixed sentences, and characters that no terminal obeys. */
function expectFixedWords({ quarantineText, warnings }: Run): void {
  const refusals = documents(quarantineText) as { log: { file: { path: string } }; tokenward: { quarantine: { detail: string } } }[];
  const details = new Set(refusals.map(({ tokenward: { quarantine } }) => quarantine.detail.replaceAll(/\d+/g, '#')));
  expect(details.size).toBeLessThan(25);
  for (const detail of details) expect(detail).toMatch(/^[\w ,.#'()@-]{6,120}$/);
  expect(warnings).toHaveLength(1);
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  expect(quarantineText).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
}

describe.each(corpora)('%s corpus', (_, folders) => {
  test('as files beside good ones: the same bytes', async () => {
    const [first, ...others] = [...good.keys()].sort().map((name) => join(goodFolder, name));
    const mixed = await run([first!, ...folders, ...others]);
    expect(mixed.eventsText === alone.eventsText).toBe(true);
    expect(mixed.alertsText === alone.alertsText).toBe(true);
    expect(mixed.statistics.quarantined).toBeGreaterThan(100);
    expectFixedWords(mixed);
  });

  test('line by line between good ones: the same events and alerts', async () => {
    const lines = folders.flatMap(filesBelow).filter((file) => !/ORIGIN|LICENSE|README/.test(file)).flatMap((file) => binaryText(readFileSync(file)).split('\n'));
    const mixed = temporaryFolder();
    let at = 0;
    const spread = Math.ceil(lines.length / [...good.values()].reduce((sum, some) => sum + some.length, 0));
    for (const [name, records] of good) {
      const text = records.flatMap((record) => [...lines.slice(at, at += spread), Buffer.from(record).toString('latin1')]);
      writeFileSync(join(mixed, name), Buffer.from(`${text.join('\n')}\n`, 'latin1'));
    }
    const result = await run([mixed]);
    expect(stripped(result.eventsText, mixed)).toEqual(stripped(alone.eventsText, goodFolder));
    expect(stripped(result.alertsText, mixed)).toEqual(stripped(alone.alertsText, goodFolder));
    expectFixedWords(result);
  });
});

/** Documents without the place of their record: the lines have moved, some into a list that a hostile line opened. */
function stripped(text: string, folder: string): unknown[] {
  return documents(text).map((document) => {
    const { log, ...rest } = document as { log: { file: { path: string } }; tokenward: { input: { index?: number } } };
    delete rest.tokenward.input.index;
    return { ...rest, path: log.file.path.replace(folder, '') };
  });
}

describe('as values inside good records', () => {
  const texts = (JSON.parse(readFileSync(join(root, 'test/data/hostile/texts.json'), 'utf8')) as string[]).concat(shared === null ? [] : listed(join(shared, 'hostile')));

  test('in every text field of every format: one line of JSON each, nothing that a terminal obeys, and the thefts are found all the same', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'in'));
    const carriers = carriersOf();
    expect(carriers.length).toBeGreaterThan(60);
    const lines = texts.flatMap((text, place) => [0, 1, 2].map((turn) => carriers[(place * 3 + turn) % carriers.length]!(text)));
    writeFileSync(join(folder, 'in', 'odd.ndjson'), fileOf(lines));
    const prototypes = [Object.prototype, Array.prototype, String.prototype].map((prototype) => Reflect.ownKeys(prototype).length);
    const result = await run([goodFolder, join(folder, 'in')]);
    expect([Object.prototype, Array.prototype, String.prototype].map((prototype) => Reflect.ownKeys(prototype).length)).toEqual(prototypes);
    expect(result.statistics.events).toBeGreaterThan(alone.statistics.events + lines.length / 2);
    const named = ({ alerts }: Run): Set<string | undefined> => new Set(alerts.filter(({ log }) => log.file.path.startsWith(goodFolder)).map(({ event }) => event.id));
    expect(named(result)).toEqual(named(alone));
    for (const text of [result.eventsText, result.alertsText, result.quarantineText]) {
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      expect(/[\u0000-\u0009\u000b-\u001f]/.test(text)).toBe(false);
      expect(Buffer.from(text).toString()).toBe(text);
      expect(text.split('\n').filter((line) => line !== '' && !line.startsWith('{"'))).toEqual([]);
    }
  });

  test('in the names of files', () => {
    const folder = temporaryFolder();
    for (const name of ['line\nfeed.log', 'esc\u001b[31m.log', '\u202egnp.log', '--events', '$(x).gz']) writeFileSync(join(folder, name), 'nothing known\n{"a":1}\n');
    const outputs = temporaryFolder();
    const { status, stdout, stderr } = tokenward(['replay', '--quarantine', join(outputs, 'q'), folder]);
    expect([status, stdout]).toEqual([0, '']);
    const quarantine = readFileSync(join(outputs, 'q'), 'utf8');
    expect(documents(quarantine).length).toBeGreaterThan(5);
    // eslint-disable-next-line no-control-regex -- they are what is looked for
    for (const text of [quarantine, stderr]) expect(/[\u0000-\u0009\u000b-\u001f]/.test(text)).toBe(false);
  });
});

/** One text a line, and the list of naughty strings. */
function listed(folder: string): string[] {
  const lists = filesBelow(folder).filter((file) => /(?:fuzzdb|payloads-all-the-things|utf8tests)/.test(file) && file.endsWith('.txt'));
  const naughty = JSON.parse(readFileSync(join(folder, 'naughty-strings/blns.json'), 'utf8')) as string[];
  return [...naughty, ...lists.flatMap((file) => binaryText(readFileSync(file)).split('\n').filter((line) => line !== ''))];
}

/** For every text of one record of every format: a function that puts another in its place. */
function carriersOf(): ((text: string) => string)[] {
  const files = ['envoy.access/own', 'aws.cloudtrail/own', 'vault.audit/own', 'keycloak.events/server-rest', 'haproxy.http/server', 'ecs/own'];
  return files.flatMap((name) => {
    const line = readFileSync(join(root, `test/data/formats/${name}.ndjson`), 'utf8').split('\n')[0]!;
    return textPaths(JSON.parse(line)).map((path) => (text: string) => {
      const record = JSON.parse(line) as unknown;
      let at = record as Record<string, unknown>;
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[path.at(-1)!] = text;
      return JSON.stringify(record);
    });
  });
}

function textPaths(value: unknown): string[][] {
  if (typeof value === 'string') return [[]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textPaths(inner).map((path) => [key, ...path]));
}
