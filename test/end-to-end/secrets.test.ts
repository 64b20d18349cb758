import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { formats } from '../../src/ingest/formats/index.ts';
import { Canaries, canariesIn } from '../support/logs/canaries.ts';
import { root } from '../support/source.ts';
import { documents, eager, environment, eventsOf, run, temporaryFolder, tokenward } from './support.ts';

const fixtures = join(root, 'test/data/formats');

/** The records of a format's fixtures, as text. */
function recordsOf(format: string): string[] {
  const names = readdirSync(join(fixtures, format)).filter((name) => /\.(?:ndjson|log)$/.test(name));
  return names.flatMap((name) => readFileSync(join(fixtures, format, name), 'utf8').split('\n').filter((line) => line !== ''));
}

/** The same line with secrets in it, wherever the format leaves room. */
function planted(line: string, canaries: Canaries): string {
  if (line.startsWith('{')) return JSON.stringify(canaries.plant(JSON.parse(line)));
  const request = / HTTP\/\d(?:\.\d)?"/.exec(line);
  if (request !== null) return `${line.slice(0, request.index)}?token=${canaries.jwt()}&sig=${canaries.next()}${line.slice(request.index)}`;
  // As further pairs, in the manner of those that are there; what has none has no room.
  const own = /LEEF:2\.0\|(?:[^|]*\|){4}(?:\^|x5E)\|/.test(line) ? '^' : undefined;
  const [between, quote] = own !== undefined ? [own, ''] : line.includes('\t') ? ['\t', ''] : line.includes('="') ? [', ', '"'] : /, \w+=/.test(line) ? [', ', ''] : [' ', ''];
  if (/["\]]$/.test(line) && quote === '' || !line.includes('=')) return line;
  return ['code', 'client_secret'].reduce((all, name) => `${all}${between}${name}=${quote}${canaries.next()}${quote}`, line);
}

/** What is refused is not quoted either: records cut, doubled, deepened, without a time, or of nobody's format. */
function refusedOf(line: string, canaries: Canaries): string[] {
  const whole = planted(line, canaries);
  if (!line.startsWith('{')) return [`{${canaries.next()} ${whole}`];
  const record = JSON.parse(whole) as Record<string, unknown>;
  return [
    whole.slice(0, -2), `${whole}${canaries.next()}`, `{"${canaries.next()}":1,${whole.slice(1)}}`, `${'{"a":'.repeat(40)}${whole}${'}'.repeat(40)}`,
    JSON.stringify({
      ...record, time: canaries.next(), eventTime: canaries.next(), start_time: canaries.next(), timestamp: canaries.next(), '@timestamp': canaries.next(), time_ms: null, accept: canaries.next(),
    }),
    JSON.stringify({ [canaries.next()]: record }), `{"password":"${canaries.next()}","password":"${canaries.next()}"}`, `{"message":${JSON.stringify(whole)},"log":"${canaries.next()}"}`,
  ];
}

/** Every file below a folder as its bytes. */
function bytesBelow(folder: string): { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }));
}

test('the search finds every form', () => {
  const canary = new Canaries().next();
  expect(canariesIn(Buffer.from(`x${canary}`))).toEqual(['plain']);
  for (const shift of ['', 'a', 'ab']) expect(canariesIn(Buffer.from(Buffer.from(`${shift}${canary} and more`).toString('base64')))).toHaveLength(1);
  expect(canariesIn(Buffer.from(Buffer.from(canary).toString('hex')))).toEqual(['hex']);
  expect(canariesIn(Buffer.from('nothing here'))).toEqual([]);
});

/** One folder with a file for each format, its records laced with secrets and then broken; what two runs over it left. */
const inputs = temporaryFolder();
const [out, dataDir, killedDir] = [temporaryFolder(), join(temporaryFolder(), 'data'), join(temporaryFolder(), 'data')];
const canaries = new Canaries();
const plantedIn = new Map<string, number>();
const outputs = { events: join(out, 'events'), quarantine: join(out, 'quarantine') };
const counted = { events: new Map<string, number>(), quarantine: new Map<string, number>() };
let whole: SpawnSyncReturns<string>;
let killed: SpawnSyncReturns<Buffer>;

