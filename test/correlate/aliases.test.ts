import { describe, expect, it } from 'vitest';
import { Bench, fingerprint, issuance, startMs, use } from './support.ts';

const alice = { identityId: 'idp/alice', identityKind: 'service' } as const;
const login = (at: number): ReturnType<typeof issuance> =>
  issuance('jti', null, at, { ...alice, issuedHandle: 'jti-1', issuedAliases: [fingerprint('session'), fingerprint('refresh')] });

describe('a login that names token, session and refresh id', () => {
  it('makes one token of the three', () => {
    const { correlator } = new Bench();
    correlator.correlate(login(0));
    for (const id of ['jti', 'session', 'refresh']) {
      const { event } = correlator.correlate(use(id, 1));
      expect(event).toMatchObject({ token: fingerprint('jti'), tokenHandle: 'jti-1', identityId: 'idp/alice' });
      expect(event?.aliases).toEqual(id === 'jti' ? null : [fingerprint(id)]);
    }
    expect(correlator.counts().tokens).toBe(1);
  });

  it('keeps the id under which it was used first, with the public handle', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('session', 0, { tokenKind: 'session' }));
    const { event, bound } = correlator.correlate(login(600));
    const token = fingerprint('session');
    expect(event).toMatchObject({ issued: token });
    expect(bound).toMatchObject([{ provisionalId: `token:${token}`, identityId: 'idp/alice', token, formerToken: null, observations: [{ timeMs: startMs, identityId: 'idp/alice' }] }]);
    expect(correlator.correlate(use('jti', 601)).event).toMatchObject({ token, tokenHandle: 'jti-1' });
    expect([...correlator.tokens()]).toMatchObject([{ fingerprint: token, handle: 'jti-1', issueSeen: true, issuedAtMs: startMs + 600_000 }]);
  });

  it('joins two that were used apart before', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('session', 0));
    correlator.correlate(use('jti', 5));
    correlator.correlate(use('jti', 6));
    const { bound } = correlator.correlate(login(600));
    const token = fingerprint('session');
    const summary = bound.map(({ provisionalId, identityId, formerToken, observations }) => ({ provisionalId, identityId, formerToken, times: observations.map((event) => event.timeMs - startMs) }));
    expect(summary).toEqual([
      { provisionalId: `token:${fingerprint('jti')}`, identityId: `token:${token}`, formerToken: fingerprint('jti'), times: [5000, 6000] },
      { provisionalId: `token:${token}`, identityId: 'idp/alice', formerToken: null, times: [0, 5000, 6000] },
    ]);
    expect(correlator.counts().tokens).toBe(1);
    expect(bound.flatMap(({ observations }) => observations).every((event) => event.token === token)).toBe(true);
  });

  it('seen in two logs is one issuance', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('session', 0));
    correlator.correlate(login(600));
    correlator.correlate(login(601));
    expect([...correlator.tokens()]).toMatchObject([{ fingerprint: fingerprint('session'), issuedAtMs: startMs + 600_000 }]);
  });

  it('is another token after a refresh, though the session stays; the session then means the newest', () => {
    const { correlator } = new Bench();
    correlator.correlate(login(0));
    correlator.correlate(issuance('jti2', 'refresh', 10, { ...alice, tokenKind: 'refresh', issuedAliases: [fingerprint('session'), fingerprint('refresh2')] }));
    expect(correlator.correlate(use('jti', 11)).event?.token).toBe(fingerprint('jti'));
    expect(correlator.correlate(use('session', 12)).event?.token).toBe(fingerprint('jti2'));
    expect(correlator.token(fingerprint('jti2'))).toMatchObject({ parent: fingerprint('jti'), identityId: 'idp/alice' });
  });

  it('is split off again when it had been taken for the one before', () => {
    const { correlator } = new Bench();
    correlator.correlate(login(0));
    expect(correlator.correlate(use('jti2', 11, { aliases: [fingerprint('session')] })).event?.token).toBe(fingerprint('jti'));
    correlator.correlate(issuance('jti2', 'refresh', 10, { ...alice, issuedAliases: [fingerprint('session')] }));
    expect(correlator.correlate(use('jti2', 12)).event?.token).toBe(fingerprint('jti2'));
    expect(correlator.correlate(use('jti', 13)).event?.token).toBe(fingerprint('jti'));
  });
});

describe('a Vault token', () => {
  const ids = { aliases: [fingerprint('hashX'), fingerprint('hashY')], tokenKind: 'vault', tokenHandle: 'accessor-1', identityId: 'vault/etl' } as const;

  it('is known after its revocation by the one hash that is left', () => {
    const { correlator } = new Bench();
    correlator.correlate(issuance('accessor', null, 0, { issuedAliases: [fingerprint('hashX')], issuedKind: 'vault', identityId: 'vault/etl' }));
    correlator.correlate(use('accessor', 1, ids));
    const { event } = correlator.correlate(use('hashY', 2, { tokenKind: 'vault', outcome: 'failure', authenticated: false, lifecycle: 'refused' }));
    expect(event).toMatchObject({ token: fingerprint('accessor'), tokenHandle: 'accessor-1', identityId: 'vault/etl', aliases: [fingerprint('hashY')] });
    expect(correlator.counts().tokens).toBe(1);
  });

  it('is one whichever id came first', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('hashY', 0, { tokenKind: 'vault' }));
    correlator.correlate(use('hashX', 1, { tokenKind: 'vault' }));
    const { event, bound } = correlator.correlate(use('accessor', 2, ids));
    expect(event?.token).toBe(fingerprint('hashY'));
    expect(bound.at(-1)?.identityId).toBe('vault/etl');
    expect(bound.at(-1)?.observations.map(({ timeMs }) => timeMs - startMs)).toEqual([0, 1000]);
    expect(correlator.counts().tokens).toBe(1);
  });
});

describe('ids that are only claimed', () => {
  it('join nothing', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('victim', 0, alice));
    correlator.correlate(use('forged', 1, { authenticated: null, aliases: [fingerprint('victim')] }));
    expect(correlator.correlate(use('forged', 2)).event?.token).toBe(fingerprint('forged'));
    expect(correlator.counts().tokens).toBe(2);
  });
});

describe('fingerprints of another make', () => {
  it('serve as tokens, aliases and parents too', async () => {
    const bench = new Bench();
    bench.correlator.correlate(use('x', 0, { token: 'foreign-1', aliases: ['old.key'], parent: 'a much longer foreign fingerprint than ours are' }));
    await bench.restart();
    const { event } = bench.correlator.correlate(use('x', 1, { token: 'old.key' }));
    expect(event).toMatchObject({ token: 'foreign-1', parent: 'a much longer foreign fingerprint than ours are' });
  });
});
