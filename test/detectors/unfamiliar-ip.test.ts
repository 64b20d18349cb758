import { expect, it } from 'vitest';
import unfamiliarIp from '../../detectors/unfamiliar-ip.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';

const detector = unfamiliarIp as unknown as Detector;
const start = Date.UTC(2025, 2, 1);
const hour = 36e5;
const home = { networkBlock: '203.0.113.0/24', sourceIp: '203.0.113.9', asNumber: 64_496, asOrganization: 'Example Cloud', country: 'DE', networkClass: 'hosting' } as const;
const vpn = { networkBlock: '198.51.100.0/24', sourceIp: '198.51.100.77', asNumber: 64_511, asOrganization: 'Hidden VPN', country: 'RO', networkClass: 'vpn' } as const;
const nearby = { ...home, networkBlock: '203.0.112.0/24', sourceIp: '203.0.112.4' };

function use(atMs: number, where: Partial<TokenEvent>, more: Partial<TokenEvent> = {}): TokenEvent {
  return {
    ...emptyEvent('ecs', atMs), token: 't', identityId: 'svc', identityName: 'svc', cloudAccount: 'acme', lifecycle: 'used', outcome: 'success', authenticated: true, ...where, ...more,
  };
}

/** Hourly from one place. */
function settled(days: number, settings: Record<string, string | number> = {}): Harness {
  const harness = new Harness(detector, settings);
  for (let step = 0; step < days * 24; step += 1) expect(harness.observe(use(start + step * hour, home))).toBeNull();
  return harness;
}

it('alerts at the first use through a VPN never used before, in plain words', () => {
  const hit = settled(60).observe(use(start + 60 * 24 * hour, vpn));
  expect(hit?.finding.severity).toBe(73);
  expect(hit?.finding.deviates).toBe('network');
  expect(hit?.finding.reason).toBe('svc was used from 198.51.100.77 (Hidden VPN, RO), a commercial VPN; in 60 days all 1,440 uses came from one other block of addresses.');
});

it.each([
  ['a commercial VPN', 28, vpn, 73],
  ['a hosting network in another country', 28, { ...vpn, networkClass: 'hosting' }, 73],
  ['Tor', 28, { ...vpn, networkClass: 'tor' }, 99],
  ['a network of homes in another country', 28, { ...vpn, networkClass: 'isp' }, 47],
  ['a hosting network, while little is known', 10, { ...vpn, networkClass: 'hosting', country: 'FR' }, 47],
] as const)('gives %s after %d days of one place its severity', (_, days, where, severity) => {
  const harness = settled(days);
  const known = days < 14 ? { thresholdBits: 5 } : {};
  Object.assign(harness.values, known);
  expect(harness.observe(use(start + days * 24 * hour, where))?.finding.severity).toBe(severity);
});

it('is certain when a hosting network works beside the known place within minutes', () => {
  const beside = { ...vpn, networkClass: 'hosting', country: 'DE' } as const;
  const harness = settled(40);
  const at = start + 40 * 24 * hour;
  const minute = 6e4;
  expect(harness.observe(use(at, beside))).toBeNull();
  expect(harness.observe(use(at + minute, home))).toBeNull();
  expect(harness.observe(use(at + 2 * minute, beside))?.finding.severity).toBe(99);
});

it('learns from uses without a token, and from calls that revoke another token', () => {
  const harness = new Harness(detector);
  for (let step = 0; step < 60 * 24; step += 1) {
    const more = step % 2 === 0 ? { token: null } : { lifecycle: 'revoked', revoked: 'another' } as const;
    expect(harness.observe(use(start + step * hour, home, more))).toBeNull();
  }
  expect(harness.observe(use(start + 60 * 24 * hour, vpn, { token: null }))?.finding.reason).toContain('all 1,440 uses');
  expect(harness.observe(use(start + 60 * 24 * hour, vpn, { token: null, lifecycle: 'revoked' }))).toBeNull();
});

