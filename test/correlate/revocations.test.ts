import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { Bench, fingerprint, issuance, startMs, use } from './support.ts';

const revocation = (revoked: string, at: number, more: Partial<TokenEvent> = {}): TokenEvent =>
  use(null, at, { lifecycle: 'revoked', revoked: fingerprint(revoked), vantage: 'iam', ...more });
const revokedAt = ({ correlator }: Bench, token: string): number | null => {
  const ms = correlator.token(fingerprint(token))?.revokedAtMs ?? null;
  return ms === null ? null : (ms - startMs) / 1000;
};
/** Bits of what a use of the token is told: 1 is revoked. */
const fateOf = ({ correlator }: Bench, event: TokenEvent): number => {
  correlator.correlate(event);
  return correlator.fates.of(event) & 1;
};

describe('a grant that was revoked', () => {
  it.each([
    ['Vault parent and grandchild', { issuedKind: 'vault', tokenKind: 'vault' }, 'vault'], ['refresh and access token', { issuedKind: 'jwt', tokenKind: 'refresh' }, 'refresh'],
  ] as const)('ends what came of it: %s', (_, link, kind) => {
    const bench = new Bench();
    bench.correlator.correlate(issuance('child', 'parent', 0, { ...link, tokenKind: kind }));
    bench.correlator.correlate(issuance('grandchild', 'child', 1, { ...link, tokenKind: kind, issuedKind: kind }));
    bench.correlator.correlate(use('grandchild', 2, { tokenKind: kind }));
    bench.correlator.correlate(revocation('parent', 60));
    expect(['parent', 'child', 'grandchild'].map((name) => revokedAt(bench, name))).toEqual([60, 60, 60]);
    expect(fateOf(bench, use('grandchild', 61, { tokenKind: kind }))).toBe(1);
  });

  it('that is no token itself ends the tokens that name it, also when they are read after it', () => {
    for (const order of [[0, 1], [1, 0]]) {
      const bench = new Bench();
      const events = [use('access', 5, { parent: fingerprint('grant') }), revocation('grant', 60)];
      for (const i of order) bench.correlator.correlate(events[i] as TokenEvent);
      expect(revokedAt(bench, 'access')).toBe(60);
      expect(fateOf(bench, use('access', 70, { parent: fingerprint('grant') }))).toBe(1);
    }
  });

  it('does not end sessions of a role whose key was stopped, nor what was issued later', () => {
    const bench = new Bench();
    bench.correlator.correlate(issuance('session', 'key', 0, { tokenKind: 'access_key', issuedKind: 'temporary_key' }));
    bench.correlator.correlate(revocation('key', 10));
    expect([revokedAt(bench, 'key'), revokedAt(bench, 'session')]).toEqual([10, null]);
    bench.correlator.correlate(revocation('grant', 20));
    bench.correlator.correlate(use('fresh', 90, { parent: fingerprint('grant'), issuedAtMs: startMs + 80_000 }));
    expect(revokedAt(bench, 'fresh')).toBeNull();
    expect(fateOf(bench, use('fresh', 91))).toBe(0);
  });
});

describe('a revocation that is read before its token', () => {
  it('holds for it, by whichever of its names', async () => {
    const bench = new Bench();
    bench.correlator.correlate(revocation('jti', 30));
    bench.correlator.correlate(revocation('digest', 31));
    await bench.restart();
    bench.correlator.correlate(issuance('jti', null, 1));
    bench.correlator.correlate(use('other', 2, { aliases: [fingerprint('digest')] }));
    expect([revokedAt(bench, 'jti'), revokedAt(bench, 'other')]).toEqual([30, 31]);
  });

  it('is not kept on anybody\'s mere word', () => {
    const bench = new Bench();
    for (const authenticated of [null, false]) bench.correlator.correlate(revocation('t', 30, { authenticated }));
    bench.correlator.correlate(issuance('t', null, 1));
    expect(revokedAt(bench, 't')).toBeNull();
  });

  it('gives way to newer ones beyond the bound, counted', () => {
    const bench = new Bench();
    for (let i = 0; i <= 20_000; i++) bench.correlator.correlate(revocation(`r${i}`, i / 1000));
    expect(bench.correlator.counts().linksDropped).toBe(1);
    for (const name of ['r0', 'r20000']) bench.correlator.correlate(issuance(name, null, 1));
    expect([revokedAt(bench, 'r0'), revokedAt(bench, 'r20000')]).toEqual([null, 20]);
  });
});
