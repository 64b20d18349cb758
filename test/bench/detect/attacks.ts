import { Random } from '../../support/estate/random.ts';
import { deedWays, type Steps } from './attack-deeds.ts';
import { dayMs, hourMs, type Call, type Deed, type Workload } from './calls.ts';
import { address, addressOf } from './estate.ts';
import { mintedToken, tokenOf } from './workloads.ts';

export type Family = 'egress' | 'drip' | 'origin' | 'lifecycle' | 'minting' | 'forged' | 'secrets' | 'actions' | 'reach' | 'destruction' | 'probing';
export type Distance = 'known' | 'near' | 'far';

/** How a thief goes about it. `size`: bytes in mean working days of the workload, of deeds how many, in parts of a few. */
export interface Way {
  readonly name: string;
  readonly family: Family;
  readonly sizes: readonly number[];
  readonly from: readonly Distance[];
  readonly calls: number;
  readonly overMs: number;
  /** Days on which it goes on. Default: one. */
  readonly days?: number;
  /** What he does where he does not come for bytes. */
  readonly steps?: Steps;
  readonly fits?: (workload: Workload) => boolean;
  /** An alarm counts until so long after the last call. Default: a minute. */
  readonly boundMs?: number;
}

const everySize = [1.5, 3, 10];
const everywhere: readonly Distance[] = ['known', 'near', 'far'];
export const ways: readonly Way[] = [
  { name: 'forty calls', family: 'egress', sizes: everySize, from: everywhere, calls: 40, overMs: hourMs / 2 },
  { name: 'few large', family: 'egress', sizes: everySize, from: everywhere, calls: 2, overMs: hourMs / 4 },
  { name: 'many small', family: 'egress', sizes: everySize, from: everywhere, calls: 400, overMs: 2 * hourMs },
  { name: 'thin', family: 'egress', sizes: everySize, from: everywhere, calls: 200, overMs: 20 * hourMs },
  { name: 'many tokens', family: 'egress', sizes: everySize, from: everywhere, calls: 40, overMs: hourMs / 2 },
  { name: 'widened', family: 'egress', sizes: everySize, from: ['known'], calls: 0, overMs: dayMs },
  { name: 'fast theft', family: 'egress', sizes: [1000], from: everywhere, calls: 1000, overMs: hourMs },
  { name: 'other place', family: 'origin', sizes: [0.5], from: ['near', 'far'], calls: 15, overMs: hourMs },
  { name: 'old token', family: 'lifecycle', sizes: [0.5], from: ['known', 'far'], calls: 5, overMs: hourMs / 2 },
  { name: 'drip', family: 'drip', sizes: [1, 3], from: ['known'], calls: 0, overMs: dayMs, days: 42, fits: isSteady },
  // Known when the issuer's log has had an hour to tell of it, and then with its next record.
  { name: 'forged', family: 'forged', sizes: [0.1], from: ['near', 'far'], calls: 5, overMs: hourMs / 6, fits: isIssued, boundMs: 2 * hourMs },
  { name: 'forged for a year', family: 'forged', sizes: [0.1], from: ['known'], calls: 5, overMs: hourMs / 6, fits: isIssued, boundMs: 2 * hourMs },
  ...deedWays.map((way) => ({ ...way, from: ['known', 'far'] as const, calls: 1 })),
];

/** Works every day alike, so that weeks can be compared. */
function isSteady({ profile }: Workload): boolean {
  return profile === 'cron' || profile === 'web' || profile === 'nightly' || profile === 'rotated' || profile === 'deployed' || profile === 'pooled';
}

/** The gateway names its short-lived tokens, and the issuer's log all of them; it keeps to its network. */
function isIssued({ format, rhythm }: Workload): boolean {
  return format === 'envoy.access' && rhythm.tokenLifeMs !== null && rhythm.place === 'fixed';
}


export interface Attack {
  readonly number: number;
  readonly workload: Workload;
  readonly way: Way;
  readonly size: number;
  readonly from: Distance;
  readonly day: number;
  /** What the thief presents; filled when the calls are made. */
  readonly tokens: Set<string>;
  readonly calls: Transfer[];
  /** Of egress: all that was read that day, by thief and owner. */
  readonly ofDay: Transfer[];
}

export interface Transfer { readonly endMs: number; readonly bytes: number }

/** Shuffles all cells over the workloads: `each` attacks on every one, well apart, at days counted from `firstDay`. */
export function planAttacks(workloads: readonly Workload[], seed: number, firstDay: number, days: number, each: number): Attack[] {
  const random = new Random(seed * 31_337 + 5);
  const cells = ways.flatMap((way) => way.sizes.flatMap((size) => way.from.map((from) => ({ way, size, from }))));
  const attacks: Attack[] = [];
  const span = Math.floor(days / each);
  let deck: typeof cells = [];
  for (const workload of workloads) {
    for (let turn = 0; turn < each; turn += 1) {
      if (deck.length === 0) deck = shuffled(cells, random);
      const place = deck.findLastIndex((cell) => fits(cell, workload));
      const [cell] = deck.splice(place < 0 ? deck.length - 1 : place, 1);
      const length = cell?.way.days ?? 1;
      const day = firstDay + turn * span + 2 + random.whole(Math.max(1, span - 8 - length));
      if (place >= 0 && cell !== undefined) attacks.push({ ...cell, number: attacks.length, workload, day, tokens: new Set(), calls: [], ofDay: [] });
      // What takes long leaves no time for another.
      if (place >= 0 && length > span) break;
    }
  }
  return attacks;
}

