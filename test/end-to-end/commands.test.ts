import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { formats } from '../../src/ingest/formats/index.ts';
import { companyWithThefts, fileOf } from '../support/logs/thefts.ts';
import { root } from '../support/source.ts';
import { alertSchema, emptyPlaces, eventSchema, statisticsSchema, type AlertDocument } from './documents.ts';
import { documents, eager, eventsOf, run, temporaryFolder, tokenward, type Run } from './support.ts';

const theft = join(root, 'test/data/real-servers/envoy/theft-access.ndjson');
const work = temporaryFolder();
const configuration = join(work, 'eager.yaml');
writeFileSync(configuration, eager);
const withEager = ['-c', configuration];

describe('exit codes', () => {
  test('0: done; the alerts are on standard output, what people should know on standard error', () => {
    const { status, stdout, stderr } = tokenward(['replay', ...withEager, theft]);
    expect(status).toBe(0);
    expect(documents(stdout).map((document) => alertSchema.parse(document).rule.id)).toEqual(['unfamiliar-ip']);
    expect(stderr).toMatch(/^tokenward: .*published replay key.*\n$/);
  });

  test('3: only when asked for, and only when there is an alert', () => {
    expect(tokenward(['replay', ...withEager, '--fail-on-alert', theft]).status).toBe(3);
    expect(tokenward(['replay', '--fail-on-alert', theft]).status).toBe(0);
  });

  test.each([
    ['no path', ['replay']],
    ['an option that does not exist', ['replay', '--evnets', 'x', theft]],
    ['a format that does not exist', ['replay', '--format', 'envoy', theft]],
    ['a path that does not exist', ['replay', theft, join(work, 'no-such-file')]],
    ['a configuration that does not exist', ['replay', '-c', join(work, 'none.yaml'), theft]],
    ['a configuration with an unknown key', ['replay', '-c', join(root, 'package.json'), theft]],
    ['a command that does not exist', ['reply', theft]],
  ])('2: %s', (_, words) => {
    const events = join(work, 'not-made');
    const { status, stdout, stderr } = tokenward(words[0] === 'replay' ? [...words, '--events', events] : words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/\S/);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(existsSync(events)).toBe(false);
  });

  test('a data folder that is a file is said in a sentence', () => {
    const { status, stderr } = tokenward(['replay', '--data-dir', configuration, theft]);
    expect([1, 2]).toContain(status);
    expect(stderr).toMatch(/^tokenward: .{10,}\n(?: {2}hint: .*\n)?$/);
  });

  test('1: a damaged store is said, not read', () => {
    const dataDir = temporaryFolder();
    writeFileSync(join(dataDir, 'effects.db'), 'this is no database, and longer than its header would be '.repeat(20));
    const { status, stderr } = tokenward(['replay', '--data-dir', dataDir, theft]);
    expect(status).toBe(1);
    expect(stderr).toContain('effects.db');
  });
});

describe('inputs and outputs', () => {
  test('- is standard input, whole or packed', () => {
    const content = readFileSync(theft);
    const fromFile = documents(tokenward(['replay', ...withEager, theft]).stdout).map((document) => alertSchema.parse(document));
    for (const input of [content, gzipSync(content)]) {
      const { status, stdout } = tokenward(['replay', ...withEager, '-'], input);
      const [alert] = documents(stdout).map((document) => alertSchema.parse(document)) as [AlertDocument];
      expect([status, alert.log.file.path, alert.tokenward.token, alert.event.reason]).toEqual([0, '-', fromFile[0]!.tokenward.token, fromFile[0]!.event.reason]);
    }
  });

  test('empty input is no error', () => {
    const { status, stdout } = tokenward(['replay', '--stats', '-', '-'], '');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ records: 0, events: 0, first_event: null, last_event: null });
  });

  test('--stats - and --events -: lines of JSON on standard output and nothing else', () => {
    const { stdout } = tokenward(['replay', '--stats', '-', '--alerts', '/dev/null', theft]);
    expect(documents(stdout).map((document) => statisticsSchema.parse(document))).toHaveLength(1);
    expect(documents(tokenward(['replay', '--events', '-', '--alerts', '/dev/null', theft]).stdout).map((document) => eventSchema.parse(document))).toHaveLength(165);
  });

  test('--format keeps to one format', async () => {
    expect((await run([theft], { format: 'envoy.access' })).statistics.events).toBe(165);
    expect((await run([theft], { format: 'vault.audit' })).statistics).toMatchObject({ events: 0, quarantined: 165 });
  });

  test('a reader that goes away early ends the run quietly, and the next run takes it up', () => {
    const inputs = temporaryFolder();
    writeFileSync(join(inputs, 'cloud.ndjson'), fileOf(companyWithThefts({ seed: 3, services: 3, days: 15, callsADay: 60, thefts: 1, stolenCalls: 100 }).cloud));
    const command = '"$0" "$1" replay --data-dir data --alerts /dev/null --events - "$2" | head -n 1; echo "${PIPESTATUS[0]}"';
    const ended = spawnSync('bash', ['-c', command, process.execPath, join(root, 'src/main.ts'), inputs], { cwd: work, encoding: 'utf8' });
    const [event, status] = ended.stdout.trimEnd().split('\n');
    expect(eventSchema.parse(JSON.parse(event!)).event.dataset).toBe('aws.cloudtrail');
    expect([status, ended.stderr]).toEqual(['0', '']);
    const next = tokenward(['replay', '--data-dir', join(work, 'data'), inputs]);
    expect(next.status).toBe(0);
    expect(new Set(documents(next.stdout).map((document) => alertSchema.parse(document).tokenward.token.handle))).toEqual(new Set(['AKIAFREIGHT000000000']));
  });
});

