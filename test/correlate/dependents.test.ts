import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientFamily } from '../../src/model/client-family.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { Dependent } from '../../src/model/intent.ts';
import { Bench, fingerprint, issuance, use } from './support.ts';

const day = 24 * 3600;
const none: ReadonlySet<string> = new Set();

/** A use of a static key, from a network and by a client. */
function call(token: string, atSeconds: number, network: string, more: Partial<TokenEvent> = {}): TokenEvent {
  return use(token, atSeconds, { tokenKind: 'api_key', identityId: 'rates', networkBlock: network, userAgent: 'Boto3/1.34.11 md/x', ...more });
}

function take(bench: Bench, ...events: TokenEvent[]): void {
  for (const event of events) {
    const { event: correlated } = bench.correlator.correlate(event);
    if (correlated !== null) bench.correlator.dependents.note(correlated);
  }
}

const named = (bench: Bench, token: string, suspect = none): string[] => bench.correlator.dependents.of(fingerprint(token), suspect).map(({ name }) => name).sort();
const [one] = [(list: readonly Dependent[]): Dependent => {
  expect(list).toHaveLength(1);
  return list[0] as Dependent;
}];

describe('who uses a token', () => {
  test('is a workload where the event tells one, else a client in a network', () => {
    const bench = new Bench();
    const workload = { workloadId: 'spiffe://example.org/rates', workloadEvidence: 'event' } as const;
    take(bench, call('key', 0, '10.1.0.0/24', workload), call('key', 60, '10.2.0.0/24', { ...workload, resourceId: 'orders' }));
    take(bench, call('key', 0, '192.0.2.0/24'), call('key', day, '192.0.2.0/24'), call('key', 2 * day, '192.0.2.0/24'));
    const users = bench.correlator.dependents.of(fingerprint('key'), none);
    expect(users.find(({ workloadId }) => workloadId !== null)).toMatchObject({
      name: 'spiffe://example.org/rates', networks: ['10.1.0.0/24', '10.2.0.0/24'], resources: ['orders'], callsPerDay: 2, suspect: false,
    });
    const client = users.find(({ workloadId }) => workloadId === null) as Dependent;
    expect(client).toMatchObject({ name: 'Boto3 from 192.0.2.0/24', callsPerDay: 1.5 });
    expect(client.lastSeenMs - client.firstSeenMs).toBe(2 * day * 1000);
  });

  test('what the registry guessed of the workload makes nobody one', () => {
    const bench = new Bench();
    take(bench, call('key', 0, '10.1.0.0/24', { workloadId: 'a', workloadEvidence: 'event' }), call('key', 1, '10.2.0.0/24'));
    expect(named(bench, 'key')).toEqual(['Boto3 from 10.2.0.0/24', 'a']);
  });

  test('refused, failed and unchecked calls, and flows, count for nothing', () => {
    const bench = new Bench();
    take(bench, call('key', 0, '10.1.0.0/24'));
    take(bench, call('key', 1, '192.0.2.0/24', { authenticated: false }), call('key', 2, '192.0.2.0/24', { authenticated: null }));
    take(bench, call('key', 3, '192.0.2.0/24', { outcome: 'failure' }), call('key', 4, '192.0.2.0/24', { vantage: 'flow' }));
    take(bench, call('key', 5, '192.0.2.0/24', { lifecycle: 'leaked' }));
    expect(named(bench, 'key')).toEqual(['Boto3 from 10.1.0.0/24']);
  });

  test('who calls from a suspect network is told apart from the workload of the same name', () => {
    const bench = new Bench();
    const workload = { workloadId: 'rates', workloadEvidence: 'event' } as const;
    take(bench, call('key', 0, '10.1.0.0/24', workload), call('key', 9, '198.51.100.0/24', workload));
    const users = bench.correlator.dependents.of(fingerprint('key'), new Set(['198.51.100.0/24']));
    expect(users.map(({ networks, suspect }) => [networks, suspect])).toEqual([[['10.1.0.0/24'], false], [['198.51.100.0/24'], true]]);
  });

  test('of an identity\'s short-lived tokens each one that a user presented last or before that', () => {
    const bench = new Bench();
    const short = (token: string, at: number, network: string): TokenEvent => call(token, at, network, { tokenKind: 'jwt' });
    take(bench, short('t1', 0, '10.1.0.0/24'), short('t2', 10, '10.2.0.0/24'), short('t3', 20, '10.1.0.0/24'), short('t4', 30, '10.1.0.0/24'));
    expect(named(bench, 't1')).toEqual([]);
    expect(named(bench, 't2')).toEqual(['Boto3 from 10.2.0.0/24']);
    expect(named(bench, 't3')).toEqual(['Boto3 from 10.1.0.0/24']);
    expect(one(bench.correlator.dependents.of(fingerprint('t4'), none)).callsPerDay).toBe(3);
    expect(bench.state.sizes().find(([scope]) => scope === 'token-use')?.[1]).toBe(2);
  });

  test('a token that turns out to live long gets a list of its own and keeps the users of its first day', () => {
    const bench = new Bench();
    const jwt = { tokenKind: 'jwt' } as const;
    take(bench, call('old', 0, '10.1.0.0/24', jwt), call('old', 2 * day, '10.2.0.0/24', jwt), call('other', 2 * day, '10.3.0.0/24', jwt));
    expect(named(bench, 'old')).toEqual(['Boto3 from 10.1.0.0/24', 'Boto3 from 10.2.0.0/24']);
    take(bench, use('lasting', 0, { identityId: 'rates', issuedAtMs: 1, networkBlock: '10.9.0.0/24', userAgent: null }));
    expect(named(bench, 'lasting')).toEqual(['unknown client from 10.9.0.0/24']);
  });

  test('a token whose owner was learned late keeps the users seen before', () => {
    const bench = new Bench();
    const jwt = { tokenKind: 'jwt', identityId: null } as const;
    take(bench, call('t', 0, '10.1.0.0/24', jwt), issuance('t', null, 5, { issuedIdentityId: 'rates' }), call('t', 9, '10.2.0.0/24', jwt));
    expect(named(bench, 't')).toEqual(['Boto3 from 10.1.0.0/24', 'Boto3 from 10.2.0.0/24']);
  });
});

