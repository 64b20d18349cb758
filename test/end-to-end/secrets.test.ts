import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
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
  if (line.startsWith('[')) return line.replace(/ HTTP\/1\.1"/, `${line.includes('?') ? '&' : '?'}token=${canaries.jwt()} HTTP/1.1"`);
  return line.includes('="') ? `${line}, code="${canaries.next()}", client_secret="${canaries.next()}"` : `${line}, code=${canaries.next()}, client_secret=${canaries.next()}`;
}

/** What is refused is not quoted either: records cut, doubled, deepened, without a time, or of nobody's format. */
function refusedOf(line: string, canaries: Canaries): string[] {
  const whole = planted(line, canaries);
  if (!line.startsWith('{')) return [`${canaries.next()} ${whole}`];
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

describe.each(formats.map(({ id }) => id))('%s', (format) => {
  test('no secret of a record comes out anywhere, nor rests in the data folder', () => {
    const canaries = new Canaries();
    const lines = recordsOf(format).flatMap((line) => [planted(line, canaries), ...refusedOf(line, canaries)]);
    const folder = temporaryFolder();
    const inputs = join(folder, 'in.log');
    writeFileSync(inputs, `${lines.join('\n')}\n`);
    writeFileSync(join(folder, 'eager.yaml'), eager);
    const [dataDir, out] = [join(folder, 'data'), temporaryFolder()];
    const outputs = ['--events', join(out, 'events'), '--alerts', join(out, 'alerts'), '--quarantine', join(out, 'quarantine'), '--stats', join(out, 'stats')];
    const ended = tokenward(['replay', '-c', join(folder, 'eager.yaml'), '--data-dir', dataDir, ...outputs, inputs]);
    expect([ended.status, ended.stderr, ended.stdout]).toEqual([0, '', '']);
    const statistics = JSON.parse(readFileSync(join(out, 'stats'), 'utf8')) as { events: number; quarantined: number };
    expect(statistics.events).toBeGreaterThan(0);
    expect(statistics.quarantined).toBeGreaterThan(0);
    expect(canaries.planted).toBeGreaterThan(20);
    const inventory = tokenward(['inventory', '--json', '--data-dir', dataDir]);
    expect([inventory.status, canariesIn(Buffer.from(inventory.stdout + inventory.stderr))]).toEqual([0, []]);
    for (const { name, bytes } of [...bytesBelow(out), ...bytesBelow(dataDir)]) expect([name, canariesIn(bytes)]).toEqual([name, []]);
  });

  test('nor in what a killed run leaves behind', () => {
    const canaries = new Canaries();
    const folder = temporaryFolder();
    const lines = recordsOf(format).flatMap((line) => [planted(line, canaries), ...refusedOf(line, canaries)]);
    writeFileSync(join(folder, 'in.log'), `${lines.join('\n')}\n`);
    const hooks = pathToFileURL(join(import.meta.dirname, 'crash-hooks.ts'));
    hooks.search = '?thread=w&when=after&commit=1';
    const words = ['--import', hooks.href, join(root, 'src/main.ts'), 'replay', '--data-dir', join(folder, 'data'), '--alerts', '/dev/null', join(folder, 'in.log')];
    expect(spawnSync(process.execPath, words, { cwd: folder, env: environment }).signal).toBe('SIGKILL');
    const left = bytesBelow(join(folder, 'data'));
    expect(left.filter(({ name, bytes }) => name.endsWith('-wal') && bytes.length > 0).length).toBeGreaterThan(0);
    for (const { name, bytes } of left) expect([name, canariesIn(bytes)]).toEqual([name, []]);
  });
});

test('what is no secret comes out of every format', async () => {
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
  expect(records.map(([format]) => format).sort()).toEqual(formats.map(({ id }) => id).sort());
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
