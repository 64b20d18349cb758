import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readAccounts } from '../../src/server/accounts.ts';
import { Refusals, type RefusalNote } from '../../src/server/refusals.ts';
import { Sessions } from '../../src/server/sessions.ts';
import { makeFolder } from '../store/support.ts';
import { hashOf } from './live-support.ts';

const hash = (token: string): string => hashOf(token).toString('hex');

function file(text: string): string {
  const path = join(makeFolder(), 'accounts');
  writeFileSync(path, text);
  return path;
}

describe('a file of accounts', () => {
  it('names who may do what, by the hash of a token', () => {
    const accounts = readAccounts(file(`# people\nalice responder ${hash('one')}  -\nalice responder sha256:${hash('two')}\n\nci.bot@example viewer\t${hash('three')}\n`));
    expect(['Bearer one', 'bearer two', 'Bearer three', 'Bearer four', 'Bearer ', 'Basic one', undefined].map((header) => accounts.findBearer(header)?.account.name ?? null))
      .toEqual(['alice', 'alice', 'ci.bot@example', null, null, null, null]);
    expect(accounts.named('alice')).toEqual({ name: 'alice', role: 'responder' });
    expect(accounts.find(hash('one'))).toBeNull();
  });

  it.each([
    ['nobody', '# none\n', /holds no account/], ['a token itself', 'alice admin secret-token', /entry 1 is none/], ['another role', `alice root ${hash('a')}`, /entry 1 is none/],
    ['our own name', `executor admin ${hash('a')}`, /is our own/], ['two roles', `a admin ${hash('a')}\na viewer ${hash('b')}`, /two roles/],
    ['one token twice', `a admin ${hash('a')}\nb viewer ${hash('a')}`, /one token/], ['the hash of nothing', `a admin ${hash('')}`, /empty token/],
    ['a name that breaks lines', `a\u2028b admin ${hash('a')}`, /entry 1 is none/],
    ['too many', Array.from({ length: 257 }, (_, place) => `a${place} admin ${hash(String(place))}`).join('\n'), /more than 256/],
  ])('refuses %s', (_, text, message) => {
    expect(() => readAccounts(file(text))).toThrow(message);
    expect(() => readAccounts(file(text))).not.toThrow(/secret/);
  });
});

describe('another reading of the file', () => {
  it('says who came and went, and what does not stand any more: the account, its role, or only the token', () => {
    const one = readAccounts(file(`ann admin ${hash('a')}\nben viewer ${hash('b')}\ncid viewer ${hash('c')}`));
    const entries = ['a', 'b', 'c'].map((token) => one.find(token)!);
    const { added, removed } = one.replaceBy(readAccounts(file(`ann viewer ${hash('a')}\nben viewer ${hash('b2')}\ncid viewer ${hash('c')}\ndan admin ${hash('d')}`)));
    expect([added, removed]).toEqual([['ann viewer', 'dan admin'], ['ann admin']]);
    expect(entries.map((entry) => one.stands(entry))).toEqual([false, false, true]);
    expect([one.find('a')?.account.role, one.find('b'), one.find('d')?.account.name]).toEqual(['viewer', null, 'dan']);
  });
});

describe('sessions', () => {
  const alice = { name: 'alice', role: 'viewer' } as const;
  let nowMs = 0;

  it('end by time, by logout, and the oldest where there are too many', () => {
    const sessions = new Sessions(() => nowMs);
    const { secret, session } = sessions.begin(alice);
    expect(sessions.find(secret)).toBe(session);
    expect(sessions.find(`${secret}x`)).toBeNull();
    for (let count = 0; count < 19; count++) sessions.begin(alice);
    expect(sessions.isOver(session)).toBe(false);
    const last = sessions.begin(alice);
    expect([sessions.isOver(session), sessions.find(secret)]).toEqual([true, null]);
    nowMs += 12 * 3_600_000;
    expect([sessions.isOver(last.session), sessions.find(last.secret)]).toEqual([true, null]);
    const other = sessions.begin({ ...alice, name: 'bob' });
    sessions.end(other.secret);
    expect(sessions.isOver(other.session)).toBe(true);
  });

  it('are over as soon as what they rest on is taken away', () => {
    let isWithdrawn = false;
    const sessions = new Sessions(() => nowMs);
    const { secret, session } = sessions.begin(alice, { proof: null, isWithdrawn: () => isWithdrawn });
    expect([sessions.isOver(session), sessions.find(secret)]).toEqual([false, session]);
    isWithdrawn = true;
    expect([sessions.isOver(session), sessions.find(secret)]).toEqual([true, null]);
  });

  it('tickets and links open once and not for long, and many of them fill nothing', () => {
    const sessions = new Sessions(() => nowMs);
    const admitted = { account: alice, isOver: () => false };
    const { ticket } = sessions.ticket(admitted);
    expect([sessions.useTicket(ticket), sessions.useTicket(ticket)]).toEqual([admitted, null]);
    const early = sessions.ticket(admitted).ticket;
    for (let count = 0; count < 1_000; count++) sessions.ticket(admitted);
    expect(sessions.useTicket(early)).toBeNull();
    const link = sessions.link(alice);
    expect([sessions.useLink(link), sessions.useLink(link)]).toEqual([alice, null]);
    const late = sessions.link(alice);
    nowMs += 10 * 60_000;
    expect(sessions.useLink(late)).toBeNull();
  });
});

test('every refusal is told, alike ones counted together, and a flood of kinds as one', () => {
  const notes: RefusalNote[] = [];
  const refusals = new Refusals((note) => notes.push(note), () => 7);
  const request = { reason: 'role', status: 403, route: 'POST /x', account: 'alice' };
  for (let count = 0; count < 1000; count++) refusals.add(request);
  expect(notes).toEqual([{ ...request, count: 1, timeMs: 7 }]);
  for (let count = 0; count < 500; count++) refusals.add({ ...request, account: `guess ${count}` });
  expect(notes.length).toBe(64);
  refusals.flush();
  expect(notes.reduce((sum, { count }) => sum + count, 0)).toBe(1500);
  expect(notes.length).toBe(66);
});
