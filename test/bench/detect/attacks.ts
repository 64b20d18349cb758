import { Random } from '../../support/estate/random.ts';
import { dayMs, hourMs, type Call, type Workload } from './calls.ts';
import { address, addressOf } from './estate.ts';
import { mintedToken, tokenOf } from './workloads.ts';

export type Family = 'egress' | 'origin' | 'lifecycle';
export type Distance = 'known' | 'near' | 'far';

/** How a thief goes about it. `size`: bytes in mean working days of the workload. */
export interface Way {
  readonly name: string;
  readonly family: Family;
  readonly sizes: readonly number[];
  readonly from: readonly Distance[];
  readonly calls: number;
  readonly overMs: number;
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
];

export interface Attack {
  readonly number: number;
  readonly workload: Workload;
  readonly way: Way;
  readonly size: number;
  readonly from: Distance;
  readonly day: number;
  /** What the thief presents; filled when the calls are made. */
  readonly tokens: Set<string>;
  readonly calls: { readonly endMs: number; readonly bytes: number }[];
}

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
      const day = firstDay + turn * span + 2 + random.whole(Math.max(1, span - 8));
      if (place >= 0 && cell !== undefined) attacks.push({ ...cell, number: attacks.length, workload, day, tokens: new Set(), calls: [] });
    }
  }
  return attacks;
}

/** What another place or an old token is cannot be told of those whose places and tokens change all the time. */
function fits({ way }: { readonly way: Way }, { rhythm }: Workload): boolean {
  if (way.family === 'origin') return rhythm.place === 'fixed';
  return way.family !== 'lifecycle' || rhythm.rotatedAfterDays !== null;
}

function shuffled<T>(things: readonly T[], random: Random): T[] {
  return things.map((thing) => ({ thing, at: random.next() })).sort((a, b) => a.at - b.at).map(({ thing }) => thing);
}

/** The thief's calls on the day. What is widened are the workload's own calls of that day, changed in place. */
export function callsOfAttack(attack: Attack, own: Call[], meanDayBytes: number): Call[] {
  const bytes = attack.size * meanDayBytes;
  const made = attack.way.calls === 0 ? widen(attack, own, bytes) : steal(attack, bytes);
  for (const call of made) {
    attack.tokens.add(call.token);
    attack.calls.push({ endMs: call.endMs, bytes: call.bytes });
  }
  attack.calls.sort((a, b) => a.endMs - b.endMs);
  return attack.way.calls === 0 ? [] : made;
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
  return Array.from({ length: way.calls }, (_, index) => {
    const endMs = Math.round(startMs + (index + random.next()) * way.overMs / way.calls);
    const token = way.name === 'many tokens' ? { token: mintedToken(workload, attack.number % 500, index % 10), issuedMs: startMs } : stolen;
    return {
      ...token, endMs, tookMs: 100, bytes: Math.round(bytes / way.calls * random.between(0.7, 1.3)), address: source(), agent,
      path: `/v2/${workload.profile}/${random.whole(3 * workload.objects)}`, attack: attack.number,
    };
  });
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