/** What another place or an old token is cannot be told of those whose places and tokens change all the time. */
function fits({ way }: { readonly way: Way }, workload: Workload): boolean {
  const { rhythm } = workload;
  if (way.fits !== undefined) return way.fits(workload);
  if (way.family === 'origin') return rhythm.place === 'fixed';
  return way.family !== 'lifecycle' || rhythm.rotatedAfterDays !== null;
}

function shuffled<T>(things: readonly T[], random: Random): T[] {
  return things.map((thing) => ({ thing, at: random.next() })).sort((a, b) => a.at - b.at).map(({ thing }) => thing);
}

/** Is he at work on the day? */
export function isAtWork({ day, way }: Attack, on: number): boolean {
  return on >= day && on < day + (way.days ?? 1);
}

/** The thief's calls on a day. What is widened are the workload's own calls of that day, changed in place. */
export function callsOfAttack(attack: Attack, own: Call[], meanDayBytes: number): Call[] {
  const bytes = attack.size * meanDayBytes;
  const made = attack.way.days !== undefined ? repeat(attack, own, bytes) : attack.way.calls === 0 ? widen(attack, own, bytes) : steal(attack, bytes);
  for (const call of made) {
    attack.tokens.add(call.token);
    attack.calls.push({ endMs: call.endMs, bytes: call.bytes });
  }
  attack.calls.sort((a, b) => a.endMs - b.endMs);
  return attack.way.calls === 0 && attack.way.days === undefined ? [] : made;
}

/** Some of the workload's own calls once more, a little later. */
function repeat(attack: Attack, own: readonly Call[], bytes: number): Call[] {
  const total = own.reduce((sum, call) => sum + (call.deed === null ? call.bytes : 0), 0);
  const share = bytes / Math.max(1, total);
  return own.filter(({ deed }) => deed === null).flatMap((call, at) => Array.from({ length: Math.floor(share) + ((at * 7 % 10) / 10 < share % 1 ? 1 : 0) }, (_, copy) => (
    { ...call, endMs: call.endMs + 20_000 * (copy + 1), attack: attack.number })));
}

function widen(attack: Attack, own: Call[], bytes: number): Call[] {
  const total = own.reduce((sum, call) => sum + call.bytes, 0);
  for (const call of own) {
    call.bytes = Math.round(call.bytes * (1 + bytes / Math.max(1, total)));
    call.attack = attack.number;
  }
  return own;
}

function steal(attack: Attack, bytes: number): Call[] {
  const { workload, way, day } = attack;
  const random = new Random(attack.number * 7_907 + day);
  const startMs = day * dayMs + random.next() * (dayMs - way.overMs);
  const source = placeOf(attack, random);
  const agent = attack.from === 'far' ? 'curl/8.9.1' : workload.agent;
  const stolen = way.family === 'lifecycle' ? oldToken(workload, startMs) : tokenOf(workload, startMs);
  const steps = way.steps?.(attack, random);
  const count = steps?.length ?? way.calls;
  return Array.from({ length: count }, (_, index) => {
    const endMs = Math.round(startMs + (index + random.next()) * way.overMs / count);
    const deed: Deed | null = steps?.[index]?.deed ?? null;
    return {
      ...stolenAt(attack, stolen, startMs, index), endMs, tookMs: 100, bytes: way.steps === undefined ? Math.round(bytes / count * random.between(0.7, 1.3)) : 700, address: source(), agent,
      path: steps?.[index]?.path ?? `/v2/${workload.profile}/${random.whole(3 * workload.objects)}`, attack: attack.number, deed, log: workload.format,
    };
  });
}

type Shown = Pick<Call, 'token' | 'issuedMs' | 'forged'>;

/** What he shows: what he stole, what he had made of it, or what he made himself. */
function stolenAt({ way, workload, number }: Attack, stolen: Omit<Shown, 'forged'>, startMs: number, index: number): Shown {
  if (way.family === 'forged') {
    const lifeMs = way.name === 'forged' ? workload.rhythm.tokenLifeMs ?? hourMs : 365 * dayMs;
    return { token: mintedToken(workload, 500 + number % 400, 0), issuedMs: startMs - 60_000, forged: { lifeMs } };
  }
  const minted = way.name === 'many tokens' ? { token: mintedToken(workload, number % 500, index % 10), issuedMs: startMs } : stolen;
  return { ...minted, forged: null };
}

function oldToken(workload: Workload, atMs: number): { readonly token: string; readonly issuedMs: number | null } {
  const { generation } = workload;
  workload.generation = Math.max(0, generation - 2);
  const found = tokenOf(workload, atMs);
  workload.generation = generation;
  return found;
}

/** In the workload's own place, in another corner of its provider, or at a VPN. */
function placeOf({ workload, from, day }: Attack, random: Random): () => string {
  if (from === 'known') {
    const spot = random.whole(4_000);
    return () => addressOf(workload, day, random, spot);
  }
  const fixed = from === 'near' ? address(workload.home, (workload.number * 37 + 110 + random.whole(60)) % 250, random.whole(250)) : address('146.70', random.whole(250), random.whole(250));
  return () => fixed;
}
