import { describe, expect, it } from 'vitest';
import type { TokenEvent } from '../../src/model/event.ts';
import { fates, type Fate } from '../../src/model/fate.ts';
import { Bench, fingerprint, issuance, startMs, use } from './support.ts';

const dora = { identityId: 'idp|dora', identityKind: 'human' } as const;
const admin = { identityId: 'idp|admin', userId: 'admin', vantage: 'iam' } as const;
const key = { tokenKind: 'access_key', issuedKind: 'access_key', identityId: 'aws|rates' } as const;
const place = (networkBlock: string): Partial<TokenEvent> => ({ networkBlock });

/** Takes the events in turn and answers the last one, as it is when detectors are asked. */
function after(bench: Bench, ...events: TokenEvent[]): TokenEvent {
  for (const event of events) {
    bench.correlator.correlate(event);
    bench.correlator.dependents.note(event);
  }
  return events.at(-1)!;
}

const fateOf = (bench: Bench, event: TokenEvent): Fate[] => {
  const bits = bench.correlator.fates.of(event);
  return (Object.keys(fates) as Fate[]).filter((fate) => (bits & fates[fate]) !== 0);
};
const since = (bench: Bench, event: TokenEvent, fate: Fate): number | null => {
  const ms = bench.correlator.fates.sinceMs(event, fate);
  return ms === null ? null : (ms - startMs) / 1000;
};

describe('what became of a token', () => {
  it('is nothing for nearly all', () => {
    const bench = new Bench();
    const event = after(bench, use('t', 0, dora), use('t', 5, dora));
    expect(bench.correlator.fates.of(event)).toBe(0);
    for (const fate of Object.keys(fates) as Fate[]) expect(bench.correlator.fates.sinceMs(event, fate)).toBeNull();
    expect(bench.correlator.fates.formerUseMs).toBe(startMs);
  });

  it('is known by whichever of its names, from the first time on, and over a restart', async () => {
    const bench = new Bench();
    after(bench, use('t', 0, { ...dora, aliases: [fingerprint('digest')] }), use('digest', 10, { authenticated: null, lifecycle: 'leaked', outcome: 'unknown' }));
    after(bench, use('t', 20, { ...dora, lifecycle: 'rotated' }), use('digest', 30, { authenticated: null, lifecycle: 'leaked', outcome: 'unknown' }));
    await bench.restart();
    const event = after(bench, use('t', 40, dora));
    expect(fateOf(bench, event)).toEqual(['rotated', 'leaked', 'claimed']);
    expect([since(bench, event, 'leaked'), since(bench, event, 'rotated')]).toEqual([10, 20]);
  });

  it('follows a token that turns out to be another name of an earlier one', () => {
    const bench = new Bench();
    after(bench, use('t', 0, dora), use('digest', 10, { authenticated: null, lifecycle: 'leaked', outcome: 'unknown' }));
    const event = after(bench, use('t', 20, { ...dora, aliases: [fingerprint('digest')] }), use('t', 30, dora));
    expect(fateOf(bench, event)).toEqual(['leaked', 'claimed']);
    expect(since(bench, event, 'leaked')).toBe(10);
    // A feed that is vouched for says so too.
    expect(fateOf(bench, after(bench, use('digest', 30, { lifecycle: 'leaked', outcome: 'unknown' }), use('t', 40, dora)))).toEqual(['leaked']);
  });

  it('is told of a refresh token only where another one was issued for it', () => {
    const bench = new Bench();
    const refresh = { ...dora, tokenKind: 'refresh' } as const;
    after(bench, issuance('a1', 'kept', 0, refresh), issuance('r2', 'r1', 1, { ...refresh, issuedKind: 'refresh' }));
    expect(fateOf(bench, after(bench, use('kept', 60, refresh)))).toEqual([]);
    const again = after(bench, issuance('r3', 'r1', 90, { ...refresh, issuedKind: 'refresh' }));
    expect(fateOf(bench, again)).toEqual(['exchanged']);
    expect(since(bench, again, 'exchanged')).toBe(1);
  });

  it('counts an older key as replaced from the first use of the newer one', () => {
    const bench = new Bench();
    const old = after(bench, use('old', 0, key), issuance('new', 'old', 100, { ...key, issuedIdentityId: key.identityId }), use('old', 200, key));
    expect(fateOf(bench, old)).toEqual([]);
    const newer = after(bench, use('new', 300, key));
    expect(fateOf(bench, newer)).toEqual([]);
    const late = after(bench, use('old', 400, key));
    expect(fateOf(bench, late)).toEqual(['replaced']);
    expect([since(bench, late, 'replaced'), bench.correlator.fates.formerUseMs]).toEqual([300, startMs + 200_000]);
  });

  it('is learned from nobody whose word was refused', () => {
    const bench = new Bench();
    const refused = { authenticated: false, outcome: 'failure' } as const;
    after(bench, use('t', 0, dora), use('t', 1, { ...refused, lifecycle: 'leaked' }), use('x', 2, { ...admin, ...refused, action: 'user.lifecycle.deactivate', targetUserId: 'dora' }));
    expect(fateOf(bench, after(bench, use('t', 9, dora)))).toEqual([]);
  });
});

