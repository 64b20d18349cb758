import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, run, temporaryFolder } from './support.ts';

const startMs = Date.UTC(2026, 5, 1, 8);
const file = join(temporaryFolder(), 'gateway.ndjson');
/** Half a day in one network, then on in one that is foreign to it. */
writeFileSync(file, Array.from({ length: 60 }, (_, n) => JSON.stringify({
  start_time: new Date(startMs + n * 600_000).toISOString(), duration: 5, method: 'GET', path: '/canary', authority: 'api.example', response_code: 200, response_flags: '-', bytes_sent: 20,
  downstream_remote_address: n < 50 ? '203.0.113.9:4711' : '198.51.100.66:4711', 'x-request-id': `r-${n}`,
  jwt_payload: { iss: 'https://idp.example', sub: 'canary', jti: 'jti-canary', iat: startMs / 1000 - 60, exp: startMs / 1000 + 40 * 86_400 },
})).join('\n'));
const sources = 'sources: [{ name: gateway, paths: [gateway.ndjson], formats: [envoy.access] }]\ndetectors: { unfamiliar-ip: { learn: 0 } }\n';

test('whatever is done with a canary raises no alert, and is an event like any other', async () => {
  const ordinary = await run([file], { yaml: sources });
  const watched = await run([file], { yaml: `${sources}canaries: [{ name: edge, source: gateway, handle: jti-canary }]\n` });
  expect(ordinary.alerts.map(({ rule }) => rule.id)).toContain('unfamiliar-ip');
  expect(watched.alerts).toEqual([]);
  expect(eventsOf(watched)).toHaveLength(60);
  expect(watched.statistics.tokens).toBe(1);
});
