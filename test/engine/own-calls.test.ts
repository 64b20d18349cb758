import { expect, test } from 'vitest';
import { OwnCalls, type OwnCallsParts } from '../../src/engine/own-calls.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { fates } from '../../src/model/fate.ts';
import type { Entities } from '../../src/state/port.ts';

const minuteMs = 60_000;
const callMs = Date.UTC(2026, 2, 2, 8);
const names = [
  { name: 'watcher', issuer: 'https://login.example', of: 'kc', acts: true }, { name: 'AKIAOURS', issuer: 'aws', of: 'keys', acts: true },
  { name: 'AKIAOURS', issuer: 'aws', of: 'rotate', acts: true }, { name: 'sender', issuer: null, of: 'siem', acts: false },
];

function entities<T>(): Entities<T> {
  const kept = new Map<string, T>();
  return { kind: 'own-call', get size() { return kept.size; }, get: (key) => kept.get(key), set: (key, value) => { kept.set(key, value); }, delete: (key) => { kept.delete(key); }, all: () => kept };
}

function ownCalls(listed: typeof names, more: Partial<OwnCallsParts> = {}): OwnCalls {
  return new OwnCalls({ calls: entities(), learned: entities(), names: listed, actions: ['kc', 'keys', 'rotate'], ...more });
}

function begun(sinceMs: number | null = 0): OwnCalls {
  const own = ownCalls(names);
  if (sinceMs !== null) own.watchFrom(sinceMs);
  return own;
}

const event = (change: Partial<TokenEvent>): TokenEvent => ({ ...emptyEvent('aws.cloudtrail', callMs), tokenHandle: 'AKIAOURS', tokenIssuer: 'aws', ...change });
const call = (change = {}) => ({ action: 'keys', atMs: callMs, token: 'k.victim', step: 'revoke', ...change });

test('credentials are known by their names under their authority, and by no other', () => {
  const own = begun();
  expect(own.fateOf(event({}))).toBe(fates.own);
  expect(own.fateOf(event({ tokenHandle: null, tokenIssuer: null, userName: 'watcher', identityId: 'https://login.example|watcher' }))).toBe(fates.own);
  expect(own.fateOf(event({ tokenHandle: null, tokenIssuer: 'https://other.example', userName: 'watcher', identityId: 'https://other.example|watcher' }))).toBe(0);
  expect([own.fateOf(event({ tokenHandle: 'AKIAOTHER' })), ownCalls([]).fateOf(event({}))]).toEqual([0, 0]);
});

test('a use is noted within minutes of a call, whichever of the actions of its credential made that, also when its log came late', () => {
  const own = begun();
  own.note(call());
  own.note(call({ action: 'kc', atMs: callMs + 60 * minuteMs }));
  const isNoted = (minutes: number): boolean | undefined => own.useOf(event({ timeMs: callMs + minutes * minuteMs, orderMs: callMs + 600 * minuteMs }))?.isNoted;
  expect([-3, -1, 0, 9, 11, 60].map(isNoted)).toEqual([false, true, true, true, false, false]);
  own.note(call({ action: 'rotate', atMs: callMs + 30 * minuteMs }));
  expect(isNoted(31)).toBe(true);
});

test('where the log tells which token was ended, it must be that of the call; a rotation ends what it made as well', () => {
  const own = begun();
  own.note(call());
  const use = (revoked: string | null) => own.useOf(event({ revoked }))?.isNoted;
  expect([use(null), use('k.victim'), use('k.other')]).toEqual([true, true, false]);
  own.note(call({ step: 'rotate' }));
  expect(use('k.other')).toBe(true);
});

test('nothing is judged that was before calls were noted, nor where they never were', () => {
  expect(begun(null).useOf(event({}))).toBeNull();
  const own = begun(callMs);
  own.watchFrom(callMs - 60 * minuteMs);
  expect([own.useOf(event({ timeMs: callMs - 1 })), own.useOf(event({}))?.lastCallMs]).toEqual([null, null]);
});

test('of one action the newest calls are kept', () => {
  const own = begun();
  for (let minute = 0; minute < 300; minute++) own.note(call({ atMs: callMs + minute * 60 * minuteMs }));
  expect([own.useOf(event({}))?.isNoted, own.useOf(event({ timeMs: callMs + 299 * 60 * minuteMs }))?.isNoted]).toEqual([false, true]);
});

test('what a provider said that a credential is called counts like what the configuration says, until something else is said or the action is gone', () => {
  const learned: OwnCallsParts['learned'] = entities();
  const told: string[][] = [];
  const onLearned = (all: readonly { readonly name: string }[]): void => void told.push(all.map(({ name }) => name));
  const own = ownCalls(names, { learned, onLearned });
  own.watchFrom(0);
  const token = (tokenHandle: string, tokenIssuer = 'https://o.example') => event({ tokenHandle, tokenIssuer });
  own.learn('kc', [{ name: '00TOURS', issuer: 'https://o.example' }]);
  own.note(call({ action: 'kc' }));
  expect([own.fateOf(token('00TOURS')), own.fateOf(token('00TOURS', 'https://p.example')), own.fateOf(event({}))]).toEqual([fates.own, 0, fates.own]);
  expect(own.useOf(token('00TOURS'))).toMatchObject({ of: 'kc', acts: true, isNoted: true });
  own.learn('kc', [{ name: '00TNEWER', issuer: 'https://o.example' }]);
  expect([own.fateOf(token('00TOURS')), own.fateOf(token('00TNEWER'))]).toEqual([0, fates.own]);
  expect(ownCalls([], { learned, onLearned }).fateOf(token('00TNEWER')), 'after a restart').toBe(fates.own);
  expect(ownCalls([], { learned, actions: ['keys'] }).fateOf(token('00TNEWER')), 'the action is gone').toBe(0);
  expect(told).toEqual([['00TOURS'], ['00TNEWER'], ['00TNEWER']]);
});
