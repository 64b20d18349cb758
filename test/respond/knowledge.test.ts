import { expect, test } from 'vitest';
import { decide } from '../../src/respond/decide.ts';
import { knowledgeOf } from '../../src/respond/knowledge.ts';
import { alertOf, policyOf, situationOf, theftMs, thief, tokenOf, userOf } from './decide-support.ts';

const hops = Array.from({ length: 40 }, (_, place) => userOf('curl', `203.0.${place}.0/24`, { firstSeenMs: theftMs + place * 1000, name: `curl ${place}` }));
const users = [userOf('rates', '10.1.0.0/24'), userOf('new', '10.2.0.0/24', { firstSeenMs: theftMs - 1000 }), thief, ...hops];
const registry = {
  token: () => tokenOf('t1'), identity: () => null, entryOf: () => null, lineageOf: (fingerprint: string) => fingerprint,
  dependents: { of: () => users, ofIdentity: () => users, kin: { minted: () => [], lasting: () => [] } },
};

test('who came after the deviation began is a suspect, who was there before is none', () => {
  const known = knowledgeOf(registry).dependents('t1', alertOf());
  expect(known.filter(({ suspect }) => !suspect).map(({ name }) => name)).toEqual(['rates', 'new']);
  expect(known).toHaveLength(users.length);
});

test('a thief who hops through networks neither prevents the denial nor is kept by the pin', () => {
  const [pin, deny] = decide(situationOf(), knowledgeOf(registry), policyOf(undefined, { maxDependents: 2 }));
  expect([pin?.refused, pin?.keepNetworks, deny?.refused]).toEqual([null, ['10.1.0.0/24', '10.2.0.0/24'], null]);
});
