import { expect, test } from 'vitest';
import { seal } from '../../src/ingest/seal.ts';
import { tokenOpener } from '../../src/respond/open-token.ts';
import { opened } from '../store/support.ts';
import { fileWith, keyFiles } from './actions/support.ts';

const keys = keyFiles('x25519');

test('a token is opened by the fingerprint it goes by, also where it was sealed under another, until it ends', () => {
  const { effects } = opened(null);
  effects.transact(() => ({ sealed: ['digest', 'plain'].map((token) => ({ token, untilMs: 1_000, box: seal(`the ${token} token`, token, keys.publicKey) })) }));
  let nowMs = 0;
  const open = tokenOpener(keys.privateFile, { store: effects.sealed, canonical: (token) => (token === 'digest' ? 'canonical' : token), now: () => nowMs });
  expect([open('plain'), open('canonical'), open('unknown')]).toEqual(['the plain token', 'the digest token', null]);
  nowMs = 1_000;
  expect([open('plain'), open('canonical'), [...effects.sealed.tokens(0)]]).toEqual([null, null, []]);
});

test('a box under another token\'s name is not that token', () => {
  const { effects } = opened(null);
  effects.transact(() => ({ sealed: [{ token: 'victim', untilMs: 1_000, box: seal('mine', 'own', keys.publicKey) }] }));
  expect(tokenOpener(keys.privateFile, { store: effects.sealed, canonical: (token) => token, now: () => 0 })('victim')).toBeNull();
});

test('a key file of another kind is told, and not quoted', () => {
  const parts = { store: opened(null).effects.sealed, canonical: (token: string) => token };
  expect(() => tokenOpener(fileWith('secret words'), parts)).toThrow(/holds no private key: openssl genpkey -algorithm x25519 -out \S+$/);
  expect(() => tokenOpener(keyFiles('ed25519').privateFile, parts)).toThrow('holds no X25519 key');
});
