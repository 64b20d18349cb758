import { expect, test } from 'vitest';
import { base, startOrds, stolen } from '../../../support/providers/ords.ts';
import { startVaultKv } from '../../../support/providers/rotation.ts';
import { fileWith, signal } from '../support.ts';
import { openRotation, Rotated } from './support.ts';

const secret = 'our-own-secret';
const identityId = `ords|${stolen}`;
const before = { id: 'none', client_id: stolen, client_secret: 'old-secret' };

async function start() {
  const [ords, store] = [await startOrds('TOKENWARD', secret), await startVaultKv(secret, before)];
  const open = () => openRotation({
    credential: { type: 'ords_secret', api_url: `${ords.url}${base}`, user_name: 'TOKENWARD', password_file: fileWith(secret), identities: { [identityId]: stolen } },
    stores: [{ type: 'vault_kv', address: store.url, token_file: fileWith(secret), secrets: { [identityId]: 'app/export' }, id_field: 'id', secret_field: 'client_secret' }],
  });
  const rotated = new Rotated(open(), { issuer: null, handle: null, tokenKind: 'opaque', identityId });
  const stored = (): unknown => JSON.parse(store.versions.at(-1)!.value);
  const noFaults = (): void => expect([...ords.faults, ...store.faults]).toEqual([]);
  return { ords, client: ords.clients.get(10041)!, rotated, stored, noFaults, again: () => { rotated.action = open(); } };
}

test.each([false, true])('a new secret in the free slot, then the old one ends with all sessions (empty members left out: %s)', async (leavesOutNulls) => {
  const { ords, client, rotated, stored, noFaults, again } = await start();
  ords.leavesOutNulls = leavesOutNulls;
  expect([rotated.action.fits(rotated.intent.target, 'rotate'), await rotated.probe()]).toEqual([null, 'alive']);
  expect(await rotated.handOver()).toEqual({ kind: 'done' });
  expect([[...client.secrets.keys()], client.sessions, await rotated.probe()]).toEqual([['1', '2'], 3, 'alive']);
  expect(stored()).toEqual({ ...before, id: rotated.handover.made, client_secret: ords.handedOut[0] });
  again();
  expect([await rotated.handOver(), ords.handedOut.length], 'again').toEqual([{ kind: 'done' }, 1]);
  expect([await rotated.cut(), [...client.secrets.keys()], client.sessions, await rotated.probe()]).toEqual([{ kind: 'done' }, ['2'], 0, 'dead']);
  expect([await rotated.cut(), [...client.secrets.keys()]], 'again').toEqual([{ kind: 'already' }, ['2']]);
  expect([await rotated.undo(), JSON.stringify(rotated.notes).includes(ords.handedOut[0]!)]).toEqual([{ kind: 'failed', reason: 'old_is_dead' }, false]);
  noFaults();
});

test('the next rotation goes the other way without a change of the configuration', async () => {
  const { client, rotated, noFaults } = await start();
  await rotated.handOver();
  await rotated.cut();
  rotated.handover = { ...rotated.handover, made: null, before: null, former: [] };
  expect([await rotated.handOver(), [...client.secrets.keys()].sort(), await rotated.cut(), [...client.secrets.keys()]])
    .toEqual([{ kind: 'done' }, ['1', '2'], { kind: 'done' }, ['1']]);
  noFaults();
});

test('taken back, the old one is the only one again and its sessions go on', async () => {
  const { client, rotated, stored, noFaults } = await start();
  await rotated.handOver();
  expect([await rotated.undo(), [...client.secrets.keys()], client.sessions, stored()]).toEqual([{ kind: 'done' }, ['1'], 3, before]);
  expect(await rotated.undo()).toEqual({ kind: 'already' });
  noFaults();
});

test('one that was made and lost makes way for another; one that somebody else made does not', async () => {
  const { ords, client, rotated, stored, noFaults } = await start();
  rotated.handover = { ...rotated.handover, before: { ids: [`1 since ${new Date(client.secrets.get('1')!.issuedMs).toISOString()}`], atMs: Date.now() } };
  client.secrets.set('2', { value: 'lost', issuedMs: Date.now() });
  expect([await rotated.handOver(), [...client.secrets.keys()]]).toEqual([{ kind: 'done' }, ['1', '2']]);
  expect([client.secrets.get('2')!.value, stored()]).toMatchObject([ords.handedOut[0]!, { client_secret: ords.handedOut[0]! }]);
  noFaults();
  const other = await start();
  other.client.secrets.set('2', { value: 'by hand', issuedMs: Date.now() - 3_600_000 });
  expect([await other.rotated.handOver(), other.ords.handedOut]).toEqual([{ kind: 'failed', reason: 'no_room_beside' }, []]);
});

test('made anew by hand while users moved, nothing is cut: neither his nor the one in the stores', async () => {
  const { client, rotated, noFaults } = await start();
  await rotated.handOver();
  client.secrets.set('1', { value: 'by hand', issuedMs: Date.now() + 5 });
  expect([await rotated.cut(), [...client.secrets.keys()]]).toEqual([{ kind: 'failed', reason: 'new_is_gone' }, ['1', '2']]);
  client.secrets.delete('2');
  expect([await rotated.cut(), [...client.secrets.keys()]]).toEqual([{ kind: 'failed', reason: 'new_is_gone' }, ['1']]);
  noFaults();
});

test('where ORDS does not tell when secrets were made, or tells it without a zone, nothing is made', async () => {
  const { ords, rotated } = await start();
  ords.isOld = true;
  expect([await rotated.handOver(), await rotated.probe()]).toEqual([{ kind: 'failed', reason: 'dates_not_told' }, 'unknown']);
  [ords.isOld, ords.zone] = [false, ''];
  expect([await rotated.handOver(), ords.handedOut]).toEqual([{ kind: 'failed', reason: 'dates_not_told' }, []]);
});

test('what our user may do is asked for at ORDS and at the store, and nothing is changed', async () => {
  const { ords, rotated } = await start();
  const found = await rotated.action.rights!.ask(signal);
  expect(found).toContainEqual({ right: 'GET on ords/rest/clients/', granted: 'granted' });
  expect([ords.seen.every((line) => line.startsWith('GET ')), ords.handedOut, rotated.action.rights!.unasked]).toEqual([true, [], expect.stringContaining('POST and DELETE on ords')]);
});

test('a client that is gone, an ORDS that is not there, one that answers 503', async () => {
  const { ords, rotated } = await start();
  ords.status = 503;
  expect([await rotated.handOver(), await rotated.cut()]).toEqual([{ kind: 'retry', reason: 'http_503' }, { kind: 'retry', reason: 'http_503' }]);
  ords.status = 404;
  expect([await rotated.handOver(), await rotated.cut(), await rotated.probe()]).toEqual([{ kind: 'failed', reason: 'http_404' }, { kind: 'failed', reason: 'http_404' }, 'unknown']);
  ords.status = null;
  ords.clients.delete(10041);
  expect([await rotated.handOver(), await rotated.cut(), await rotated.probe()]).toEqual([{ kind: 'failed', reason: 'gone' }, { kind: 'already' }, 'dead']);
});
