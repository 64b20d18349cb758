import { describe, expect, test } from 'vitest';
import type { Target } from '../../../../src/model/intent.ts';
import type { Action } from '../../../../src/respond/port.ts';
import { base, sibling, startOrds, stolen, type FakeOrds } from '../../../support/providers/ords.ts';
import { fileWith, signal, targetOf } from '../support.ts';
import { expectStory, open, revoke, secret } from './support.ts';

const identityId = `ords|${stolen}`;
/** As the access log of ORDS tells it: no issuer, no id of the token. */
const target: Partial<Target> = { issuer: null, handle: null, tokenKind: 'opaque', userId: stolen, identityId };

async function start(call: string, entry = stolen): Promise<{ readonly fake: FakeOrds; readonly action: Action }> {
  const fake = await startOrds('TOKENWARD', secret);
  const place = { api_url: `${fake.url}${base}/`, user_name: 'TOKENWARD', password_file: fileWith(secret) };
  return { fake, action: open({ type: 'ords', call, ...place, identities: { [identityId]: entry } }) };
}

describe('client', () => {
  test('the one client is deleted, found by what it shows and not by its name; its neighbour stays', async () => {
    const { fake, action } = await start('client');
    await expectStory(action, revoke(target), fake);
    expect([[...fake.clients.keys()], action.undo]).toEqual([[10042], null]);
  });

  test('one that is made anew under its name is left alone', async () => {
    const { fake, action } = await start('client');
    const anew = { ...fake.clients.get(10041)!, clientId: 'anew..' };
    fake.clients.delete(10041);
    fake.clients.set(10043, anew);
    expect([await action.probe!(revoke(target), signal), await action.perform(revoke(target), signal)]).toEqual(['dead', { kind: 'already' }]);
    expect([fake.clients.has(10043), fake.faults]).toEqual([true, []]);
  });

  test('what ORDS says no to has failed, and the client is alive', async () => {
    const { fake, action } = await start('client');
    fake.isReader = true;
    expect([await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal)]).toEqual([{ kind: 'failed', reason: 'not_permitted' }, 'alive']);
  });

  test('deleted between the search and the call, it is gone as it should be', async () => {
    const { fake, action } = await start('client');
    fake.answer = { items: [{ id: 99, client_id: stolen }], hasMore: false };
    expect([await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal)]).toEqual([{ kind: 'already' }, 'dead']);
  });

  test('a number that has come to be another client\'s proves nothing', async () => {
    const { fake, action } = await start('client');
    fake.answer = { items: [{ id: 10042, client_id: stolen }], hasMore: false };
    expect(await action.probe!(revoke(target), signal)).toBe('unknown');
  });

  test('an answer lost on the way is asked for again, without harm', async () => {
    const { fake, action } = await start('client');
    fake.status = 503;
    expect([await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal), fake.clients.has(10041)])
      .toEqual([{ kind: 'retry', reason: 'http_503' }, 'unknown', true]);
    fake.status = null;
    expect([await action.perform(revoke(target), signal), await action.perform(revoke(target), signal)]).toEqual([{ kind: 'done' }, { kind: 'already' }]);
  });
});

