import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkCanaries } from '../../../src/cli/doctor/canaries.ts';
import { keepCanaryUses } from '../../../src/service/canary-notes.ts';
import { openStore } from '../../../src/store/open.ts';
import { configure } from '../../end-to-end/support.ts';
import { makeFolder } from '../../store/support.ts';

const nowMs = 1_000_000_000;
const configuration = configure(`sources: [{ name: gateway, formats: [envoy.access] }]
canaries: [${['edge', 'slow', 'gone', 'never'].map((name) => `{ name: ${name}, source: gateway, handle: jti-${name}, every: 60s, within: 30s }`).join(', ')}]
`);

test('each canary is told as the service saw it last', async () => {
  const dir = join(makeFolder(), 'data');
  expect(await checkCanaries(configuration, dir, nowMs), 'nothing is there yet').toEqual([]);
  const store = openStore(dir);
  const uses = { edge: { usedMs: nowMs - 20_000, delayMs: 1_240 }, slow: { usedMs: nowMs - 40_000, delayMs: 35_000 }, gone: { usedMs: nowMs - 3_600_000, delayMs: 900 } };
  keepCanaryUses(store.effects, uses);
  await store.close();
  const found = (await checkCanaries(configuration, dir, nowMs)).map(({ level, subject, text }) => `${level} ${subject}: ${text}`);
  expect(found).toEqual([
    'ok canary edge: seen 20 seconds ago, stored 1.2 s after its use', 'warn canary slow: seen 40 seconds ago, stored 35 s after its use',
    'bad canary gone: seen 60 minutes ago, stored 0.9 s after its use', 'warn canary never: was never seen',
  ]);
  expect(await checkCanaries(configure(''), dir, nowMs)).toEqual([]);
});
