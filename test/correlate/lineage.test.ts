import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, fingerprint, issuance, use } from './support.ts';

const user = { identityId: 'aws/user/deploy', identityKind: 'human' } as const;
const role = { identityId: 'aws/role/etl', identityKind: 'role' } as const;
const temporary = { issuedKind: 'temporary_key' } as const;

/** Each chain as its records, issuances first, and the last link's first and last id. */
const chains: Record<string, { events: () => TokenEvent[]; root: string; leaf: string; identity: string }> = {
  'access key to role session to role session': {
    events: () => [
      issuance('session1', 'key', 0, { ...user, ...temporary, tokenKind: 'access_key' }),
      issuance('session2', 'session1', 1, { ...role, ...temporary, tokenKind: 'temporary_key' }),
      use('session2', 2, { identityId: 'aws/role/admin', tokenKind: 'temporary_key' }),
    ],
    root: 'key', leaf: 'session2', identity: 'aws/role/admin',
  },
  'refresh token to access token': {
    events: () => [
      issuance('access', null, 0, { ...user, issuedAliases: [fingerprint('refresh')] }),
      issuance('access2', 'refresh', 1, { ...user, tokenKind: 'refresh' }),
      use('access2', 2),
    ],
    root: 'access', leaf: 'access2', identity: user.identityId,
  },
  'Vault parent to child': {
    events: () => [
      issuance('parent', null, 0, { ...role, issuedKind: 'vault' }),
      issuance('child', 'parent', 1, { ...role, issuedKind: 'vault', tokenKind: 'vault' }),
      use('child', 2, { tokenKind: 'vault' }),
    ],
    root: 'parent', leaf: 'child', identity: role.identityId,
  },
};

describe.each(Object.entries(chains))('%s', (_name, { events, root, leaf, identity }) => {
  it('is one lineage, whatever came first', () => {
    for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [1, 0, 2], [2, 0, 1]]) {
      const { correlator } = new Bench();
      const all = events();
      for (const i of order) correlator.correlate(all[i] as TokenEvent);
      const top = correlator.lineageOf(fingerprint(leaf));
      expect(top, `order ${order.join()}`).toBe(correlator.token(fingerprint(root))?.fingerprint);
      expect(correlator.lineageOf(top)).toBe(top);
      expect(correlator.correlate(use(leaf, 9)).event).toMatchObject({ identityId: identity, parent: correlator.token(fingerprint(leaf))?.parent });
    }
  });

  it('with its first issuance missing still joins the rest', () => {
    const { correlator } = new Bench();
    for (const event of events().slice(1)) correlator.correlate(event);
    expect(correlator.lineageOf(fingerprint(leaf))).not.toBe(fingerprint(leaf));
    expect(correlator.correlate(use(leaf, 9)).event?.identityId).toBe(identity);
  });
});

describe('lineage', () => {
  it('keeps its root over a hundred refreshes', () => {
    const { correlator } = new Bench();
    correlator.correlate(issuance('a0', null, 0));
    for (let i = 1; i <= 100; i++) correlator.correlate(issuance(`a${i}`, `a${i - 1}`, i));
    expect(correlator.lineageOf(fingerprint('a100'))).toBe(fingerprint('a0'));
    expect(correlator.token(fingerprint('a100'))?.parent).toBe(fingerprint('a99'));
  });

  it('refuses to become a circle', () => {
    const { correlator } = new Bench();
    correlator.correlate(issuance('b', 'a', 0));
    correlator.correlate(issuance('c', 'b', 1));
    correlator.correlate(issuance('a', 'c', 2));
    expect(['a', 'b', 'c'].map((name) => correlator.lineageOf(fingerprint(name)))).toEqual(['a', 'a', 'a'].map(fingerprint));
  });

  it('gives a child its parent\'s identity, but never a role session its caller\'s', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('key', 0, user));
    correlator.correlate(use('child', 1, { parent: fingerprint('key') }));
    expect(correlator.correlate(use('child', 2)).event).toMatchObject({ parent: fingerprint('key'), identityId: user.identityId });
    correlator.correlate(issuance('session', 'key', 3, { ...user, ...temporary }));
    expect(correlator.correlate(use('session', 4, { tokenKind: 'temporary_key' })).event?.identityId).toBe(`token:${fingerprint('session')}`);
  });
});
