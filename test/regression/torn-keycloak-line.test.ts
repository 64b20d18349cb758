import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from '../end-to-end/support.ts';

// A line that was cut within a quoted value once became an event whose last value had lost its end: another user, another address.
const whole = '2026-01-09 10:00:00,000 INFO  [org.keycloak.events] (t) type="CLIENT_LOGIN", realmId="r", clientId="rates", userId="4f1c20", ipAddress="198.51.100.17"';

test('a torn line of Keycloak is refused', async () => {
  const file = join(temporaryFolder(), 'keycloak.log');
  writeFileSync(file, `${whole}\n${whole.slice(0, -2)}\n${whole.slice(0, whole.indexOf('c20') + 1)}\n${whole}\n`);
  const { statistics } = await run([file]);
  expect([statistics.events, statistics.quarantined]).toEqual([2, 2]);
});