beforeAll(() => {
  for (const { id } of formats) {
    const before = canaries.planted;
    const lines = recordsOf(id).flatMap((line) => [planted(line, canaries), ...refusedOf(line, canaries)]);
    plantedIn.set(id, canaries.planted - before);
    writeFileSync(join(inputs, id), `${lines.join('\n')}\n`);
  }
  const configuration = join(temporaryFolder(), 'eager.yaml');
  writeFileSync(configuration, eager);
  whole = tokenward([
    'replay', '-c', configuration, '--data-dir', dataDir, '--events', outputs.events, '--quarantine', outputs.quarantine, '--alerts', join(out, 'alerts'), '--stats', join(out, 'stats'), inputs,
  ]);
  const hooks = pathToFileURL(join(import.meta.dirname, 'crash-hooks.ts'));
  hooks.search = '?thread=w&when=after&commit=1';
  const words = ['--import', hooks.href, join(root, 'src/main.ts'), 'replay', '--data-dir', killedDir, '--alerts', '/dev/null', inputs];
  killed = spawnSync(process.execPath, words, { cwd: temporaryFolder(), env: environment });
  for (const kind of ['events', 'quarantine'] as const) {
    for (const { log } of documents(readFileSync(outputs[kind], 'utf8')) as { log: { file: { path: string } } }[]) {
      const format = basename(log.file.path);
      counted[kind].set(format, (counted[kind].get(format) ?? 0) + 1);
    }
  }
}, 120_000);

test('no secret of a record comes out anywhere, nor rests in the data folder', () => {
  expect([whole.status, whole.stderr, whole.stdout]).toEqual([0, '', '']);
  const inventory = tokenward(['inventory', '--json', '--data-dir', dataDir]);
  expect([inventory.status, canariesIn(Buffer.from(inventory.stdout + inventory.stderr))]).toEqual([0, []]);
  const files = [...bytesBelow(out), ...bytesBelow(dataDir)];
  expect(files.length).toBeGreaterThan(5);
  for (const { name, bytes } of files) expect([name, canariesIn(bytes)]).toEqual([name, []]);
});

test('nor in what a killed run leaves behind', () => {
  expect(killed.signal).toBe('SIGKILL');
  const left = bytesBelow(killedDir);
  expect(left.filter(({ name, bytes }) => name.endsWith('-wal') && bytes.length > 0).length).toBeGreaterThan(0);
  for (const { name, bytes } of left) expect([name, canariesIn(bytes)]).toEqual([name, []]);
});

test.each(formats.map(({ id }) => id))('%s had secrets in records that became events, and in some that were refused', (format) => {
  expect(plantedIn.get(format)).toBeGreaterThan(5);
  expect(counted.events.get(format)).toBeGreaterThan(0);
  expect(counted.quarantine.get(format)).toBeGreaterThan(0);
});