describe('the search', () => {
  const one = { id: 10041, client_id: stolen };
  test.each([
    ['a part of the list', { items: [], hasMore: true }], ['no word of whether there is more', { items: [] }], ['no list', { clients: [] }],
    ['two of that id', { items: [one, one], hasMore: false }], ['no number', { items: [{ ...one, id: '../10042' }], hasMore: false }],
  ])('%s: nothing is deleted', async (_, answer) => {
    const { fake, action } = await start('client');
    fake.answer = answer;
    expect([await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal)]).toEqual([{ kind: 'failed', reason: 'list_not_readable' }, 'unknown']);
    expect([fake.clients.size, fake.seen.filter((line) => line.startsWith('DELETE'))]).toEqual([2, []]);
  });

  test('a filter that is not heeded gives others too, of which none is touched', async () => {
    const { fake, action } = await start('client');
    fake.answer = { items: [{ id: 10042, client_id: sibling }, one, { id: 7, client_id: `${stolen}.` }], hasMore: true };
    expect([await action.perform(revoke(target), signal), [...fake.clients.keys()]]).toEqual([{ kind: 'done' }, [10042]]);
  });

  test('our password is refused, or ORDS is not there: nothing is taken for gone', async () => {
    const { fake } = await start('client');
    const wrong = (part: object): Action => open({
      type: 'ords', call: 'client', api_url: `${fake.url}${base}`, user_name: 'TOKENWARD', password_file: fileWith(secret), identities: { [identityId]: stolen }, ...part,
    });
    expect(await wrong({ password_file: fileWith('other') }).perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'http_401' });
    expect(await wrong({ api_url: `${fake.url}/ords/other` }).perform(revoke(target), signal)).toEqual({ kind: 'failed', reason: 'http_404' });
  });
});

describe('secret', () => {
  test.each([false, true])('one of two ends with all sessions; the other one stays (empty members left out: %s)', async (leavesOutNulls) => {
    const { fake, action } = await start('secret', `${sibling}/1`);
    fake.leavesOutNulls = leavesOutNulls;
    await expectStory(action, revoke(target), fake);
    const { secrets, sessions } = fake.clients.get(10042)!;
    expect([[...secrets.keys()], sessions, action.undo, fake.clients.get(10041)!.sessions]).toEqual([['2'], 0, null, 3]);
    expect(fake.seen.filter((line) => line.startsWith('DELETE')).every((line) => line.endsWith('/10042/secret/1?revoke_sessions=true'))).toBe(true);
  });

  test('the only one ends too, and is not asked for again where ORDS tells that it is empty', async () => {
    const { fake, action } = await start('secret', `${stolen}/1`);
    await expectStory(action, revoke(target), fake);
    expect(fake.seen.filter((line) => line.startsWith('DELETE'))).toHaveLength(1);
  });

  test('a release without slots does nothing, and nobody is told that it did', async () => {
    const { fake, action } = await start('secret', `${stolen}/1`);
    fake.isOld = true;
    expect([await action.perform(revoke(target), signal), await action.probe!(revoke(target), signal)]).toEqual([{ kind: 'failed', reason: 'http_404' }, 'unknown']);
  });

  test('both at once cannot be said', async () => {
    await expect(start('secret', `${stolen}/3`)).rejects.toThrow('<client_id>/1 or <client_id>/2');
    await expect(start('secret', stolen)).rejects.toThrow('<client_id>/1 or <client_id>/2');
    await expect(start('client', `${stolen}/1`)).rejects.toThrow('the client_id of each');
  });
});

test('an identity that is not listed is left alone', async () => {
  const { action } = await start('client');
  expect(action.fits(targetOf({ ...target, identityId: `ords|${sibling}` }), 'revoke')).toBe('not_listed');
});

test('rights are asked for by a search for nobody, so that no secret is shown', async () => {
  const { fake, action } = await start('secret', `${stolen}/1`);
  expect(await action.rights!.ask(signal)).toEqual([{ right: 'GET on ords/rest/clients/', granted: 'granted' }]);
  const [asked = '', ...others] = fake.seen;
  expect([new URL(asked.slice('GET '.length), fake.url).searchParams.get('q'), others]).toEqual(['{"client_id":{"$eq":"tokenward-asks-for-nobody"}}', []]);
  expect(action.rights!.unasked).toBe('DELETE on ords/rest/clients/*/secret/*');
  fake.status = 403;
  expect(await action.rights!.ask(signal)).toMatchObject([{ granted: 'missing' }]);
  fake.status = 404;
  expect(await action.rights!.ask(signal)).toMatchObject([{ granted: 'unreachable' }]);
});
