import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { live, logsOf, type Service } from '../support/logs/company.ts';
import { run, temporaryFolder } from '../end-to-end/support.ts';

// A report every thirty days: the first may be news, but nobody objected to it. The second was once told as if the first had never been.
const service: Service = {
  clientId: 'invoicing', subject: 'sub-invoicing', addressOn: () => '10.60.7.20', agent: 'invoicing/1', host: 'api.freight.example', paths: ['/v1/invoices'],
  callsADay: 25, typicalBytes: 300_000, tokenHours: null, busyOn: (day) => (day % 30 === 29 ? 60 : 1),
};

test.each([12, 9000])('what was accepted is known the next time (tokens of %d hours)', async (tokenHours) => {
  const folder = temporaryFolder();
  const { gateway, realm } = logsOf([live({ ...service, tokenHours }, { seed: 1, startMs: Date.UTC(2025, 2, 1), days: 125 })]);
  writeFileSync(join(folder, 'gateway.ndjson'), gateway);
  writeFileSync(join(folder, 'realm.ndjson'), realm);
  const { alerts } = await run([folder]);
  expect(alerts.filter(({ event }) => event.start < '2025-04-15').length).toBeGreaterThan(0);
  expect(alerts.filter(({ event }) => event.start > '2025-04-15').map(({ rule, event }) => [rule.id, event.start, event.reason])).toEqual([]);
});
