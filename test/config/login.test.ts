import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../../src/config/configuration.ts';
import { makeLogin } from '../../src/service/login.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-login-'));
const file = join(folder, 'f.yaml');

function serverOf(login: string, more = 'public_url: https://tokenward.example.org/desk'): ReturnType<typeof loadConfiguration>['server'] {
  writeFileSync(file, `server:\n  ${more}\n  login: ${login}\n`);
  return loadConfiguration({ file, environment: {}, detectors: [] }).server;
}

const plain = 'issuer: https://login.example.com, client_id: tokenward';

test('what is left out is usual with providers', () => {
  expect(serverOf(`{ ${plain}, roles: { analyst: [soc] } }`).login).toEqual({
    issuer: 'https://login.example.com', clientId: 'tokenward', clientSecretFile: null, scopes: ['openid', 'profile'], nameClaim: ['preferred_username'],
    rolesClaim: ['groups'], roles: { viewer: [], analyst: ['soc'], responder: [], admin: [] }, endpoints: [], allowPrivate: false, caFile: null,
    stepUp: { withinMs: 300_000, acrValues: [], apiTokens: 'allowed' },
  });
  expect(serverOf(`{ ${plain}, roles: { admin: [a] }, roles_claim: [realm_access, roles] }`).login?.rolesClaim).toEqual(['realm_access', 'roles']);
  expect(serverOf(`{ ${plain}, roles: { admin: [a] }, step_up: { within: 2m, acr_values: [gold], api_tokens: refused } }`).login?.stepUp)
    .toEqual({ withinMs: 120_000, acrValues: ['gold'], apiTokens: 'refused' });
});

test.each([
  ['without a role for anybody', `{ ${plain}, roles: {} }`, /for each role/], ['with a role that is none', `{ ${plain}, roles: { boss: [a] } }`, /boss/],
  ['a login that is never fresh', `{ ${plain}, roles: { admin: [a] }, step_up: { within: 30s } }`, /at least 1m/],
  ['tokens that may perhaps', `{ ${plain}, roles: { admin: [a] }, step_up: { api_tokens: maybe } }`, /refused/],
  ['without openid', `{ ${plain}, roles: { admin: [a] }, scopes: [profile] }`, /scopes with openid/],
  ['a secret that is not there', `{ ${plain}, roles: { admin: [a] }, client_secret_file: ${folder}/none }`, /none/],
])('%s: refused', (_, login, problem) => {
  expect(() => serverOf(login)).toThrow(problem);
});

test('the provider must have somewhere to send people back to', () => {
  expect(() => serverOf(`{ ${plain}, roles: { admin: [a] } }`, 'listen: 127.0.0.1:7317')).toThrow(/needs "public_url"/);
});

test.each([
  ['plain http', 'http://login.example.com', /https/], ['the own network, unasked', 'https://10.0.0.1', /allow_private/],
])('%s: not spoken to', (_, issuer, problem) => {
  const { login } = serverOf(`{ issuer: "${issuer}", client_id: t, roles: { admin: [a] } }`);
  expect(() => makeLogin(login!, 'https://tokenward.example.org')).toThrow(problem);
});
