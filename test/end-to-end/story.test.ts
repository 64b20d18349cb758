import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { dayMs, hourMs, live, logsOf, type Life, type Quiet, type Service } from '../support/logs/company.ts';
import { Chance } from '../support/logs/random.ts';
import { writtenMs, type AccessToken, type Request } from '../support/logs/records.ts';
import { run, temporaryFolder, type Run } from './support.ts';

// A year of a freight company, then 84.7 GB leave its staging database at 02:14 under the token of a shipping-rate calculator.
const days = 365;
const startMs = Date.UTC(2025, 2, 1);
const theftMs = startMs + days * dayMs + 2 * hourMs + 14 * 60_000;
const total = 84_700_000_000;
const lastsMs = 3 * hourMs;
const thief = { address: '185.213.154.77', agent: 'Wget/1.21.4', host: 'staging.freight.example' };
const year: Quiet = { seed: 20_250_301, startMs, days };
const fixed = (address: string) => (): string => address;

const calculator: Service = {
  clientId: 'rate-calculator', subject: '4d1f3c1e-7a34-4f0e-9c0b-6a0d0a5f1c01', addressOn: fixed('10.60.3.15'), agent: 'rate-calculator/2.9 okhttp/4.12',
  host: 'api.freight.example', paths: ['/v1/rates', '/v1/zones', '/v1/carriers'], callsADay: 40, typicalBytes: 7_000, tokenHours: null,
};
const neighbours: readonly Service[] = [
  // A monthly report.
  { ...calculator, clientId: 'invoicing', subject: 'sub-invoicing', addressOn: fixed('10.60.7.20'), agent: 'invoicing/1', paths: ['/v1/invoices'],
    callsADay: 16, typicalBytes: 300_000, tokenHours: 12, busyOn: (day) => (day % 30 === 29 ? 6 : 1) },
  // Its token is replaced four times a year.
  { ...calculator, clientId: 'tracking', subject: 'sub-tracking', addressOn: fixed('10.60.8.20'), agent: 'tracking/5',
    paths: ['/v1/parcels', '/v1/events'], callsADay: 20, typicalBytes: 12_000, tokenHours: 24 * 90 },
  // It moves into another subnet of the same data centre, and its sister into other addresses of the same cloud.
  { ...calculator, clientId: 'labels', subject: 'sub-labels', addressOn: (day) => (day < 200 ? '10.60.9.4' : '10.60.41.4'), agent: 'labels/3',
    paths: ['/v1/labels'], callsADay: 15, typicalBytes: 60_000, tokenHours: 12 },
  { ...calculator, clientId: 'customs', subject: 'sub-customs', addressOn: (day) => (day < 250 ? '18.156.40.9' : '18.157.90.9'), agent: 'customs/1',
    paths: ['/v1/declarations'], callsADay: 12, typicalBytes: 40_000, tokenHours: 24 },
];

let lives: Life[];
let stolen: AccessToken;
beforeAll(() => {
  lives = [calculator, ...neighbours].map((service, place) => live(service, { ...year, seed: year.seed + place, days: days + 1 }));
  stolen = lives[0]!.last;
});

async function runWith(own: readonly Life[], more: readonly Request[]): Promise<Run> {
  const folder = temporaryFolder();
  const { gateway, realm } = logsOf(own, more);
  writeFileSync(join(folder, 'gateway.ndjson'), gateway);
  writeFileSync(join(folder, 'realm.ndjson'), realm);
  return run([folder], { yaml: 'networks:\n  - name: data-centre\n    cidrs: [10.60.0.0/16]\n    class: private\n' });
}

function steal(atMs: number, durationMs: number, bytesSent: number, page: number, more: Partial<Request> = {}): Request {
  return { ...thief, startMs: atMs, durationMs, token: stolen, path: `/export?page=${page}`, bytesSent, requestId: `theft-${page}`, ...more };
}

/** The first alert names the stolen token; how much had left by the time it was raised, in parts of the whole. */
function judge({ alerts }: Run, theft: readonly Request[]): { readonly handles: Set<string | undefined>; readonly created: number; readonly gone: number } {
  const created = Math.min(...alerts.map(({ event }) => Date.parse(event.created)));
  const left = new Map<string, number>();
  for (const part of theft) if (writtenMs(part) <= created) left.set(part.requestId, part.bytesSent);
  return { handles: new Set(alerts.map(({ tokenward }) => tokenward.token.handle)), created, gone: [...left.values()].reduce((sum, bytes) => sum + bytes, 0) / total };
}

describe('the 84.7 GB', () => {
  test('as one long download that is logged at its end', async () => {
    const theft = [steal(theftMs, lastsMs, total, 1)];
    const result = await runWith(lives, theft);
    const { handles, created } = judge(result, theft);
    expect(handles).toEqual(new Set([stolen.jti]));
    expect(created).toBe(theftMs + lastsMs);
    expect(result.alerts.map(({ rule }) => rule.id).sort()).toEqual(['egress-spike', 'unfamiliar-client', 'unfamiliar-ip']);
    expect(result.statistics.incidents).toBe(1);
  });

  test('as one long download with a line every ten seconds', async () => {
    const parts = lastsMs / 10_000;
    const theft = Array.from({ length: parts }, (_, part) => steal(theftMs, (part + 1) * 10_000, Math.round((total * (part + 1)) / parts), 1,
      { logType: part + 1 === parts ? 'DownstreamEnd' : 'DownstreamPeriodic' }));
    const result = await runWith(lives, theft);
    const { handles, gone } = judge(result, theft);
    expect(handles).toEqual(new Set([stolen.jti]));
    expect(gone).toBeLessThan(0.01);
    const spike = result.alerts.find(({ rule }) => rule.id === 'egress-spike')!;
    expect(judge({ ...result, alerts: [spike] }, theft).gone).toBeLessThan(0.01);
    // Each line holds the sum so far: the parts are counted, never the sums.
    expect(spike.tokenward.alert['bytes_out']).toBeLessThanOrEqual(total);
    expect(spike.tokenward.alert['bytes_out']).toBeGreaterThan(0.99 * total);
  });

  test('as ten thousand small calls', async () => {
    const chance = new Chance(7);
    const theft = Array.from({ length: 10_000 }, (_, page) => steal(theftMs + Math.floor((page * lastsMs) / 10_000), chance.whole(300, 900), total / 10_000, page));
    const result = await runWith(lives, theft);
    const { handles, gone } = judge(result, theft);
    expect(handles).toEqual(new Set([stolen.jti]));
    expect(gone).toBeLessThan(0.01);
    const spike = result.alerts.find(({ rule }) => rule.id === 'egress-spike')!;
    expect(judge({ ...result, alerts: [spike] }, theft).gone).toBeLessThan(0.01);
    expect(spike.tokenward.alert['bytes_out']).toBeGreaterThan(0.95 * total);
  });
});

test('quiet: monthly peaks, rotations, a move into other addresses of the same network', async () => {
  const { alerts, statistics } = await runWith(lives, []);
  expect(alerts.map(({ event, rule }) => [rule.id, event.created, event.reason])).toEqual([]);
  expect(statistics.events).toBeGreaterThan(30_000);
});

test('quiet: two weeks without logs', async () => {
  const silent = (day: number): boolean => day >= 180 && day < 194;
  const gap = [calculator, ...neighbours].map((service, place) => live(service, { ...year, seed: year.seed + place, silent }));
  const { alerts } = await runWith(gap, []);
  expect(alerts.map(({ event, rule }) => [rule.id, event.created, event.reason])).toEqual([]);
});
