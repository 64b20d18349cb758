import { describe, expect, it } from 'vitest';
import unfamiliarIp from '../../detectors/unfamiliar-ip.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';

const start = Date.UTC(2025, 2, 1);
const [minute, hour, day] = [6e4, 36e5, 864e5] as const;
type Where = Pick<TokenEvent, 'networkBlock' | 'asNumber' | 'country' | 'networkClass'>;
const where = (networkBlock: string, asNumber: number | null, country: string | null, networkClass: TokenEvent['networkClass']): Where => ({ networkBlock, asNumber, country, networkClass });

const cloud = where('3.5.140.0/24', 16_509, 'DE', 'hosting');
const rented = where('88.99.10.0/24', 24_940, 'DE', 'hosting');
const abroad = where('5.2.70.0/24', 60_404, 'NL', 'hosting');
const home = where('84.160.10.0/24', 3_320, 'DE', 'isp');
const vpn = where('37.120.130.0/24', 9_009, 'RO', 'vpn');
const tor = where('185.220.101.0/24', 60_729, 'DE', 'tor');
const office = where('10.0.7.0/24', null, null, 'private');

function use(atMs: number, place: Where, more: Partial<TokenEvent> = {}): TokenEvent {
  return {
    ...emptyEvent('aws.cloudtrail', atMs), token: 't', identityId: 'svc', identityName: 'svc', identityKind: 'service', tokenKind: 'access_key', cloudAccount: 'acme',
    lifecycle: 'used', outcome: 'success', authenticated: true, ...place, ...more,
  };
}

function settled(days: number, place: Where): Harness {
  const harness = new Harness(unfamiliarIp as unknown as Detector);
  for (let step = 0; step < days * 8; step += 1) expect(harness.observe(use(start + step * 3 * hour, place))).toBeNull();
  return harness;
}

/** First alert over uses at one place, ten minutes apart, while the old place works on. */
function severityOf(harness: Harness, atMs: number, strange: Where, usual: Where | null): number | null {
  for (let step = 0; step < 3; step += 1) {
    const hit = harness.observe(use(atMs + step * 10 * minute, strange));
    if (hit !== null) return hit.finding.severity;
    if (usual !== null) harness.observe(use(atMs + (step * 10 + 5) * minute, usual));
  }
  return null;
}

describe.each([14, 60, 300])('after %d days of one place', (days) => {
  const at = start + days * day + hour;

  it.each([
    ['C17 a lasting key at an unseen address of another network, beside its owner', cloud, rented],
    ['C18 a service\'s secret in an unseen autonomous system, beside its owner', cloud, abroad],
    ['C19 in an unseen country', cloud, abroad],
    ['C20 a workload of the cloud from a network of homes', cloud, home],
    ['C22 through a VPN', cloud, vpn],
    ['C23 through Tor', cloud, tor],
    ['C25 hosting where it lived among homes', home, rented],
    ['C29 a token of the internal network from the internet', office, home],
  ] as const)('%s', (_, usual, strange) => {
    expect(severityOf(settled(days, usual), at, strange, usual)).toBeGreaterThanOrEqual(47);
  });

  it('C22, C23: a network that hides its users alerts at the first use, also when the owner is silent', () => {
    for (const strange of [vpn, tor]) expect(settled(days, cloud).observe(use(at, strange))?.finding.severity).toBeGreaterThanOrEqual(73);
  });

  it('C26: a network that the operator\'s feed lists alerts as its class says', () => {
    const listed = where('5.2.70.0/24', 60_404, 'DE', 'tor');
    expect(settled(days, cloud).observe(use(at, listed))?.finding.severity).toBeGreaterThanOrEqual(73);
  });

  it('is quiet about other blocks and systems of the own cloud', () => {
    const harness = settled(days, cloud);
    for (const [step, block] of ['3.5.141.0/24', '52.95.110.0/24', '2600:1f18:1234::/48'].entries()) {
      expect(harness.observe(use(at + step * hour, { ...cloud, networkBlock: block, asNumber: step === 2 ? 14_618 : 16_509 }))).toBeNull();
    }
  });
});

it('C23: a newcomer at Tor is judged by its account', () => {
  const harness = settled(20, cloud);
  const newcomer = { identityId: 'new', identityName: 'new', token: 'n' };
  expect(harness.observe(use(start + 20 * day, cloud, newcomer))).toBeNull();
  expect(harness.observe(use(start + 20 * day, tor, { ...newcomer, identityId: 'newer' }))?.finding.reason).toContain('of its account');
});
