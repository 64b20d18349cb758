import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, use } from './support.ts';

const office = { networkBlock: '192.0.2.0/24', userAgent: 'python-requests/2.31', resourceId: 'api/orders' };
const known = (bench: Bench, identityId: string, more: Partial<TokenEvent> = {}): void => {
  const event = bench.correlator.correlate(use(`t-${identityId}`, 0, { identityId, ...office, ...more })).event as TokenEvent;
  bench.correlator.dependents.note(event);
};
const guess = (bench: Bench, more: Partial<TokenEvent> = {}): TokenEvent => {
  const event = use(null, 9, { authenticated: null, ...office, userAgent: 'python-requests/2.32', ...more });
  bench.correlator.dependents.callers.guess(event);
  return event;
};

describe('a call whose log names nobody', () => {
  it('is probably of who calls from there, with that client, at that resource; never surely, and nothing else of it changes', async () => {
    const bench = new Bench();
    known(bench, 'idp/orders');
    await bench.restart();
    const event = guess(bench);
    expect([event.likelyIdentityId, event.likelyPercent]).toEqual(['idp/orders', 85]);
    expect([event.identityId, event.token, event.authenticated]).toEqual([null, null, null]);
    expect(guess(bench, { resourceId: 'api/other' }).likelyPercent).toBe(25);
  });

  it('is told by the resource where two call from there, and by nobody\'s name where that does not tell', () => {
    const bench = new Bench();
    known(bench, 'idp/orders');
    known(bench, 'idp/carts', { resourceId: 'api/carts' });
    expect([guess(bench).likelyIdentityId, guess(bench).likelyPercent]).toEqual(['idp/orders', 60]);
    expect(guess(bench, { resourceId: 'api/other' }).likelyIdentityId).toBeNull();
    known(bench, 'idp/carts', { resourceId: 'api/orders' });
    expect(guess(bench).likelyIdentityId).toBeNull();
  });

  it.each<[string, Partial<TokenEvent>]>([
    ['comes from elsewhere', { networkBlock: '198.51.100.0/24' }], ['uses another client', { userAgent: 'curl/8' }], ['was refused', { authenticated: false }],
    ['names a token', { token: 'x' }], ['names a caller', { identityId: 'somebody' }],
  ])('is nobody\'s where it %s', (_, more) => {
    const bench = new Bench();
    known(bench, 'idp/orders');
    expect([guess(bench, more).likelyIdentityId, guess(bench, more).likelyPercent]).toEqual([null, null]);
  });

  it('is nobody\'s in a crowd, nor of who was never vouched for', () => {
    const bench = new Bench();
    known(bench, 'idp/claimed', { authenticated: null });
    expect(guess(bench).likelyIdentityId).toBeNull();
    for (let i = 0; i < 5; i++) known(bench, `idp/${i}`, { resourceId: `api/${i}` });
    expect(guess(bench, { resourceId: 'api/0' }).likelyIdentityId).toBeNull();
  });
});
