import { expect, test } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, fingerprint, issuance, use } from './support.ts';

const none: ReadonlySet<string> = new Set();

function take(bench: Bench, ...events: TokenEvent[]): void {
  for (const event of events) {
    const { event: correlated } = bench.correlator.correlate(event);
    if (correlated !== null) bench.correlator.dependents.note(correlated);
  }
}

function call(token: string, atSeconds: number, network: string, more: Partial<TokenEvent> = {}): TokenEvent {
  return use(token, atSeconds, { tokenKind: 'api_key', identityId: 'rates', networkBlock: network, userAgent: 'curl/8', ...more });
}

test('all users of an identity are those of its lasting tokens and of its short-lived ones', async () => {
  const bench = new Bench();
  take(bench, call('key-1', 0, '10.1.0.0/24'), call('key-2', 1, '10.2.0.0/24'), call('jwt-1', 2, '10.3.0.0/24', { tokenKind: 'jwt' }), call('other', 3, '10.9.0.0/24', { identityId: 'batch' }));
  const networks = () => bench.correlator.dependents.ofIdentity('rates', none)?.flatMap((user) => user.networks).sort();
  expect(networks()).toEqual(['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24']);
  expect(bench.correlator.dependents.ofIdentity('nobody', none)).toEqual([]);
});

test('of an identity with more lasting tokens than are kept, nobody can tell all', () => {
  const bench = new Bench();
  for (let key = 0; key < 65; key++) take(bench, call(`key-${key}`, key, '10.1.0.0/24'));
  expect(bench.correlator.dependents.ofIdentity('rates', none)).toBeNull();
});

test('what was issued from a token is known of it, the newest 64', () => {
  const bench = new Bench();
  for (let child = 0; child < 70; child++) take(bench, issuance(`child-${child}`, 'parent', child));
  const minted = bench.correlator.dependents.kin.minted(fingerprint('parent'));
  expect([minted.length, minted[0], minted.at(-1)]).toEqual([64, fingerprint('child-6'), fingerprint('child-69')]);
});
