import { describe, expect, it } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';

/** What people complain of in rules about places elsewhere, with the numbers they give; the rule they mean stands beside ours. */
const start = Date.UTC(2025, 5, 2);
const [minute, hour, day] = [6e4, 36e5, 864e5] as const;
const ids = ['unfamiliar-ip', 'concurrent-use', 'impossible-travel'];

interface Spot { readonly block: string; readonly as: number; readonly country: string; readonly kind: TokenEvent['networkClass'] }
const spot = (as: number, block: string, country = 'DE', kind: TokenEvent['networkClass'] = 'hosting'): Spot => ({ as, block, country, kind });
const vpn = spot(9_009, '37.120.130.0/24', 'RO', 'vpn');

function use(atMs: number, identity: string, token: string, { as, block, country, kind }: Spot, more: Partial<TokenEvent> = {}): TokenEvent {
  return {
    ...emptyEvent('ecs', atMs), identityId: identity, identityName: identity, identityKind: 'service', token, cloudAccount: 'acme', authenticated: true,
    outcome: 'success', lifecycle: 'used', networkBlock: block, sourceIp: block.replace(/0\/\d+$/, '7'), asNumber: as, country, networkClass: kind, ...more,
  };
}

/** Alerts of all detectors of places, as `detector identity`. */
function watch(): { see(events: readonly TokenEvent[]): string[] } {
  const harnesses = detectors.filter(({ id }) => ids.includes(id)).map((detector) => new Harness(detector));
  const see = (events: readonly TokenEvent[]): string[] => [...events].sort((one, other) => one.orderMs - other.orderMs).flatMap((event) => harnesses
    .map((harness) => harness.observe(event)).filter((hit) => hit?.first === true).map((hit) => `${hit?.detector ?? ''} ${event.identityId ?? ''}`));
  return { see };
}

/** Alerts of a rule that fires once for each key whose values in half an hour are at least two. */
function severalIn(events: readonly TokenEvent[], key: (event: TokenEvent) => string | null, value: (event: TokenEvent) => unknown): number {
  const buckets = new Map<string, Set<unknown>>();
  for (const event of events) {
    const bucket = `${key(event) ?? ''}|${Math.floor(event.orderMs / (30 * minute))}`;
    buckets.set(bucket, (buckets.get(bucket) ?? new Set()).add(value(event)));
  }
  return [...buckets.values()].filter((values) => values.size > 1).length;
}

/** Alerts of a rule that fires on each value not seen for so many days. */
function unseenFor(events: readonly TokenEvent[], days: number, value: (event: TokenEvent) => string): number {
  const last = new Map<string, number>();
  let alerts = 0;
  for (const event of events) {
    const before = last.get(value(event));
    if (before === undefined || event.orderMs - before > days * day) alerts += 1;
    last.set(value(event), event.orderMs);
  }
  return alerts;
}

describe('one token, many addresses: 2,612 alerts in 24 hours, still a tenth of them when networks must differ', () => {
  const pool = (number: number): Spot => spot(64_000 + number % 30, `20.${number % 60}.${number % 7}.0/24`);
  const second = (number: number, dual: boolean): Spot => (dual ? spot(24_940, `88.99.${number}.0/24`) : { ...pool(number), block: `20.${number % 60}.${100 + number % 7}.0/24` });
  /** Pairs of addresses of 60 identities, each pair within its half hour; six of them live in two networks. */
  const pairs = (from: number, count: number): TokenEvent[] => Array.from({ length: count }, (_, each) => {
    const turn = each % 60;
    const dual = turn % 10 === 0;
    const number = dual ? 54 + turn / 10 : turn - Math.ceil(turn / 10);
    const at = start + from + Math.floor(each / 60) * 30 * minute;
    return [use(at, `svc-${number}`, `token-${number}`, pool(number)), use(at + 5 * minute, `svc-${number}`, `token-${number}`, second(number, dual)),
      use(at + 9 * minute, `svc-${number}`, `token-${number}`, pool(number))];
  }).flat();

  it('is silent where that is how they live, and finds the thief among them', () => {
    const { see } = watch();
    for (let number = 0; number < 30; number += 1) expect(see(pairs(number * day, 180))).toEqual([]);
    const today = pairs(30 * day, 2_612);
    expect(severalIn(today, (event) => event.token, (event) => event.networkBlock)).toBe(2_612);
    expect(severalIn(today, (event) => event.token, (event) => event.asNumber)).toBe(262);
    expect(see(today)).toEqual([]);
    const theft = [pool(3), vpn, pool(3), vpn].map((where, step) => use(start + 32 * day + step * minute, 'svc-3', 'token-3', where));
    expect(see(theft)).toContain('unfamiliar-ip svc-3');
  });
});