describe('bounds', () => {
  test('of more than 32 users the rarest goes, and it is counted', () => {
    const bench = new Bench();
    for (let i = 0; i < 32; i++) take(bench, call('key', i, `10.${i}.0.0/24`), ...(i === 7 ? [] : [call('key', 100 + i, `10.${i}.0.0/24`)]));
    take(bench, call('key', 500, '192.0.2.0/24'));
    expect(named(bench, 'key')).toHaveLength(32);
    expect(named(bench, 'key')).not.toContain('Boto3 from 10.7.0.0/24');
    expect(bench.correlator.counts().usersDropped).toBe(1);
  });

  test('a thief who changes networks with each call pushes out no user who comes again', () => {
    const bench = new Bench();
    take(bench, call('key', 0, '10.1.0.0/24'), call('key', 1, '10.1.0.0/24'));
    for (let i = 0; i < 300; i++) take(bench, call('key', 10 + i, `198.51.${i}.0/24`));
    expect(named(bench, 'key')).toContain('Boto3 from 10.1.0.0/24');
  });

  test('eight networks of a workload, eight resources of a use; a network at rest makes room', () => {
    const bench = new Bench();
    const at = (seconds: number, network: number): TokenEvent => call('key', seconds, `10.0.${network}.0/24`, {
      workloadId: 'rates', workloadEvidence: 'event', resourceId: `table-${seconds}`,
    });
    for (let i = 0; i < 12; i++) take(bench, at(i, i));
    for (let i = 0; i < 12; i++) take(bench, at(20 + i, 0));
    const { networks, resources } = one(bench.correlator.dependents.of(fingerprint('key'), none));
    expect([networks.length, resources.length]).toEqual([8, 8]);
    expect(networks).not.toContain('10.0.11.0/24');
    take(bench, at(2 * day, 11));
    expect(one(bench.correlator.dependents.of(fingerprint('key'), none)).networks).toContain('10.0.11.0/24');
  });
});

test('stopped and started again anywhere, the same users are known', async () => {
  const events = fc.array(fc.record({
    token: fc.constantFrom('a', 'b', 'c'), at: fc.nat(3 * day), network: fc.nat(40), kind: fc.constantFrom('jwt' as const, 'api_key' as const),
    workload: fc.option(fc.constantFrom('w1', 'w2')), resource: fc.nat(12), owner: fc.constantFrom('rates', null, 'other'),
  }), { maxLength: 120 });
  await fc.assert(fc.asyncProperty(events, fc.nat(120), async (list, stop) => {
    const [whole, stopped] = [new Bench(), new Bench({}, { rowCapacity: 1 })];
    for (const [place, { token, at, network, kind, workload, resource, owner }] of list.entries()) {
      const event = (): TokenEvent => call(token, at, `10.0.${network}.0/24`, {
        tokenKind: kind, resourceId: `table-${resource}`, workloadId: workload, workloadEvidence: workload === null ? null : 'event', identityId: owner,
      });
      take(whole, event());
      take(stopped, event());
      if (place === stop) await stopped.restart();
    }
    for (const token of ['a', 'b', 'c']) {
      const [left, right] = [whole, stopped].map((bench) => bench.correlator.dependents.of(fingerprint(token), new Set(['10.0.3.0/24'])));
      expect(left).toEqual(right);
      expect((left as Dependent[]).length).toBeLessThanOrEqual(68);
    }
    expect(stopped.correlator.counts()).toEqual(whole.correlator.counts());
  }), { numRuns: 60 });
});

test.each([
  ['Boto3/1.34.11 md/Botocore#1.34.11', 'Boto3'], ['curl', 'curl'], ['', 'unknown client'], [null, 'unknown client'], ['(x)', 'unknown client'],
  ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0', 'Edge'], ['Mozilla/5.0 (X11; rv:1) Firefox/1', 'Firefox'],
  ['python-requests/2.31.0', 'python-requests'], ['[APN/1.0 x]', 'APN'],
])('%s is the client %s', (agent, family) => {
  expect(clientFamily(agent)).toBe(family);
});
