import { describe, expect, test } from 'vitest';
import { surroundingsOf } from '../../src/correlate/surroundings.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Dependent } from '../../src/model/intent.ts';
import type { Token } from '../../src/model/token.ts';

const event = (fields: Partial<TokenEvent>): TokenEvent => ({ ...emptyEvent('test', 0), token: 't', identityId: 'a', networkBlock: 'thief', ...fields });

describe('whose credential it is', () => {
  const usedIn = (...networks: string[]) => surroundingsOf({
    token: () => null,
    entryFor: ({ userName }) => (userName === 'listed' ? { match: {}, workload: null, kind: null, owner: null, vendor: 'shipfast' } : null),
    dependents: { of: () => [{ networks } as unknown as Dependent] },
  }, new Map([['ship-1', 'ship'], ['ship-2', 'ship'], ['other', 'carrier']]));

  test('the inventory says, else all its networks but the present one', () => {
    expect(usedIn('own').vendorOf(event({ userName: 'listed' }))).toBe('shipfast');
    expect([['ship-1', 'ship-2', 'thief'], ['ship-1', 'own'], ['ship-1', 'other'], ['thief'], []].map((networks) => usedIn(...networks).vendorOf(event({}))))
      .toEqual(['ship', null, null, null, null]);
  });
});

describe('who issued a token', () => {
  const tokens: Readonly<Record<string, Partial<Token>>> = {
    t: { issueSeen: true, parent: 'node' }, node: { identityId: 'deployer' }, own: { issueSeen: true, parent: 'mine' }, mine: { identityId: 'a' },
    claimed: { issueSeen: false, parent: 'node' }, root: { issueSeen: true, parent: null },
  };
  const { issuerOf } = surroundingsOf({
    token: (fingerprint) => (tokens[fingerprint] ?? null) as Token | null, entryFor: () => null, dependents: { of: () => [] },
  }, new Map());

  test('is told where somebody else\'s token was shown and the issuance was read', () => {
    expect(['t', 'own', 'claimed', 'root', 'unknown', null].map((token) => issuerOf(event({ token })))).toEqual(['deployer', null, null, null, null, null]);
  });
});
