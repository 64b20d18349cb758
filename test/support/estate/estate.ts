import { emptyEvent, type NetworkClass, type TokenEvent } from '../../../src/model/event.ts';
import { Random } from './random.ts';

export const hour = 36e5;
export const day = 24 * hour;
export const epoch = Date.UTC(2025, 0, 1);

export interface Spot { readonly block: string; readonly as: number | null; readonly country: string | null; readonly kind: NetworkClass }
/** What one identity does on a day: calls at times from spots with sizes. */
export interface Call { at: number; bytes: number; spot: Spot; path: string; token: string; issuedAt: number | null }
export type Rhythm = (identity: Member, dayNumber: number, calls: Call[]) => void;
export interface Member {
  readonly name: string; readonly profile: string; readonly account: string; readonly workload: string | null;
  readonly random: Random; readonly home: Spot; readonly size: number; readonly spread: number; readonly token: string; readonly agent: string;
  readonly rhythm: Rhythm;
}

const clouds: readonly (readonly [number, string])[] = [[16_509, 'US'], [8_075, 'IE'], [15_169, 'DE'], [31_898, 'GB'], [24_940, 'DE']];
const providers: readonly number[] = [3_320, 7_922, 2_856, 12_322];

export function cloudSpot(random: Random, as?: number): Spot {
  const [number, country] = as === undefined ? random.pick(clouds) : clouds.find(([known]) => known === as) ?? [as, 'US'];
  return { block: `${number % 200 + 20}.${random.whole(250)}.${random.whole(250)}.0/24`, as: number, country, kind: 'hosting' };
}

const homes: ((random: Random) => Spot)[] = [
  (random) => cloudSpot(random),
  (random) => ({ block: `10.${random.whole(250)}.${random.whole(250)}.0/24`, as: null, country: null, kind: 'private' }),
  (random) => ({ block: `2001:db8:${random.whole(9999)}::/48`, as: 64_500, country: 'DE', kind: 'hosting' }),
];

function call(member: Member, calls: Call[], at: number, bytes: number, spot: Spot, token = member.token, issuedAt: number | null = null): void {
  calls.push({ at, bytes: Math.round(bytes), spot, path: `/v1/items/${member.random.whole(40)}`, token, issuedAt });
}

function hours(of: (dayNumber: number, hourOfDay: number) => number, factor: (dayNumber: number) => number = () => 1): Rhythm {
  return (member, number, calls) => {
    for (let each = 0; each < 24; each += 1) {
      const count = member.random.poisson(of(number, each));
      for (let index = 0; index < count; index += 1) {
        call(member, calls, number * day + (each + member.random.next()) * hour, factor(number) * member.random.around(member.size, member.spread), member.home);
      }
    }
  };
}

function batch(when: (dayNumber: number) => boolean, count: number, startHour: number): Rhythm {
  return (member, number, calls) => {
    if (!when(number)) return;
    const scale = member.random.around(1, 0.2);
    const start = number * day + (startHour + member.random.next() * 0.3) * hour;
    for (let index = 0; index < count; index += 1) call(member, calls, start + index * 4_000, scale * member.random.around(member.size, member.spread), member.home);
  };
}

/** Days since the epoch of this estate to the day of the month, 1 to 31. */
function dayOfMonth(number: number): number { return new Date(epoch + number * day).getUTCDate(); }
function isWeekend(number: number): boolean { return [0, 6].includes(new Date(epoch + number * day).getUTCDay()); }
const daylight = (rate: number) => (number: number, each: number): number =>
  rate * (isWeekend(number) ? 0.25 : 1) * (0.15 + Math.max(0, Math.sin((each - 5) / 24 * 2 * Math.PI)));

const shortTokens: Rhythm = (member, number, calls) => {
  const first = calls.length;
  hours(daylight(5))(member, number, calls);
  for (const made of calls.slice(first)) {
    const slot = Math.floor(made.at / 9e5);
    made.token = `${member.name}#${slot}`;
    made.issuedAt = slot * 9e5;
  }
};
const continuousIntegration: Rhythm = (member, number, calls) => {
  const jobs = member.random.poisson(isWeekend(number) ? 1 : 6);
  for (let job = 0; job < jobs; job += 1) {
    const spot = cloudSpot(member.random, member.random.next() < 0.8 ? member.home.as ?? 8_075 : 16_509);
    const start = number * day + member.random.between(6, 22) * hour;
    for (let step = 0; step < 4; step += 1) call(member, calls, start + step * 20_000, member.random.around(member.size, member.spread), spot, `${member.name}#${number}.${job}`, start - 1_000);
  }
};
const humanLike: Rhythm = (member, number, calls) => {
  if (isWeekend(number) || member.random.next() < 0.06) return;
  const first = calls.length;
  hours(daylight(2))(member, number, calls);
  const roams = member.random.next();
  const as = roams < 0.05 ? 40_000 + member.random.whole(500) : roams < 0.4 ? 3_215 : providers[member.name.length % 4] ?? 3_320;
  const spot: Spot = { block: `${as % 150 + 30}.${member.random.whole(30)}.${member.random.whole(20)}.0/24`, as, country: 'DE', kind: 'isp' };
  for (const made of calls.slice(first)) Object.assign(made, { spot });
};
const rotating: Rhythm = (member, number, calls) => {
  const first = calls.length;
  hours(() => 1)(member, number, calls);
  for (const made of calls.slice(first)) made.token = `${member.name}#${Math.floor(number / 30)}`;
};
/** Moves into another subnet of its own network now and then; two run side by side for a day. */
const deployed: Rhythm = (member, number, calls) => {
  const first = calls.length;
  hours(() => 1)(member, number, calls);
  const age = number + member.size % 37;
  for (const made of calls.slice(first)) {
    const generation = Math.floor(age / 45) - (age % 45 < 1 && member.random.next() < 0.5 ? 1 : 0);
    made.spot = { ...member.home, block: `${member.home.block}+${generation}` };
  }
};
const pooled: Rhythm = (member, number, calls) => {
  const first = calls.length;
  hours(() => 1)(member, number, calls);
  for (const made of calls.slice(first)) made.spot = { ...member.home, block: `${member.home.block}+${member.random.whole(24)}` };
};

