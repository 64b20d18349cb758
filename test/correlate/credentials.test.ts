import { describe, expect, test } from 'vitest';
import type { Credential } from '../../src/model/credential.ts';
import { useTraits } from '../../src/model/credential.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import { asOf } from '../../src/posture/as-of.ts';
import { Bench, fingerprint, startMs, use } from './support.ts';

const day = 24 * 3600;

function take(bench: Bench, ...events: TokenEvent[]): void {
  for (const event of events) {
    const { event: correlated } = bench.correlator.correlate(event);
    if (correlated !== null) bench.correlator.dependents.note(correlated);
  }
}

const call = (atSeconds: number, more: Partial<TokenEvent> = {}): TokenEvent => (
  use('key', atSeconds, { tokenKind: 'api_key', identityId: 'rates', networkBlock: '10.1.0.0/24', userAgent: 'Boto3/1', ...more }));
const known = (bench: Bench): Credential => bench.correlator.credential(fingerprint('key')) as Credential;

describe('what is kept of uses', () => {
  test.each([1, 5, 31, 32, 33, 40, 63])('a use %d weeks before the last one is remembered to the week', async (weeks) => {
    const bench = new Bench();
    const lastDays = 70 * 7;
    take(bench, call(0), call((lastDays - weeks * 7) * day), call(lastDays * day));
    await bench.restart();
    for (const later of [0, 1, 3]) {
      const atMs = startMs + (lastDays - weeks * 7 + later) * day * 1000;
      const last = asOf(known(bench), atMs)?.uses[0]?.lastMs ?? 0;
      expect(Math.abs(last - (startMs + (lastDays - weeks * 7) * day * 1000))).toBeLessThanOrEqual(7 * day * 1000);
      expect(last).toBeLessThanOrEqual(atMs);
    }
  });

  test('a late record sets the bit of its own week', () => {
    const bench = new Bench();
    take(bench, call(0), call(300 * day), call(200 * day));
    const [use] = asOf(known(bench), startMs + 210 * day * 1000)?.uses ?? [];
    expect(Math.abs((use?.lastMs ?? 0) - (startMs + 200 * day * 1000))).toBeLessThanOrEqual(7 * day * 1000);
  });

  test('reads and writes, and what proves the origin, add up', () => {
    const bench = new Bench();
    take(bench, call(0, { method: 'GET' }));
    expect(known(bench).uses[0]?.traits).toBe(useTraits.read);
    take(bench, call(1, { method: 'POST' }), call(2, { method: null, action: 'DescribeInstances' }));
    expect(known(bench).uses[0]?.traits).toBe(useTraits.read | useTraits.write);
    take(bench, call(3, { method: null, action: 'DeleteBucket', boundTo: 'thumbprint', workloadId: 'w', workloadEvidence: 'event' }));
    expect(known(bench).uses.map(({ traits }) => traits)).toContain(useTraits.write | useTraits.attested);
  });

  test('resources are not told of days before they were met', () => {
    const bench = new Bench();
    take(bench, call(0, { resourceId: 'a' }), call(10 * day, { resourceId: 'b' }));
    expect(known(bench).uses[0]?.resources).toEqual(['a', 'b']);
    expect(asOf(known(bench), startMs + 5 * day * 1000)?.uses[0]?.resources).toEqual(['a']);
  });
});

describe('rare facts of tokens', () => {
  test('where a secret stood is told by source and field, and counted; places are bounded', async () => {
    const bench = new Bench();
    for (let i = 0; i < 20; i++) take(bench, call(i, { tokenSeenIn: `field${i}` }), call(i + 100, { tokenSeenIn: 'field0' }));
    await bench.restart();
    const { sightings } = known(bench);
    expect(sightings).toHaveLength(8);
    expect(sightings[0]).toMatchObject({ source: 'test', field: 'field0', count: 21, firstMs: startMs });
    expect(sightings.reduce((sum, { count }) => sum + count, 0)).toBe(40);
  });

  test('a refused call says nothing of where the secret stood', () => {
    const bench = new Bench();
    take(bench, call(0), call(1, { tokenSeenIn: 'x', authenticated: false }), call(2, { tokenSeenIn: 'x', outcome: 'failure' }));
    expect(known(bench).sightings).toEqual([]);
  });

  test('scopes that come later are growth, once; fewer are none', async () => {
    const bench = new Bench();
    take(bench, call(0, { scopes: ['a', 'b'] }), call(1, { scopes: ['b'] }), call(60, { scopes: ['a', 'c'] }), call(120, { scopes: ['c', 'd'] }));
    await bench.restart();
    take(bench, call(180, { scopes: ['c', 'd'] }));
    expect(known(bench).growth).toEqual([{ scopes: ['c'], atMs: startMs + 60_000 }, { scopes: ['d'], atMs: startMs + 120_000 }]);
  });

  test('short-lived tokens of an identity share what is noted, its keys do not', () => {
    const bench = new Bench();
    const short = (name: string, at: number, more: Partial<TokenEvent>): TokenEvent => use(name, at, {
      identityId: 'rates', networkBlock: '10.1.0.0/24', issuedAtMs: startMs, expiresAtMs: startMs + 900_000, ...more,
    });
    take(bench, short('j1', 0, { tokenSeenIn: 'authorization' }), short('j2', 1, {}), call(2));
    expect(bench.correlator.credential(fingerprint('j2'))?.sightings).toHaveLength(1);
    expect(known(bench).sightings).toEqual([]);
  });

  test('an identity that gets another policy is widened', () => {
    const bench = new Bench();
    take(bench, call(0), use(null, 60, { action: 'AttachUserPolicy', identityId: 'admin', targetUserName: 'rates' }));
    expect(known(bench).owner.widenedMs).toEqual([startMs + 60_000, startMs + 60_000]);
  });
});
