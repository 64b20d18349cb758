import { expect, test } from 'vitest';
import { startRotatingKeycloak, startVaultKv } from '../../../support/providers/rotation.ts';
import { fileWith } from '../support.ts';
import { openRotation, Rotated } from './support.ts';

const secret = 'our-own-secret';
const identityId = 'https://login.example|service-account-export';
const before = { id: 'none', password: 'old-secret' };

async function start() {
  const [keycloak, store] = [await startRotatingKeycloak(secret), await startVaultKv(secret, before)];
  const open = () => openRotation({
    credential: {
      type: 'keycloak_secret', base_url: keycloak.url, realm: 'prod', issuer: 'https://login.example', client_id: 'ours', client_secret_file: fileWith(secret),
      identities: { [identityId]: 'export' },
    },
    stores: [{ type: 'vault_kv', address: store.url, token_file: fileWith(secret), secrets: { [identityId]: 'app/export' }, id_field: 'id', secret_field: 'password' }],
  });
  const rotated = new Rotated(open(), { issuer: 'https://login.example', identityId });
  const stored = (): unknown => JSON.parse(store.versions.at(-1)!.value);
  const noFaults = (): void => expect([...keycloak.faults, ...store.faults]).toEqual([]);
  return { keycloak, rotated, stored, noFaults, again: () => { rotated.action = open(); } };
}

test('a new secret beside the old, until the old is ended', async () => {
  const { keycloak, rotated, stored, noFaults, again } = await start();
  expect([rotated.action.fits(rotated.intent.target, 'rotate'), await rotated.probe()]).toEqual([null, 'alive']);
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([keycloak.rotated, stored(), await rotated.probe()]).toEqual(['old-secret', { id: rotated.handover.made, password: keycloak.now[0] }, 'alive']);
  again();
  const [value] = keycloak.now;
  expect([await rotated.handOver(), keycloak.now[0]], 'again').toEqual([{ kind: 'done' }, value]);
  expect([await rotated.cut(), keycloak.rotated, keycloak.now[0], await rotated.probe()]).toEqual([{ kind: 'done' }, null, value, 'dead']);
  expect(JSON.stringify(rotated.notes)).not.toContain(value);
  noFaults();
});

test('taken back, the old one is the only one again', async () => {
  const { keycloak, rotated, stored, noFaults } = await start();
  await rotated.handOver();
  expect([await rotated.undo(), keycloak.now[0], keycloak.rotated, stored()]).toEqual([{ kind: 'done' }, 'old-secret', null, before]);
  expect(await rotated.undo()).toEqual({ kind: 'already' });
  noFaults();
});

test('one that was made and lost makes way for another, and the old one lives on', async () => {
  const { keycloak, rotated, stored, noFaults } = await start();
  rotated.handover = { ...rotated.handover, before: { ids: ['since 1700000000'], atMs: Date.now() } };
  keycloak.now = ['lost-secret', Math.floor(Date.now() / 1000)];
  keycloak.rotated = 'old-secret';
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([keycloak.rotated, stored()]).toEqual(['old-secret', { id: rotated.handover.made, password: keycloak.now[0] }]);
  expect(keycloak.now[0]).toMatch(/^keycloak-canary/);
  noFaults();
});

test('where the old one would die at once, or another rotation is under way, nothing is made', async () => {
  const { keycloak, rotated } = await start();
  keycloak.hasPolicy = false;
  expect(await rotated.handOver()).toEqual({ kind: 'failed', reason: 'old_dies_at_once' });
  [keycloak.hasPolicy, keycloak.rotated] = [true, 'older'];
  expect([await rotated.handOver(), keycloak.now[0], keycloak.rotated]).toEqual([{ kind: 'failed', reason: 'no_room_beside' }, 'old-secret', 'older']);
});

test('a secret that somebody made meanwhile has put ours in the old one\'s place: it is not ended', async () => {
  const { keycloak, rotated, stored } = await start();
  await rotated.handOver();
  const [ours, since] = keycloak.now;
  [keycloak.now, keycloak.rotated] = [['by-hand', since + 60], ours];
  expect([await rotated.cut(), keycloak.rotated, stored()]).toEqual([{ kind: 'failed', reason: 'new_is_gone' }, ours, { id: rotated.handover.made, password: ours }]);
});