describe('what became of an owner', () => {
  const act = (action: string, atSeconds: number, more: Partial<TokenEvent> = {}): TokenEvent =>
    use('admin', atSeconds, { ...admin, action, targetUserId: 'dora', ...more });

  it('counts for all his tokens, for those made later too, until he is back', () => {
    const bench = new Bench();
    after(bench, use('t', 0, dora), act('user.lifecycle.deactivate', 10));
    for (const token of ['t', 'later']) {
      const event = after(bench, use(token, 20, dora));
      expect(fateOf(bench, event)).toEqual(['offboarded', 'contained']);
      expect(since(bench, event, 'offboarded')).toBe(10);
    }
    expect(fateOf(bench, after(bench, use('other', 25, { identityId: 'idp|eve' })))).toEqual([]);
    after(bench, act('user.lifecycle.activate', 30));
    expect(fateOf(bench, after(bench, use('t', 40, dora)))).toEqual(['contained']);
  });

  it('is that he was cut off by a reset, or when another key of his was stopped', () => {
    const reset = new Bench();
    const event = after(reset, use('t', 0, dora), act('user.account.reset_password', 10), act('user.account.reset_password', 20), use('t', 30, dora));
    expect([fateOf(reset, event), since(reset, event, 'contained')]).toEqual([['contained'], 20]);
    const stopped = new Bench();
    after(stopped, use('t', 0, dora), use('u', 1, dora), use('admin', 5, { ...admin, lifecycle: 'revoked', revoked: fingerprint('u') }));
    expect(fateOf(stopped, after(stopped, use('t', 9, dora)))).toEqual(['contained']);
    expect(fateOf(stopped, after(stopped, use('u', 9, dora)))).toEqual(['revoked', 'contained']);
  });

  it('ends with a service account, and begins anew with one of the same name', () => {
    const bench = new Bench();
    const account = { identityId: 'k8s|system:serviceaccount:shop:rates' };
    const on = (action: string, atSeconds: number) => use('admin', atSeconds, {
      identityId: 'k8s|admin', action, resourceKind: 'serviceaccounts', resourceId: 'shop/serviceaccounts/rates', outcome: 'success',
    });
    expect(fateOf(bench, after(bench, use('t', 0, account), on('delete', 10), use('t', 20, account)))).toEqual(['gone']);
    expect(fateOf(bench, after(bench, on('create', 30), use('t', 40, account)))).toEqual([]);
  });

  it('is nothing where the act failed, or was his own', () => {
    const bench = new Bench();
    after(bench, use('t', 0, dora), act('user.lifecycle.deactivate', 10, { outcome: 'failure' }));
    after(bench, use('t', 20, { ...dora, userId: 'dora', action: 'user.account.update_password', targetUserId: 'dora' }));
    expect(fateOf(bench, after(bench, use('t', 30, dora)))).toEqual([]);
  });
});

describe('what the inventory says', () => {
  const day = 86_400;
  const entry = { workload: null, kind: null, owner: null };
  const bench = new Bench({ inventory: [
    { ...entry, match: { client: 'batch' }, retiredMs: startMs + day * 1000 }, { ...entry, match: { identity: 'idp|eve' }, ownerLeftMs: startMs },
    { ...entry, match: { handle: 'AKIABAIT' }, honeytoken: 'wiki' }, { ...entry, match: { fingerprint: fingerprint('bait') }, honeytoken: 'laptop' },
  ] });

  it('is that a workload is gone from a day on, or an owner has left', () => {
    expect(fateOf(bench, after(bench, use('b', 1, { userName: 'batch', identityId: 'idp|batch' })))).toEqual([]);
    const late = after(bench, use('b', 2 * day, { userName: 'batch', identityId: 'idp|batch' }));
    expect([fateOf(bench, late), since(bench, late, 'gone')]).toEqual([['gone'], day]);
    expect(fateOf(bench, after(bench, use('e', 5, { identityId: 'idp|eve' })))).toEqual(['offboarded']);
  });

  it('is that a token is a bait, whether or not anybody let it in', () => {
    const shown = after(bench, use('x', 1, { tokenHandle: 'AKIABAIT', authenticated: false, outcome: 'failure' }));
    expect([fateOf(bench, shown), bench.correlator.fates.honeytoken(shown)]).toEqual([['honeytoken'], 'wiki']);
    expect(bench.correlator.fates.honeytoken(use('bait', 1))).toBe('laptop');
    expect(bench.correlator.fates.honeytoken(use('plain', 1))).toBeNull();
  });
});

describe('where a token was used before', () => {
  it('is its own place, another one, or cannot be told', () => {
    const bench = new Bench();
    const at = (networkBlock: string | null, seconds: number): TokenEvent => after(bench, use('k', seconds, { ...key, networkBlock }));
    at('a', 0);
    const [here, there, nowhere] = [at('a', 100), at('b', 100), at(null, 100)];
    const before = startMs + 50_000;
    const judge = (event: TokenEvent): string => bench.correlator.fates.placeBefore(event, before);
    expect([judge(here), judge(there), judge(nowhere)]).toEqual(['own', 'other', 'unknown']);
    expect(bench.correlator.fates.placeBefore(here, startMs)).toBe('unknown');
  });

  it('says nothing of one that is used from everywhere', () => {
    const bench = new Bench();
    for (let i = 0; i < 8; i++) after(bench, use('k', i, { ...key, ...place(`n${i}`) }));
    expect(bench.correlator.fates.placeBefore(after(bench, use('k', 100, { ...key, ...place('new') })), startMs + 50_000)).toBe('unknown');
  });
});

it('knows whom somebody vouched for', () => {
  const bench = new Bench();
  const { correlator } = bench;
  after(bench, use('t', 0, dora), use('claimed', 1, { authenticated: null }));
  expect([correlator.fates.isKnown(use('t', 2)), correlator.fates.isKnown(use('claimed', 2)), correlator.fates.isKnown(use('nobody', 2))]).toEqual([true, false, false]);
  expect(correlator.fates.isKnown(use(null, 2, { identityId: dora.identityId }))).toBe(true);
});
