import { expect, it } from 'vitest';
import concurrentUse from '../../detectors/concurrent-use.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';

const start = Date.UTC(2025, 2, 1);
const [minute, hour, day] = [6e4, 36e5, 864e5] as const;
const own = { networkBlock: '78.47.1.0/24', sourceIp: '78.47.1.9', asNumber: 24_940, country: 'DE', networkClass: 'hosting' } as const;
const odd = { networkBlock: '5.2.70.0/24', sourceIp: '5.2.70.9', asNumber: 60_404, country: 'NL', networkClass: 'hosting' } as const;
const vpn = { ...odd, asNumber: 9_009, networkClass: 'vpn' } as const;

function use(atMs: number, more: Partial<TokenEvent>): TokenEvent {
  return {
    ...emptyEvent('ecs', atMs), token: 't', identityId: 'svc', identityName: 'svc', identityKind: 'service', lifecycle: 'used', outcome: 'success', authenticated: true, ...more,
  };
}

function settled(days: number, more: Partial<TokenEvent> = {}): Harness {
  const harness = new Harness(concurrentUse as unknown as Detector);
  for (let step = 0; step < days * 8; step += 1) expect(harness.observe(use(start + step * 3 * hour, { ...own, ...more }))).toBeNull();
  return harness;
}

/** Severities over uses a few minutes apart. */
function severities(harness: Harness, days: number, uses: readonly Partial<TokenEvent>[], apartMs: number = 5 * minute): (number | undefined)[] {
  return uses.map((more, step) => harness.observe(use(start + days * day + step * apartMs, more))?.finding.severity);
}

it('alerts at the stranger, not at the owner who comes back, and names both places', () => {
  const harness = settled(60);
  expect(severities(harness, 60, [own, odd, own])).toEqual([undefined, undefined, undefined]);
  const hit = harness.observe(use(start + 60 * day + 15 * minute, odd));
  expect(hit?.finding).toMatchObject({ severity: 21, deviates: 'token', observed: { asNumber: 60_404, otherNetwork: 'AS24940' } });
  expect(severities(settled(60), 60, [own, vpn, own, vpn]).at(-1)).toBe(47);
});

it.each([
  ['a move', [own, own, odd, odd, odd], 5 * minute], ['hours between', [own, odd, own, odd], 40 * minute],
  ['two tokens', [own, { ...odd, token: 'u' }, own, { ...odd, token: 'u' }], 5 * minute],
  ['two logs that show one use with two addresses', [own, { ...odd, source: 'edge' }, own, { ...odd, source: 'edge' }], 5 * minute],
  ['another block of the same network', [own, { ...own, networkBlock: '88.99.1.0/24' }, own, { ...own, networkBlock: '88.99.1.0/24' }], 5 * minute],
  ['refusals', [own, { ...odd, outcome: 'failure' }, own, { ...odd, outcome: 'failure' }], 5 * minute],
] as const)('is quiet about %s', (_, uses, apartMs) => {
  expect(severities(settled(60), 60, uses, apartMs)).toEqual(uses.map(() => undefined));
});

it('is quiet where that happens every week, in young identities, and about a person with a telephone', () => {
  const weekly = new Harness(concurrentUse as unknown as Detector);
  for (let week = 0; week < 20; week += 1) {
    const other = { ...odd, asNumber: 60_404 + week };
    expect(severities(weekly, week * 7, week === 0 ? [own, odd, own, odd] : [own, other, own, other]).filter((severity) => severity !== undefined && week > 2)).toEqual([]);
  }
  expect(severities(settled(2), 2, [own, vpn, own, vpn])).toEqual([undefined, undefined, undefined, undefined]);
  const person = { identityKind: 'human' } as const;
  expect(severities(settled(60, person), 60, [own, odd, own, odd].map((place) => ({ ...place, ...person })))).toEqual([undefined, undefined, undefined, undefined]);
});
