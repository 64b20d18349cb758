import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { run, temporaryFolder, type Run } from './support.ts';

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 5, 1, 8);
const issuer = 'https://idp.example';
const prints = new Fingerprinter(replayKey);
const callers = { billing: '203.0.113.9', etl: '192.0.2.17' } as const;
type Caller = keyof typeof callers;

interface Request { readonly id: string; readonly atMs: number; readonly caller: Caller; readonly ip: string; readonly bytes: number }

/** Six ordinary days of two callers, and on the sixth somebody else with the token of one. */
const requests: Request[] = [];
for (let day = 0; day < 6; day++) {
  for (let n = 0; n < 120; n++) {
    const caller = n % 2 === 0 ? 'billing' : 'etl';
    requests.push({ id: `r-${day}-${n}`, atMs: startMs + day * dayMs + n * 120_000, caller, ip: callers[caller], bytes: 20_000 + n % 7 * 1_000 });
  }
}
for (let n = 0; n < 200; n++) requests.push({ id: `theft-${n}`, atMs: startMs + 5 * dayMs + 5 * 3_600_000 + n * 2_000, caller: 'billing', ip: '198.51.100.66', bytes: 2_000_000 });
requests.sort((a, b) => a.atMs - b.atMs);

const agentOf = ({ ip, caller }: Request): string => (ip === callers[caller] ? `${caller}/1.0` : 'curl/8');
const cdn = (request: Request): object => ({
  'timestamp(ms)': String(request.atMs - 5), 'c-ip': request.ip, 'cs-method': 'GET', 'cs-uri-stem': '/v1/orders', 'x-host-header': 'api.example', 'sc-status': '200',
    'sc-bytes': String(request.bytes + 300),
  'time-taken': '0.120', 'cs(User-Agent)': agentOf(request), 'x-edge-request-id': request.id, 'x-edge-location': 'FRA56-P2',
});
const gateway = (request: Request): object => ({
  start_time: new Date(request.atMs).toISOString(), duration: 100, method: 'GET', path: '/v1/orders', authority: 'api.example', response_code: 200, response_flags: '-', bytes_sent: request.bytes,
  downstream_remote_address: `${request.ip}:4711`, 'user-agent': agentOf(request), 'x-request-id': request.id,
  jwt_payload: { iss: issuer, sub: `svc-${request.caller}`, jti: `jti-${request.caller}`, iat: startMs / 1000 - 60, exp: startMs / 1000 + 40 * 86_400 },
});
/** As the database logs it, under the caller's token or the gateway's own. */
const database = (own: boolean) => (request: Request): object => ({
  '@timestamp': new Date(request.atMs + 20).toISOString(), ecs: { version: '8.17.0' }, event: { kind: 'event', id: `db-${request.id}`, outcome: 'success', action: 'SELECT' },
  source: { ip: '10.0.0.4', address: '10.0.0.4' }, http: { request: { id: request.id } }, user_agent: { original: 'gateway-pool' },
  tokenward: {
    vantage: 'resource', authenticated: true, lifecycle: 'used', bytes_out: request.bytes, resource: { id: 'db/orders', kind: 'table' },
    token: own ? { fingerprint: prints.fingerprint('db', 'pool'), handle: 'pool', kind: 'session' } : { fingerprint: prints.fingerprint(issuer, `jti-${request.caller}`), kind: 'jwt' },
    identity: own ? { id: 'db|gateway', kind: 'service', name: 'gateway' } : { id: `${issuer}|svc-${request.caller}`, kind: 'service' },
  },
});
const yaml = `sources:
  - {name: cdn, paths: [cdn.ndjson], formats: [aws.cloudfront]}
  - {name: gateway, paths: [gateway.ndjson], formats: [envoy.access]}
  - {name: database, paths: [database.ndjson], formats: [ecs], vantage: resource, internal: true}
`;

async function replayed(logs: Readonly<Record<string, (request: Request) => object>>): Promise<Run> {
  const folder = join(temporaryFolder(), 'logs');
  mkdirSync(folder);
  for (const [name, record] of Object.entries(logs)) writeFileSync(join(folder, `${name}.ndjson`), requests.map((request) => `${JSON.stringify(record(request))}\n`).join(''));
  return run([folder], { yaml });
}
/** What is told of each theft: of whom, how much, how often, from where. */
const told = ({ alerts }: Run): object[] => alerts.map(({ rule, tokenward, source }) => ({
  rule: rule.id, identity: tokenward.identity?.id, address: source?.ip, count: tokenward.alert.count, observed: tokenward.alert.observed, networks: tokenward.alert['networks'],
}));

let alone: Run;
beforeAll(async () => {
  alone = await replayed({ gateway });
}, 60_000);

test('the gateway\'s log alone shows the theft', () => {
  expect(new Set(told(alone).map((alert) => JSON.stringify(alert))).size).toBe(alone.alerts.length);
  expect(alone.alerts.map(({ rule }) => rule.id)).toEqual(expect.arrayContaining(['egress-spike', 'unfamiliar-client']));
  expect(alone.alerts.every(({ tokenward }) => tokenward.identity?.id === `${issuer}|svc-billing`)).toBe(true);
});

test.each([['the caller\'s token', false], ['the gateway\'s own credential', true]])(
  'with the logs of a CDN and of a database under %s the same is told: no byte, request or place twice', async (_, own) => {
    const all = await replayed({ cdn, gateway, database: database(own) });
    expect(all.statistics).toMatchObject({ events: 3 * requests.length, quarantined: 0, duplicates: 0 });
    expect(told(all)).toEqual(told(alone));
  }, 60_000);