/** Profile name, its share of the estate, its rhythm, and the median size of a call. */
const profiles: readonly (readonly [string, number, Rhythm, number, number])[] = [
  ['hourly', 4, hours(() => 1), 2e6, 0.5],
  ['hourly-month-end', 3, hours(() => 1, (number) => (dayOfMonth(number) <= 2 ? 5 : 1)), 1e6, 0.5],
  ['web', 4, hours(daylight(4)), 3e5, 1],
  ['short-tokens', 3, shortTokens, 2e5, 1],
  ['nightly', 4, batch(() => true, 20, 2), 2e7, 0.3],
  ['weekly', 2, batch((number) => number % 7 === 3, 30, 4), 3e7, 0.3],
  ['monthly', 2, batch((number) => dayOfMonth(number) === 1, 40, 5), 1e8, 0.3],
  ['quarterly', 2, batch((number) => number % 91 === 10, 40, 6), 1e8, 0.3],
  ['ci', 4, continuousIntegration, 5e6, 0.6],
  ['human-like', 3, humanLike, 4e5, 1.2],
  ['rotating', 3, rotating, 1e6, 0.5],
  ['deployed', 3, deployed, 1e6, 0.5],
  ['pooled', 3, pooled, 1e6, 0.5],
];

export function makeEstate(count: number, seed: number): Member[] {
  const random = new Random(seed);
  const deck = profiles.flatMap((profile) => Array.from({ length: profile[1] }, () => profile));
  return Array.from({ length: count }, (_, index) => {
    const [profile, , rhythm, size, spread] = deck[index % deck.length] ?? random.pick(profiles);
    const name = `svc-${profile}-${index}`;
    const home = profile === 'ci' ? cloudSpot(random, 8_075) : profile === 'deployed' || profile === 'pooled' ? cloudSpot(random) : random.pick(homes)(random);
    return {
      name, profile, rhythm, home, spread: spread * random.between(0.6, 1.2), size: Math.round(random.around(size, 0.8)),
      account: `account-${index % 7}`, workload: index % 3 === 0 ? null : `workload-${Math.floor(index / 3)}`,
      token: `${name}#0`, agent: random.pick(['go-http-client/2', 'python-requests/2', 'java-http/21', 'curl/8']), random: new Random(seed * 7_919 + index),
    };
  });
}

/** One day of all members, in order. */
export function eventsOfDay(members: readonly Member[], dayNumber: number): TokenEvent[] {
  const events: TokenEvent[] = [];
  for (const member of members) {
    const calls: Call[] = [];
    member.rhythm(member, dayNumber, calls);
    for (const made of calls) events.push(eventOf(member, made));
  }
  return events.sort((one, other) => one.orderMs - other.orderMs);
}

let serial = 0;
export function eventOf(member: Member, made: Call): TokenEvent {
  const event = emptyEvent('ecs', epoch + Math.round(made.at));
  serial += 1;
  event.id = `e${serial}`;
  event.outcome = 'success';
  event.status = 200;
  event.authenticated = true;
  event.lifecycle = 'used';
  event.token = made.token;
  event.tokenKind = 'opaque';
  event.issuedAtMs = made.issuedAt === null ? null : epoch + made.issuedAt;
  event.identityId = member.name;
  event.identityName = member.name;
  event.identityKind = 'service';
  event.workloadId = member.workload;
  event.cloudAccount = member.account;
  event.userAgent = member.agent;
  event.urlPath = made.path;
  event.urlDomain = `${member.workload ?? member.name}.internal.example`;
  event.bytesOut = made.bytes;
  event.responseBytes = made.bytes;
  event.networkBlock = made.spot.block;
  event.sourceIp = made.spot.block.replace(/\.0\/24.*$/, '.7').replace(/::\/48.*$/, '::7');
  event.asNumber = made.spot.as;
  event.asOrganization = made.spot.as === null ? null : `Network ${made.spot.as}`;
  event.country = made.spot.country;
  event.networkClass = made.spot.kind;
  return event;
}
