import { expect, test } from 'vitest';
import { canaryFinder, type Canary } from '../../src/model/canary.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';

const canary = (part: Partial<Canary>): Canary => ({ name: 'edge', source: 'gateway', handle: null, fingerprint: null, client: null, everyMs: 60_000, withinMs: 120_000, ...part });
const event = (part: Partial<TokenEvent>): TokenEvent => ({ ...emptyEvent('envoy.access', 0), source: 'gateway', ...part });

test('a token is found by handle or fingerprint, in its own source', () => {
  const find = canaryFinder([canary({ handle: 'jti-1' }), canary({ name: 'inner', source: 'database', handle: 'jti-1', fingerprint: 'f-1' })]);
  expect(find(event({ tokenHandle: 'jti-1' }))?.name).toBe('edge');
  expect(find(event({ tokenHandle: 'jti-1', source: 'database' }))?.name).toBe('inner');
  expect(find(event({ token: 'f-1', source: 'database' }))?.name).toBe('inner');
  expect(find(event({ token: 'f-1' }))).toBeNull();
  expect(find(event({ tokenHandle: 'jti-1', source: 'elsewhere' }))).toBeNull();
  expect(find(event({ tokenHandle: 'jti-2' }))).toBeNull();
});

test('a use that was refused is none', () => {
  const find = canaryFinder([canary({ handle: 'jti-1' })]);
  expect(find(event({ tokenHandle: 'jti-1', authenticated: false }))).toBeNull();
  expect(find(event({ tokenHandle: 'jti-1', authenticated: true }))).not.toBeNull();
});

test('the name of a caller counts only with an authenticator\'s word', () => {
  const find = canaryFinder([canary({ client: 'canary' })]);
  for (const part of [{ userName: 'canary' }, { userId: 'canary' }, { identityId: 'canary' }]) {
    expect(find(event({ ...part, authenticated: true }))?.name).toBe('edge');
    expect(find(event({ ...part, authenticated: null }))).toBeNull();
    expect(find(event({ ...part, authenticated: false }))).toBeNull();
  }
});