describe('explain and inventory', () => {
  const dataDir = join(work, 'known');
  let alert: AlertDocument;
  beforeAll(() => {
    const { stdout } = tokenward(['replay', ...withEager, '--data-dir', dataDir, theft]);
    [alert] = documents(stdout).map((document) => alertSchema.parse(document)) as [AlertDocument];
  });

  test('explain tells the alert, by its id or the beginning of it', () => {
    const whole = tokenward(['explain', alert.event.id, '--data-dir', dataDir]);
    expect(whole.status).toBe(0);
    for (const part of [alert.event.reason, alert.tokenward.token.handle!, alert.message]) expect(whole.stdout).toContain(part);
    expect(tokenward(['explain', alert.event.id.slice(0, 8), '--data-dir', dataDir]).stdout).toBe(whole.stdout);
    expect(tokenward(['explain', 'no-such-alert', '--data-dir', dataDir])).toMatchObject({ status: 2, stdout: '' });
    const { status, stderr, stdout } = tokenward(['explain', '--json', alert.event.id, '--data-dir', dataDir]);
    expect([status, stderr]).toEqual([0, '']);
    expect(alertSchema.parse(JSON.parse(stdout))).toEqual(alert);
  });

  test('inventory knows every token that was seen', () => {
    const { status, stdout } = tokenward(['inventory', '--data-dir', dataDir, '--json']);
    expect(status).toBe(0);
    const handles = (documents(stdout) as { tokenward: { token: { handle: string } } }[]).map(({ tokenward: { token } }) => token.handle);
    expect(handles).toHaveLength(3);
    expect(handles).toContain(alert.tokenward.token.handle);
    expect(tokenward(['inventory', '--data-dir', dataDir]).stdout).toContain('billing');
  });

  test('neither makes a folder where there is none', () => {
    const none = join(work, 'nowhere');
    for (const words of [['explain', 'x'], ['inventory']]) expect([1, 2]).toContain(tokenward([...words, '--data-dir', none]).status);
    expect(existsSync(none)).toBe(false);
  });
});

describe('documents', () => {
  let all: Run;
  beforeAll(async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'in'));
    const { cloud, gateway, realm } = companyWithThefts({ seed: 9, services: 3, days: 12, callsADay: 20, thefts: 1, stolenCalls: 80 });
    for (const [name, lines] of Object.entries({ cloud, gateway, realm })) writeFileSync(join(folder, 'in', `${name}.ndjson`), fileOf(lines));
    all = await run([folder, join(root, 'test/data/real-servers'), ...readdirSync(join(root, 'test/data/formats')).map((name) => join(root, 'test/data/formats', name))], { yaml: eager });
  });

  test('an event of every format keeps to the contract, without null, empty text or empty list', () => {
    const events = eventsOf(all);
    expect(new Set(events.map(({ event }) => event.dataset))).toEqual(new Set(Object.keys(all.statistics.events_by_format)));
    for (const { id } of formats) expect(all.statistics.events_by_format[id] ?? (id === 'ecs' ? 1 : 0)).toBeGreaterThan(0);
    expect(events.flatMap((event) => emptyPlaces(event))).toEqual([]);
    expect(events).toHaveLength(all.statistics.events);
  });

  test('so do alerts of every detector that found something', () => {
    expect(all.alerts.length).toBeGreaterThan(4);
    const allowed = new Set(['$.tokenward.response', '$.tokenward.alert.resources', '$.tokenward.alert.networks']);
    expect(all.alerts.flatMap((alert) => emptyPlaces(alert)).filter((place) => !allowed.has(place))).toEqual([]);
    const ids = all.alerts.map(({ event }) => event.id);
    expect(new Set(ids).size).toBe(ids.length);
    const order = all.alerts.map(({ event }) => `${event.start} ${event.id}`);
    expect(order).toEqual([...order].sort());
    const known = new Set(eventsOf(all).map(({ event }) => event.id));
    expect(all.alerts.flatMap(({ tokenward: { alert } }) => alert.evidence).filter((id) => !known.has(id))).toEqual([]);
  });

  test('events read back as input are the same events, and raise the same alerts', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'events.ndjson'), all.eventsText);
    const again = await run([folder], { yaml: eager });
    expect(again.statistics).toMatchObject({ events: all.statistics.events, quarantined: 0, ignored: 0 });
    const bare = (result: Run): unknown[] => eventsOf(result).map((event) => ({ ...event, log: null, tokenward: { ...event.tokenward, input: null } }));
    expect(bare(again)).toEqual(bare(all));
    // Records that waited for another hop of their request come back in the order in which they were taken: samples of single records
    // from many products, all of one moment, may then be judged in another order. The company's own days may not.
    const own = new Set(['aws.cloudtrail', 'envoy.access', 'keycloak.events']);
    const alertsOf = (result: Run): unknown[] => result.alerts.filter(({ event }) => own.has(event.dataset)).map((alert) => ({ ...alert, log: null, tokenward: { ...alert.tokenward, input: null } }));
    expect(alertsOf(again)).toEqual(alertsOf(all));
  });
});