it('is silent about another block of the same network, and about a country alone', () => {
  const harness = settled(200);
  expect(harness.observe(use(start + 200 * 24 * hour, nearby))).toBeNull();
  expect(harness.observe(use(start + 201 * 24 * hour, { ...nearby, country: 'FR' }))).toBeNull();
});

it('takes a move for a move, but not when the old place goes on working beside the new', () => {
  const elsewhere = { ...vpn, networkClass: 'hosting', country: 'DE' } as const;
  const moved = settled(40);
  for (let step = 0; step < 100; step += 1) expect(moved.observe(use(start + (40 * 24 + step) * hour, elsewhere))).toBeNull();
  const beside = settled(40);
  const at = start + 40 * 24 * hour;
  expect(beside.observe(use(at, elsewhere))).toBeNull();
  expect(beside.observe(use(at + 6e5, home))).toBeNull();
  expect(beside.observe(use(at + 12e5, elsewhere))?.finding.reason).toContain('still in use at the same time');
});

it('with learn 0 judges from the second address on, and one place is never strange', () => {
  const loopback = (block: string): Partial<TokenEvent> => ({ networkBlock: `${block}.0/24`, sourceIp: `${block}.11`, networkClass: 'private' });
  const harness = new Harness(detector, { learn: '0' });
  for (let step = 0; step < 20; step += 1) expect(harness.observe(use(start + step * 1000, loopback('127.10.0')))).toBeNull();
  expect(harness.observe(use(start + 21_000, loopback('127.66.6')))?.event.sourceIp).toBe('127.66.6.11');
  expect(harness.observe(use(start + 22_000, loopback('127.10.0')))).toBeNull();
});

it('with learn 0 lets an identity of seconds bring a new token from a new place, but not a token move', () => {
  const harness = new Harness(detector, { learn: '0' });
  expect(harness.observe(use(start, home))).toBeNull();
  expect(harness.observe(use(start + 1000, nearby, { token: 'second' }))).toBeNull();
  expect(harness.observe(use(start + 2000, vpn, { token: 'second' }))).not.toBeNull();
});

it('with a fixed grace is silent before it and alerts after it', () => {
  const early = settled(3, { learn: '7d' });
  expect(early.observe(use(start + 3 * 24 * hour, vpn))).toBeNull();
  const late = settled(8, { learn: '7d' });
  expect(late.observe(use(start + 8 * 24 * hour, nearby))?.finding.severity).toBe(21);
});

it('leaves alone an identity whose habit are new places', () => {
  const harness = new Harness(detector);
  for (let number = 0; number < 60; number += 1) {
    const where = { networkBlock: `100.64.${number}.0/24`, sourceIp: `100.64.${number}.1`, asNumber: 1_000 + number % 20, country: 'DE', networkClass: 'isp' } as const;
    expect(harness.observe(use(start + number * 24 * hour, where))).toBeNull();
  }
});

it('judges a newcomer by the places of its workload', () => {
  const harness = new Harness(detector);
  for (let step = 0; step < 30 * 24; step += 1) harness.observe(use(start + step * hour, home, { workloadId: 'w' }));
  const fresh = { identityId: 'new', identityName: 'new', token: 'n', workloadId: 'w' };
  expect(harness.observe(use(start + 31 * 24 * hour, home, fresh))).toBeNull();
  const hit = harness.observe(use(start + 31 * 24 * hour + 1000, vpn, fresh));
  expect(hit?.finding.reason).toMatch(/; it is new, and in 32 days all 721 uses of its workload came from one other block of addresses\.$/);
});

it('does not learn a place that alerted, and keeps watching the known one', () => {
  const harness = settled(60);
  const at = start + 60 * 24 * hour;
  expect(harness.observe(use(at, vpn))).not.toBeNull();
  expect(harness.observe(use(at + hour, home))).toBeNull();
  expect(harness.observe(use(at + 48 * hour, vpn))).not.toBeNull();
});
