import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examine } from '../../../src/cli/doctor/examine.ts';
import { fileWith, serve } from '../../respond/actions/support.ts';
import { makeFolder } from '../../store/support.ts';
import { startOkta } from '../../support/providers/okta.ts';
import { startVault } from '../../support/providers/vault.ts';

async function findings(actions: readonly object[]): Promise<string[]> {
  const folder = makeFolder();
  const file = join(folder, 'tokenward.yaml');
  writeFileSync(file, JSON.stringify({ respond: { actions }, store: { dir: join(folder, 'data') } }));
  return (await examine(file, Date.now(), true)).filter(({ subject }) => /^(?:rights of|own credential of) /.test(subject) || subject === 'clock')
    .map(({ level, subject, text }) => `${level} ${subject}: ${text}`);
}

const account = '123456789012';
const aws = { name: 'aws', type: 'aws', call: 'role_sessions', account_id: account, access_key_id: 'AKIA111122223333OURS', secret_key_file: fileWith('s'.repeat(40)), allow_private: true };

test('what an action may and may not do, and what nobody can tell; nothing without --connect', async () => {
  const vault = await startVault('s.ours');
  const action = { name: 'vault', type: 'vault', call: 'token', address: vault.url, token_file: fileWith('s.ours'), allow_private: true };
  vault.capabilities.set('auth/token/revoke-accessor', ['update']);
  const url = await serve((_, response) => response.writeHead(404, { 'content-type': 'text/xml' }).end('<Code>NoSuchEntity</Code>'));
  expect((await findings([action, { ...aws, endpoint: url }])).slice(1)).toEqual([
    'ok rights of action vault: update on auth/token/revoke-accessor: granted', 'bad rights of action vault: update on auth/token/lookup-accessor: missing',
    'ok own credential of action vault: watched in logs as OwnAcc0123456789',
    'ok rights of action aws: iam:GetRolePolicy: granted; nobody can be asked without acting: iam:PutRolePolicy and iam:DeleteRolePolicy',
  ]);
  expect(vault.accessors.size).toBe(2);
});

test('by what name logs know what we act with; where nobody can say, that it is not watched', async () => {
  const [okta, vault] = [await startOkta('own-token'), await startVault('s.ours')];
  const ofOkta = { name: 'okta', type: 'okta', call: 'session', org_url: okta.url, api_token_file: fileWith('own-token'), allow_private: true };
  const ofVault = { name: 'vault', type: 'vault', call: 'token', address: vault.url, token_file: fileWith('s.ours'), allow_private: true };
  const kong = { name: 'kong', type: 'kong', call: 'key_auth', admin_url: 'https://127.0.0.1:1', admin_token_file: fileWith('k'), allow_private: true };
  const unwatched = 'by what name logs know it cannot be told, so its misuse is not seen';
  const actions = [ofOkta, ofVault, kong, { ...ofOkta, name: 'named', account: '00T1' }, { ...ofVault, name: 'ended', token_file: fileWith('s.ended') }];
  const of = (name: string): string => `own credential of action ${name}`;
  expect((await findings(actions)).filter((line) => line.includes('own credential'))).toEqual([
    `ok ${of('okta')}: watched in logs as 00T1`, `ok ${of('vault')}: watched in logs as OwnAcc0123456789`, `warn ${of('kong')}: ${unwatched}`, `warn ${of('ended')}: ${unwatched}`,
  ]);
  okta.apiTokens.set('00T9', '00uadmin');
  expect((await findings([ofOkta])).at(-1)).toBe(`warn ${of('okta')}: ${unwatched}`);
});

test('a provider whose clock is another\'s is told', async () => {
  const url = await serve((_, response) => {
    response.sendDate = false;
    response.writeHead(403, { date: new Date(Date.now() + 40 * 60_000).toUTCString() }).end('<Code>SignatureDoesNotMatch</Code>');
  });
  const told = await findings([{ ...aws, endpoint: url }]);
  expect(told.some((line) => /^bad clock: (?:39|40) minutes behind of that of action aws's provider/.test(line))).toBe(true);
  expect(told).toContain('bad rights of action aws: iam:GetRolePolicy: our credential was refused');
});
