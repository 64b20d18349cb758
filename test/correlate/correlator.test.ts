import { describe, expect, it } from 'vitest';
import { Bench, fingerprint, issuance, startMs, use } from './support.ts';

const alice = { identityId: 'idp/alice', identityKind: 'human' } as const;

describe('an event', () => {
  it('keeps the identity that its log names, and teaches it for its token', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('t', 0, alice));
    const { event } = correlator.correlate(use('t', 1));
    expect(event).toMatchObject({ identityId: 'idp/alice', identityKind: 'human' });
    expect([...correlator.identities()]).toMatchObject([{ id: 'idp/alice', kind: 'human', tokenCount: 1, firstSeenMs: startMs, lastSeenMs: startMs + 1000 }]);
  });

  it('goes under a provisional identity while its token is nobody\'s', () => {
    const { correlator } = new Bench();
    const { event, bound } = correlator.correlate(use('t', 0));
    expect(event).toMatchObject({ identityId: `token:${fingerprint('t')}`, identityKind: 'unknown' });
    expect(bound).toEqual([]);
    expect([...correlator.identities()]).toEqual([]);
  });

  it('without a token has the identity of its log or none', () => {
    const { correlator } = new Bench();
    expect(correlator.correlate(use(null, 0)).event?.identityId).toBeNull();
    expect(correlator.correlate(use(null, 1, alice)).event?.identityId).toBe('idp/alice');
  });

  it('does not let a mere claim replace a proven identity', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('t', 0, alice));
    correlator.correlate(use('t', 1, { authenticated: null, identityId: 'idp/mallory' }));
    expect(correlator.correlate(use('t', 2)).event?.identityId).toBe('idp/alice');
  });
});

describe('lifetime', () => {
  it('knows the first sight from a return, and a read issuance from a claim', () => {
    const { correlator } = new Bench();
    const token = fingerprint('t');
    correlator.correlate(use('t', 0));
    expect(correlator.tokenIssuedMs(token)).toBeNull();
    correlator.correlate(use('t', 5));
    expect(correlator.tokenIssuedMs(token)).toBe(startMs);
    correlator.correlate(use('t', 6, { issuedAtMs: startMs - 9000 }));
    expect([correlator.tokenIssuedMs(token), correlator.issueSeen(token)]).toEqual([startMs - 9000, false]);
    correlator.correlate(issuance('u', null, 7));
    expect([correlator.tokenIssuedMs(fingerprint('u')), correlator.issueSeen(fingerprint('u'))]).toEqual([startMs + 7000, true]);
  });

  it('moves last use by verified successes only', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('t', 0));
    correlator.correlate(use('t', 1, { outcome: 'failure' }));
    correlator.correlate(use('t', 2, { authenticated: null }));
    correlator.correlate(use('t', 3, { authenticated: false }));
    correlator.correlate(use('t', 4, { lifecycle: 'revoked' }));
    expect(correlator.token(fingerprint('t'))).toMatchObject({ lastUsedMs: startMs, revokedAtMs: startMs + 4000 });
  });

  it('fills what the log left out', () => {
    const { correlator } = new Bench();
    correlator.correlate(issuance('t', null, 0, { ...alice, issuedHandle: 'jti-1', issuedExpiresAtMs: startMs + 60_000 }));
    const { event } = correlator.correlate(use('t', 1, { tokenKind: 'none' }));
    expect(event).toMatchObject({ tokenHandle: 'jti-1', tokenKind: 'jwt', issuedAtMs: startMs, expiresAtMs: startMs + 60_000, identityId: 'idp/alice' });
  });
});

describe('workload', () => {
  it('comes from the event, then from the token, then from the identity, then from the inventory', () => {
    const inventory = [{ match: { identity: 'idp/bob' }, workload: 'batch', kind: 'job', owner: 'data team' }];
    const { correlator } = new Bench({ inventory });
    const pod = { workloadId: 'spiffe://a/pod', workloadKind: 'spiffe' };
    expect(correlator.correlate(use('t', 0, { ...alice, ...pod })).event).toMatchObject({ ...pod, workloadEvidence: 'event' });
    expect(correlator.correlate(use('t', 1)).event).toMatchObject({ ...pod, workloadEvidence: 'registry' });
    expect(correlator.correlate(use('u', 2, alice)).event).toMatchObject({ ...pod, workloadEvidence: 'registry' });
    expect(correlator.correlate(use('v', 3, { identityId: 'idp/bob' })).event).toMatchObject({ workloadId: 'batch', workloadKind: 'job', workloadEvidence: 'inventory' });
    expect(correlator.ownerOf('idp/bob')).toBe('data team');
  });

  it('of an identity says nothing once there are two', () => {
    const { correlator } = new Bench();
    correlator.correlate(use('t', 0, { ...alice, workloadId: 'one' }));
    correlator.correlate(use('u', 1, { ...alice, workloadId: 'two' }));
    expect(correlator.correlate(use('v', 2, alice)).event?.workloadId).toBeNull();
    expect(correlator.correlate(use('t', 3, alice)).event?.workloadId).toBe('one');
    expect(correlator.counts().workloads).toBe(2);
  });
});

describe('an event whose authentication failed', () => {
  it('is told what is known and makes nothing known', () => {
    const { correlator } = new Bench();
    const refused = { authenticated: false, outcome: 'failure' } as const;
    correlator.correlate(use('t', 0, { ...alice, tokenHandle: 'jti-1' }));
    expect(correlator.correlate(use('t', 1, refused)).event).toMatchObject({ identityId: 'idp/alice', tokenHandle: 'jti-1' });
    expect(correlator.correlate(use('other', 2, { ...refused, identityId: 'idp/mallory', aliases: [fingerprint('t')] })).event?.token).toBe(fingerprint('t'));
    expect(correlator.correlate(use('invented', 3, refused)).event?.identityId).toBeNull();
    expect(correlator.counts()).toMatchObject({ tokens: 1, identities: 1, unknownTokens: 1 });
    expect(correlator.token(fingerprint('other'))).toBeNull();
  });
});

describe('fifty thousand invented tokens', () => {
  it('that were refused leave no trace but a count', () => {
    const bench = new Bench();
    const event = use('t', 0, { authenticated: false });
    for (let i = 0; i < 50_000; i++) {
      event.token = `k1AB.${String(i).padStart(21, '0')}A`;
      event.identityId = null;
      bench.correlator.correlate(event);
    }
    const { rows, entities } = bench.state.takeDirty();
    expect(rows.reduce((sum, table) => sum + table.count, 0)).toBe(0);
    expect(entities.map(({ kind }) => kind)).toEqual(['correlate-totals']);
    expect(bench.correlator.counts()).toMatchObject({ tokens: 0, unknownTokens: 50_000 });
  });

  it('that nobody checked fill no more than their bound, and push nobody out', () => {
    const { correlator } = new Bench({ unprovenTokens: 10 });
    correlator.correlate(use('known', 0, alice));
    for (let i = 0; i < 30; i++) correlator.correlate(use(`t${i}`, i, { authenticated: null }));
    expect(correlator.counts()).toMatchObject({ tokens: 11, unprovenTokens: 10, unknownTokens: 20 });
    correlator.correlate(use('t0', 40));
    correlator.correlate(issuance('t1', null, 41));
    expect(correlator.counts()).toMatchObject({ tokens: 11, unprovenTokens: 8 });
    expect(correlator.correlate(use('known', 42)).event?.identityId).toBe('idp/alice');
  });
});
