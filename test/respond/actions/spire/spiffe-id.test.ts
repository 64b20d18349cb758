import { expect, test } from 'vitest';
import { isAgent, isId, isReserved, spiffeIdOf } from '../../../../src/respond/actions/spire/spiffe-id.ts';

test('one form, and none beside it', () => {
  expect(spiffeIdOf('spiffe://prod.example/ns/jobs/sa/Export_1')).toEqual({ trust_domain: 'prod.example', path: '/ns/jobs/sa/Export_1' });
  for (const text of [
    '', 'spiffe://prod.example', 'spiffe://prod.example/', 'spiffe://prod.example/a/', 'spiffe://prod.example//a', 'spiffe://prod.example/a/../b', 'spiffe://prod.example/.',
    'spiffe://Prod.example/a', 'spiffe://prod.example:1/a', 'spiffe://user@prod.example/a', 'spiffe://prod.example/a?b', 'spiffe://prod.example/a#b', 'spiffe://prod.example/%61',
    'SPIFFE://prod.example/a', 'https://prod.example/a', ' spiffe://prod.example/a', 'spiffe://prod.example/a\n', `spiffe://prod.example/${'a'.repeat(2100)}`,
  ]) expect(spiffeIdOf(text), `${text}`).toBeNull();
});

test('what SPIRE keeps for itself', () => {
  const at = (path: string) => ({ trust_domain: 'prod.example', path });
  expect([isAgent(at('/spire/agent/x')), isAgent(at('/spire/server')), isAgent(at('/spire/agents/x'))]).toEqual([true, false, false]);
  expect([isReserved(at('/spire/server')), isReserved(at('/spire')), isReserved(at('/spirer/a'))]).toEqual([true, true, false]);
  expect([isId(at('/a'), at('/a')), isId(at('/b'), at('/a')), isId(null, at('/a')), isId({ trust_domain: 'x', path: '/a' }, at('/a'))]).toEqual([true, false, false, false]);
});
