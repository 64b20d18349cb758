import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, run, temporaryFolder } from '../end-to-end/support.ts';

// One log of Keycloak tells of all its realms. Administrators of the realm master once belonged to the only realm that the source named, and
// with two of them named no token was known at its gateway.
const line = (realm: string, name: string): string => (
  `2026-01-09 10:00:00,000 INFO  [org.keycloak.events] (t) type="CLIENT_LOGIN", realmId="${realm}", realmName="${name}", clientId="rates", userId="u-${name}", `
  + `ipAddress="198.51.100.17", token_id="t-${name}"`);
const issuer = (name: string): string => `https://sso.example.com/realms/${name}`;

test.each<[string, readonly string[], readonly (string | undefined)[]]>([
  ['both named', [issuer('shop'), issuer('master')], [issuer('shop'), issuer('master')]],
  ['another format\'s beside', [issuer('shop'), 'aws', issuer('master')], [issuer('shop'), issuer('master')]],
  ['an issuer of another form, which is the only one', ['https://idp.example.com'], ['https://idp.example.com', 'https://idp.example.com']],
  ['one named: the other may not be spoken for', [issuer('shop')], [issuer('shop')]],
  ['none named', [], ['keycloak:r-1', 'keycloak:r-2']],
])('realms of one log keep their own issuers: %s', async (_, issuers, expected) => {
  const file = join(temporaryFolder(), 'keycloak.log');
  writeFileSync(file, `${line('r-1', 'shop')}\n${line('r-2', 'master')}\n`);
  const done = await run([file], { yaml: JSON.stringify({ sources: [{ name: 'sso', formats: ['keycloak.events'], issuers }] }) });
  const identities = eventsOf(done).map(({ tokenward }) => tokenward.identity?.id);
  expect(identities).toEqual(expected.map((one, place) => `${one}|u-${place === 0 ? 'shop' : 'master'}`));
  expect(done.statistics.quarantined_by_reason).toEqual(expected.length === 2 ? {} : { not_authorised: 1 });
});