test('what is no secret comes out', async () => {
  const claims = { iss: 'https://mark.iss', sub: 'mark.sub', azp: 'mark.client', jti: 'mark.jti', iat: 1_795_000_000, exp: 1_795_003_600, scope: 'mark.scope', aud: 'mark.aud' };
  const records: readonly (readonly [string, object, readonly string[]])[] = [
    ['envoy.access', {
      start_time: '2026-11-20T10:00:00Z', method: 'MARKGET', path: '/mark/path', response_code: 503, response_flags: 'MARKUF', response_code_details: 'mark_details', bytes_sent: 1_234_567,
      'user-agent': 'mark.agent', 'x-request-id': 'mark.request', ':authority': 'mark.host', upstream_cluster: 'mark.cluster', downstream_remote_address: '198.51.100.77:4321', jwt_payload: claims,
    }, ['MARKGET', '/mark/path', '503', 'MARKUF', 'mark_details', '1234567', 'mark.agent', 'mark.request', 'mark.host', 'mark.cluster',
      '198.51.100.77', '4321', ...Object.values(claims).map(asWritten)]],
    ['haproxy.http', {
      time_ms: 1_795_000_100_000, accept: '1795000099.500', term: '----', status: 200, src: '198.51.100.78', src_port: 4322, method: 'MARKPUT',
      path: '/mark/ha', bytes_out: 7_654_321, backend: 'mark.backend',
      request_id: 'mark.ha.request', ua: 'mark.ha.agent', deny: '-', kid: 'mark.kid', iss: 'https://mark.ha', sub: 'mark.ha.sub', client_id: 'mark.ha.client', jti: 'mark.ha.jti',
    }, ['MARKPUT', '/mark/ha', '7654321', 'mark.backend', 'mark.ha.request', 'mark.ha.agent', 'mark.kid', 'https://mark.ha', 'mark.ha.sub', 'mark.ha.client', 'mark.ha.jti', '198.51.100.78', '4322']],
    ['keycloak.events', {
      id: 'mark-kc', time: 1_795_000_200_000, type: 'CLIENT_LOGIN_ERROR', realmId: 'mark.realm', clientId: 'mark.kc.client', userId: 'mark.kc.user', ipAddress: '198.51.100.79', error: 'mark_error',
      details: { username: 'mark.kc.name' },
    }, ['mark-kc', 'CLIENT_LOGIN_ERROR', 'mark.realm', 'mark.kc.client', 'mark.kc.user', '198.51.100.79', 'mark_error', 'mark.kc.name']],
    ['vault.audit', {
      time: '2026-11-20T10:05:00Z', type: 'response', request: { id: 'mark.v.request', operation: 'markread', path: 'kv/mark', mount_class: 'secret',
        remote_address: '198.51.100.80', namespace: { path: 'mark.ns/' } },
      auth: { accessor: 'mark.accessor', display_name: 'mark.display', entity_id: 'mark.entity', policies: ['mark.policy'], token_issue_time: '2026-11-19T00:00:00Z' },
    }, ['mark.v.request', 'markread', 'kv/mark', '198.51.100.80', 'mark.ns/', 'mark.accessor', 'mark.display', 'mark.entity', 'mark.policy', '2026-11-19T00:00:00.000Z']],
    ['aws.cloudtrail', {
      eventVersion: '1.09', eventID: '11111111-2222-4333-8444-555555555555', eventTime: '2026-11-20T10:06:00Z', eventName: 'MarkGetObject', eventSource: 's3.amazonaws.com', awsRegion: 'mark-region-1',
      sourceIPAddress: '198.51.100.81', userAgent: 'mark.aws.agent', errorCode: 'MarkError', errorMessage: 'mark message', requestID: 'mark.aws.request', recipientAccountId: '210987654321',
      userIdentity: { type: 'IAMUser', principalId: 'AIDAMARKMARKMARK0009', arn: 'arn:aws:iam::210987654321:user/mark.user',
        accountId: '210987654321', accessKeyId: 'AKIAMARKMARKMARK0009', userName: 'mark.user' },
      requestParameters: { bucketName: 'mark-bucket' }, additionalEventData: { bytesTransferredOut: 99_887 },
    }, ['MarkGetObject', 'mark-region-1', '198.51.100.81', 'mark.aws.agent', 'MarkError', 'mark message', 'mark.aws.request', '210987654321',
      'AIDAMARKMARKMARK0009', 'AKIAMARKMARKMARK0009', 'mark.user', 'mark-bucket', '99887']],
    ['ecs', {
      '@timestamp': '2026-11-20T10:07:00.000Z', ecs: { version: '8.17.0' }, event: { kind: 'event', id: 'mark.ecs.id', dataset: 'mark.dataset', action: 'mark.action' },
      user: { name: 'mark.ecs.user' },
      service: { name: 'mark.service' }, tokenward: { vantage: 'edge', token: { handle: 'mark.handle', kind: 'api_key' }, bytes_out: 5_544_332 },
    }, ['mark.ecs.id', 'mark.dataset', 'mark.action', 'mark.ecs.user', 'mark.service', 'edge', 'mark.handle', 'api_key', '5544332']],
  ];
  const file = join(temporaryFolder(), 'marks.ndjson');
  writeFileSync(file, records.map(([, record]) => `${JSON.stringify(record)}\n`).join(''));
  const result = await run([file]);
  expect(eventsOf(result)).toHaveLength(records.length);
  const lines = documents(result.eventsText).map((document) => JSON.stringify(document));
  const place = (format: string): number => records.findIndex(([id]) => id === format);
  for (const line of lines) {
    const at = (JSON.parse(line) as { log: { offset: number } }).log.offset;
    const offsets = records.map((_, index) => records.slice(0, index).reduce((sum, [, record]) => sum + Buffer.byteLength(JSON.stringify(record)) + 1, 0));
    const [format, , marks] = records[offsets.indexOf(at)]!;
    expect([format, marks.filter((mark) => !line.includes(mark))]).toEqual([format, []]);
    expect(place(format)).toBeGreaterThanOrEqual(0);
  }
});

function asWritten(claim: string | number): string {
  return typeof claim === 'number' ? new Date(claim * 1000).toISOString() : claim;
}