describe('the wrong key', () => {
  const [office, cloud] = [spot(3_320, '84.160.10.0/24', 'DE', 'isp'), spot(16_509, '3.5.140.0/24')];

  it('two tokens of one identity at two places are no token at two places', () => {
    const { see } = watch();
    const events = Array.from({ length: 60 * 24 }, (_, each) => [use(start + each * hour, 'team', 'laptop', office), use(start + each * hour + minute, 'team', 'server', cloud)]).flat();
    expect(severalIn(events, (event) => event.identityId, (event) => event.asNumber)).toBe(1_440);
    expect(severalIn(events, (event) => event.token, (event) => event.asNumber)).toBe(0);
    expect(see(events)).toEqual([]);
  });

  it('the second address family of a host is no second place', () => {
    const { see } = watch();
    const families = [spot(16_509, '3.5.140.0/24'), spot(14_618, '2600:1f18:1234::/48', 'US')];
    const history = Array.from({ length: 60 * 24 }, (_, each) => use(start + each * hour, 'svc', 'key', families[0] as Spot));
    expect(see(history)).toEqual([]);
    const both = Array.from({ length: 48 }, (_, each) => use(start + 60 * day + each * 10 * minute, 'svc', 'key', families[each % 2] as Spot));
    expect(severalIn(both, (event) => event.token, (event) => event.networkBlock)).toBe(16);
    expect(see(both)).toEqual([]);
  });
});

it('sessions that live an hour: a rule that looks for new pairs of key and address fires with each of them', () => {
  const { see } = watch();
  const where = spot(16_509, '3.5.140.0/24');
  const events = Array.from({ length: 60 * 24 }, (_, each) => use(start + each * hour, 'role', `session-${each}`, where, { tokenKind: 'temporary_key' }));
  expect(unseenFor(events, 10, (event) => `${event.token ?? ''}|${event.sourceIp ?? ''}`)).toBe(1_440);
  expect(see(events)).toEqual([]);
});

it('a scanner of a software service that polls from a whole cloud', () => {
  const { see } = watch();
  const own = Array.from({ length: 30 * 24 }, (_, each) => use(start + each * hour, 'svc', 'key', spot(16_509, '3.5.140.0/24')));
  expect(see(own)).toEqual([]);
  const polls = Array.from({ length: 30 * 24 }, (_, each) => use(
    start + 30 * day + each * hour, 'scanner', `scan-${Math.floor(each / 12)}`, spot(8_075, `20.${each % 200}.5.0/24`, each % 3 === 0 ? 'IE' : 'NL'),
  ));
  expect(unseenFor(polls, 10, (event) => event.sourceIp ?? '')).toBe(200);
  expect(see(polls)).toEqual([]);
});

it('history cut to 5, 10 or 14 days: a monthly job is new every month, and an address of 16 days ago is forgotten', () => {
  const { see } = watch();
  const monthly = Array.from({ length: 24 }, (_, month) => use(Date.UTC(2025, month, 1, 5), 'billing-run', 'key', spot(16_509, '3.5.140.0/24')));
  for (const days of [5, 10, 14]) expect(unseenFor(monthly, days, (event) => event.sourceIp ?? '')).toBe(24);
  expect(see(monthly)).toEqual([]);
  const turns = Array.from({ length: 20 }, (_, each) => [0, 1, 2].map((step) => use(start + (each * 32 + step * 16) * day, 'turns', 'key', spot(64_000 + step % 2, `20.1.${step % 2}.0/24`)))).flat();
  expect(unseenFor(turns, 14, (event) => event.sourceIp ?? '')).toBeGreaterThan(30);
  expect(see(turns)).toEqual([]);
});

describe('places that databases get wrong', () => {
  const home = spot(3_320, '84.160.10.0/24', 'DE', 'isp');
  const maria = (at: number, where: Spot): TokenEvent => use(at, 'maria', 'session', where, { identityKind: 'human' });
  const settled = (): ReturnType<typeof watch> => {
    const watching = watch();
    expect(watching.see(Array.from({ length: 60 * 8 }, (_, each) => maria(start + each * 3 * hour, home)))).toEqual([]);
    return watching;
  };

  it.each([
    ['the same address is told to lie in another country', spot(3_320, '84.160.10.0/24', 'AU', 'isp')],
    ['another block of the same provider lies in another country', spot(3_320, '84.161.10.0/24', 'AU', 'isp')],
    ['an aeroplane is registered where its satellite\'s owner is', spot(14_593, '98.97.10.0/24', 'AU', 'isp')],
  ])('%s', (_, where) => {
    const told = settled().see([maria(start + 61 * day, home), maria(start + 61 * day + 10 * minute, where)]);
    expect(told.filter((alert) => alert.startsWith('impossible-travel'))).toEqual([]);
  });

  it('and still tells a journey that nobody makes', () => {
    expect(settled().see([maria(start + 61 * day, home), maria(start + 61 * day + 10 * minute, spot(1_221, '1.128.20.0/24', 'AU', 'isp'))])).toContain('impossible-travel maria');
  });

  it('a gateway for roaming staff: 200 addresses a week, each seen once', () => {
    const { see } = watch();
    const weeks = Array.from({ length: 10 * 200 }, (_, each) => maria(
      start + each * 7 * day / 200, spot(22_616, `136.226.${each % 250}.${Math.floor(each / 250) * 16}/28`, ['DE', 'US', 'SG'][each % 3], 'provider'),
    ));
    expect(unseenFor(weeks, 90, (event) => event.networkBlock ?? '')).toBe(2_000);
    expect(see(weeks)).toEqual([]);
  });
});
