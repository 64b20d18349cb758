import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dayMs, live, logsOf, type Service } from '../support/logs/company.ts';
import type { Request } from '../support/logs/records.ts';
import { eventsOf, run, temporaryFolder } from '../end-to-end/support.ts';

// Envoy's periodic records hold all that was sent for the request so far. Once, every such sum was counted as if it had left anew.
const startMs = Date.UTC(2025, 5, 1);
const service: Service = {
  clientId: 'rates', subject: 'sub-rates', addressOn: () => '10.1.2.3', agent: 'rates/1', host: 'api.freight.example', paths: ['/v1/rates'],
  callsADay: 40, typicalBytes: 50_000, tokenHours: null,
};
const total = 60_000_000_000;
const parts = 60;

test('the parts of one request add up to it', async () => {
  const life = live(service, { seed: 1, startMs, days: 20 });
  const download: Request[] = Array.from({ length: parts }, (_, part) => ({
    startMs: startMs + 20 * dayMs, durationMs: (part + 1) * 30_000, token: life.last, address: '10.1.2.3', agent: 'rates/1', host: 'api.freight.example', path: '/v1/dump',
    bytesSent: (total * (part + 1)) / parts, requestId: 'one-download', logType: part + 1 === parts ? 'DownstreamEnd' : 'DownstreamPeriodic',
  }));
  const file = join(temporaryFolder(), 'gateway.ndjson');
  writeFileSync(file, logsOf([life], download).gateway);
  const result = await run([file]);
  const spike = result.alerts.find(({ rule }) => rule.id === 'egress-spike');
  expect(spike?.tokenward.alert['bytes_out']).toBeLessThanOrEqual(total);
  expect(spike?.tokenward.alert['bytes_out']).toBeGreaterThan(0.9 * total);
  const left = eventsOf(result).filter(({ http }) => http?.request?.id === 'one-download').map(({ tokenward }) => tokenward.bytes_out ?? 0);
  expect(left.reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
});
