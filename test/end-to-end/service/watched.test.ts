import { appendFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCanaries } from '../../../src/cli/doctor/canaries.ts';
import type { Configuration } from '../../../src/config/configuration.ts';
import type { Status } from '../../../src/server/api/shapes.ts';
import type { HealthView } from '../../../src/server/api/shapes-insight.ts';
import { createLog } from '../../../src/service/log.ts';
import { metricTable } from '../../../src/service/metrics.ts';
import { startService, type RunningService } from '../../../src/service/start.ts';
import { startPrometheus, type Prometheus } from '../../support/servers/prometheus.ts';
import { root } from '../../support/source.ts';
import { configure, temporaryFolder } from '../support.ts';

// A real Prometheus with the rules as they are given to operators, and somebody outside who waits for calls.

const folder = temporaryFolder();
const log = join(folder, 'gateway', 'access.ndjson');
const calls: number[] = [];
const outside = createServer((_, response) => {
  calls.push(Date.now());
  response.end();
});
let configuration: Configuration;
let service: RunningService;
let prometheus: Prometheus;
let used: NodeJS.Timeout;

function use(): void {
  appendFileSync(log, `${JSON.stringify({
    start_time: new Date().toISOString(), duration: 0, method: 'GET', path: '/canary', authority: 'api.example', response_code: 200, response_flags: '-', bytes_sent: 20,
    downstream_remote_address: '203.0.113.9:4711', 'x-request-id': `r-${Date.now()}`,
    jwt_payload: { iss: 'https://idp.example', sub: 'canary', jti: 'jti-canary', iat: 1_790_000_000, exp: 1_990_000_000 },
  })}\n`);
}

beforeAll(async () => {
  mkdirSync(join(folder, 'gateway'));
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  configuration = configure(`
sources: [{ name: gateway, type: file, paths: ["${log}"], formats: [envoy.access] }]
canaries: [{ name: edge, source: gateway, handle: jti-canary, every: 1s, within: 4s }]
server: { listen: "127.0.0.1:0", heartbeat: { url: "http://127.0.0.1:${(outside.address() as AddressInfo).port}/ping", every: 10s, allow_private: true } }
store: { dir: "${join(folder, 'store')}" }
`);
  used = setInterval(use, 300);
  service = await startService(configuration, createLog({ write: () => undefined }), () => Promise.resolve());
  prometheus = await startPrometheus(`127.0.0.1:${service.address.port}`, join(root, 'dashboards/prometheus/rules.yml'));
}, 300_000);
afterAll(async () => {
  clearInterval(used);
  service.stop();
  await Promise.all([service.ended, prometheus.stop()]);
  outside.close();
});

test('Prometheus reads the metrics, a canary measures the delay, and the heartbeat is heard outside', async () => {
  await expect.poll(() => prometheus.value('tokenward_canary_delay_seconds_count{canary="edge"} > 3'), { timeout: 20_000 }).not.toBeNull();
  expect(await prometheus.value('tokenward_ready')).toBe(1);
  expect(await prometheus.value('tokenward_canary_missing')).toBe(0);
  expect(await prometheus.value('tokenward_canary_delay_seconds_sum / tokenward_canary_delay_seconds_count')).toBeLessThan(2);
  const own = async <T>(path: string): Promise<T> => await (await fetch(`http://127.0.0.1:${service.address.port}${path}`)).json() as T;
  const [canary] = (await own<Status>('/api/status')).canaries;
  expect(canary).toMatchObject({ name: 'edge', source: 'gateway', withinMs: 4_000, isMissing: false });
  expect(canary!.delayMs).toBeLessThan(4_000);
  const { budgets } = await own<HealthView>('/api/health');
  expect(budgets.find(({ name }) => name === 'event_delay')!.measured).toBeGreaterThan(0);
  expect(budgets.find(({ name }) => name === 'commit')!.measured).toBeGreaterThan(0);
  expect((await checkCanaries(configuration, join(folder, 'store'), Date.now())).map(({ level, subject }) => [level, subject])).toEqual([['ok', 'canary edge']]);
  const names = await prometheus.ask<string[]>('label/__name__/values');
  const known = Object.keys(metricTable);
  expect(names.filter((name) => name.startsWith('tokenward_') && !known.includes(name.replace(/_(?:bucket|sum|count)$/, '')) && !known.includes(name))).toEqual([]);
  await expect.poll(() => calls.length, { timeout: 20_000 }).toBeGreaterThan(0);
}, 60_000);

test('every rule can be evaluated, and none fires while all is well', async () => {
  const { groups } = await prometheus.ask<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>('rules');
  expect(groups.flatMap(({ rules }) => rules.filter(({ health }) => health !== 'ok'))).toEqual([]);
  expect(await prometheus.value('count(ALERTS{alertstate="firing"})')).toBeNull();
});

test('a canary that is used no more fires its alert, and silences the heartbeat', async () => {
  clearInterval(used);
  await expect.poll(() => prometheus.value('ALERTS{alertname="TokenwardCanaryMissing",alertstate="firing"}'), { timeout: 20_000 }).toBe(1);
  expect(await prometheus.value('tokenward_pages_total{reason="canary_missing"}')).toBe(1);
  await expect.poll(() => prometheus.value('tokenward_heartbeats_total{result="withheld"}'), { timeout: 20_000 }).toBeGreaterThan(0);
}, 60_000);
