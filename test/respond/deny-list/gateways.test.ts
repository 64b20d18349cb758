import { randomBytes, createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { actionSchema, type SectionOf } from '../../../src/config/respond-schema.ts';
import { openActions } from '../../../src/respond/actions/index.ts';
import type { DenyList } from '../../../src/respond/deny-list/deny-list.ts';
import type { Action } from '../../../src/respond/port.ts';
import { Credentials } from '../../../src/server/credentials.ts';
import { startServer } from '../../../src/server/http.ts';
import { openStore } from '../../../src/store/open.ts';
import { makeFolder } from '../../store/support.ts';
import { GatewayList, readList } from '../../support/gateway-list.ts';
import { fileWith, intentOf, keyFiles, serve, signal, targetOf } from '../actions/support.ts';

const keys = keyFiles('ed25519');
const tokens = { edge: randomBytes(24).toString('base64url'), partner: randomBytes(24).toString('base64url') };
const names = ['edge', 'partner'] as const;
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

interface Running { readonly action: Action; readonly list: DenyList; readonly url: string; close(): Promise<void> }

/** The action, its list and the server over one folder. */
async function start(dir: string, part: Partial<SectionOf<'deny_list'>> = {}): Promise<Running> {
  const store = openStore(dir);
  const section = actionSchema.parse({
    name: 'gateways', type: 'deny_list', signing_key_file: keys.privateFile, gateways: names.map((name) => ({ name, credentials_file: 'read by the service' })), ...part,
  });
  const { actions, denyLists: [list] } = openActions([section], { denials: store.effects.denials, openToken: null });
  const server = await startServer({
    host: '127.0.0.1', port: 0, credentials: null, push: [], readiness: () => ({}) as never,
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
    denyLists: [{
      name: list!.name, current: () => list!.current(), acknowledge: (gateway, number) => list!.acknowledge(gateway, number),
      gateways: names.map((name) => ({ name, credentials: new Credentials([digest(tokens[name])]) })),
    }],
  });
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => closed ??= server.close().then(() => store.close());
  onTestFinished(close);
  return { action: actions.get('gateways')!, list: list!, url: `http://127.0.0.1:${server.port}/deny-lists/gateways`, close };
}

function gatewayOf(url: string, name: (typeof names)[number]): GatewayList {
  return new GatewayList({ url, token: tokens[name], publicKey: keys.publicKey });
}

const theft = { jti: 'jti-1', issuer: 'https://login.example', address: '203.0.113.9' };

test('a denial is in force once every gateway has fetched it, through a restart, and until it is taken back', async () => {
  const dir = makeFolder();
  const { action, url, list, close } = await start(dir);
  const [edge, partner] = [gatewayOf(url, 'edge'), gatewayOf(url, 'partner')];
  const probe = (): Promise<string> => action.probe!(intentOf(), signal);
  expect(await probe(), 'no gateway has a list yet').toBe('unknown');
  expect([await edge.fetch(), await edge.fetch(), await partner.fetch()]).toEqual([200, 304, 200]);
  expect([await probe(), edge.refuses(theft)]).toEqual(['alive', false]);

  expect([await action.perform(intentOf(), signal), await action.perform(intentOf(), signal)]).toEqual([{ kind: 'done' }, { kind: 'already' }]);
  expect(await edge.fetch()).toBe(200);
  expect([await probe(), edge.refuses(theft), partner.refuses(theft)], 'one gateway is late').toEqual(['alive', true, false]);
  expect(await partner.fetch()).toBe(200);
  expect([await probe(), partner.refuses(theft), partner.refuses({ ...theft, jti: 'jti-2' }), partner.refuses({ ...theft, issuer: 'https://other.example' })])
    .toEqual(['dead', true, false, false]);

  const before = list.current();
  await close();
  expect([await edge.fetch(), edge.refuses(theft)], 'nobody answers: the last good list holds').toEqual(['unreachable', true]);
  const again = await start(dir);
  expect([again.list.current(), await again.action.probe!(intentOf(), signal)]).toEqual([before, 'dead']);
  expect(await edge.fetch(again.url)).toBe(304);

  expect(await again.action.undo!(intentOf({ undoing: true }), signal)).toEqual({ kind: 'done' });
  const undone = (): Promise<string> => again.action.probe!(intentOf({ undoing: true }), signal);
  expect([await undone(), await edge.fetch(again.url), await undone(), await partner.fetch(again.url), await undone()]).toEqual(['unknown', 200, 'unknown', 200, 'alive']);
  expect([edge.refuses(theft), partner.refuses(theft)]).toEqual([false, false]);
});

test('a pinned token goes on from its own places, and nowhere else', async () => {
  const { action, url } = await start(makeFolder());
  const pin = intentOf({ kind: 'pin', keepNetworks: ['10.20.0.0/16', '2001:db8::/32'], keepWorkloads: ['spiffe://example/rates'] });
  expect(await action.perform(pin, signal)).toEqual({ kind: 'done' });
  const edge = gatewayOf(url, 'edge');
  await edge.fetch();
  const refused = (address: string, workload?: string): boolean => edge.refuses({ ...theft, address, ...(workload === undefined ? {} : { workload }) });
  expect([refused('10.20.3.4'), refused('2001:db8::7'), refused('203.0.113.9', 'spiffe://example/rates'), refused('203.0.113.9'), refused('10.21.0.1')])
    .toEqual([false, false, false, true, true]);
  expect(await action.perform(intentOf({ id: 'b', kind: 'pin' }), signal)).toEqual({ kind: 'failed', reason: 'nothing_to_keep' });
});

test('a gateway takes no forged and no older list', async () => {
  const { action, url, list } = await start(makeFolder());
  const edge = gatewayOf(url, 'edge');
  const empty = list.current().body;
  await action.perform(intentOf(), signal);
  await edge.fetch();
  const answering = async (body: string): Promise<string> => serve((_, response) => { response.end(body); });
  expect(await edge.fetch(await answering(empty))).toBe('older');
  expect(await edge.fetch(await answering(`${list.current().body.slice(0, -4)}AAAA`))).toBe('forged');
  expect([readList('', keys.publicKey), edge.refuses(theft)]).toEqual([null, true]);
});

test('a token is named as gateways can know it; all of a subject\'s tokens only where that is asked for', async () => {
  const fits = async (by: SectionOf<'deny_list'>['by'], part: Parameters<typeof targetOf>[0]): Promise<string | null> =>
    (await start(makeFolder(), { by })).action.fits(targetOf(part), 'deny');
  const nameless = { handle: null, sha256: null };
  expect(await fits(['jti', 'sha256'], nameless)).toBe('no_public_id');
  expect(await fits(['jti', 'sha256'], { handle: 'AKIAEXAMPLE', tokenKind: 'access_key' })).toBe('no_public_id');
  expect(await fits(['jti', 'sha256'], { handle: 'two words\n', sha256: null })).toBe('no_public_id');
  expect(await fits(['jti', 'sha256'], { handle: null, sha256: 'AB'.repeat(32) })).toBeNull();
  expect(await fits(['jti', 'client'], nameless)).toBeNull();
});

test('a token that has ended by itself needs no entry any more', async () => {
  const { action } = await start(makeFolder());
  expect(await action.probe!(intentOf({ target: { expiresAtMs: Date.now() - 1 } }), signal)).toBe('dead');
});

test('where no gateway fetches the list nobody can be asked', async () => {
  const folder = makeFolder();
  const section = actionSchema.parse({ name: 'local', type: 'deny_list', signing_key_file: keys.privateFile, file: fileWith('') });
  const store = openStore(folder);
  onTestFinished(() => store.close());
  expect(openActions([section], { denials: store.effects.denials, openToken: null }).actions.get('local')!.probe).toBeNull();
});
