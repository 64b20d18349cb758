import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source.ts';
import { run, temporaryFolder } from '../end-to-end/support.ts';

// One record that claims to be of 2099 once made everything that came after it late, in every log and for ever: judged, but never learned.
const store = join(root, 'test/data/stores/0.1');
const lastDay = join(store, 'last-day.ndjson');

test('a record of the far future in one log leaves the others in time', async () => {
  const folder = temporaryFolder();
  const dataDir = join(folder, 'data');
  cpSync(store, dataDir, { recursive: true });
  const record = JSON.parse(readFileSync(join(root, 'test/data/real-servers/vault/theft-audit-accessor.ndjson'), 'utf8').split('\n')[0]!) as object;
  const odd = join(folder, 'odd.ndjson');
  writeFileSync(odd, `${JSON.stringify({ ...record, time: '2099-01-01T00:00:00Z' })}\n`);
  expect((await run([odd], { dataDir })).statistics).toMatchObject({ records: 1, quarantined: 0 });
  const { alerts } = await run([lastDay], { dataDir });
  expect(alerts.length).toBeGreaterThanOrEqual(4);
  expect(alerts.map(({ tokenward }) => tokenward.alert.late)).toEqual(alerts.map(() => false));
});
