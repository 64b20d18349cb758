import type { Family } from './attacks.ts';
import type { Alarm } from './score.ts';
import type { Onlooker } from './feed.ts';
import { dayMs, hourMs, type Call, type Workload } from './calls.ts';

/** A fixed rule as others ship it, as small as it can be. */
export interface Peer { readonly name: string; readonly observe: Onlooker; readonly alarms: Alarm[] }

type Verdict = string | null;

/** One alarm for each key a day: kinder than what they do. */
function peer(name: string, family: Family, judge: (workload: Workload, call: Call, atMs: number) => Verdict): Peer {
  const alarms: Alarm[] = [];
  const quietUntil = new Map<string, number>();
  const observe: Onlooker = (workload, call, atMs) => {
    const text = judge(workload, call, atMs);
    if (text === null || (quietUntil.get(workload.name) ?? 0) > atMs) return;
    quietUntil.set(workload.name, atMs + dayMs);
    alarms.push({ atMs, workload: workload.name, tokens: [call.token], family, text: `${name}: ${text}` });
  };
  return { name, observe, alarms };
}

/** The open bin of a key, and mean and deviation of the closed ones before it, empty ones included. */
interface Bin { bin: number; sum: number; readonly past: Float64Array; closed: number; total: number; squares: number; mean: number; deviation: number }

/** Sums by key over bins of fixed length. */
class Bins {
  readonly #sums = new Map<string, Bin>();
  readonly #lengthMs: number;
  readonly #kept: number;
  constructor(lengthMs: number, kept: number) {
    this.#lengthMs = lengthMs;
    this.#kept = kept;
  }

  /** The open bin with this value. */
  add(key: string, atMs: number, value: number): Readonly<Bin> {
    const bin = Math.floor(atMs / this.#lengthMs);
    let held = this.#sums.get(key);
    if (held === undefined) {
      held = { bin, sum: 0, past: new Float64Array(this.#kept), closed: 0, total: 0, squares: 0, mean: 0, deviation: 0 };
      this.#sums.set(key, held);
    }
    if (bin > held.bin) {
      close(held, held.sum);
      for (let empty = held.bin + 1; empty < bin && empty < held.bin + this.#kept; empty += 1) close(held, 0);
      held.bin = bin;
      held.sum = 0;
      const known = Math.min(held.closed, this.#kept);
      held.mean = held.total / known;
      held.deviation = Math.sqrt(Math.max(0, held.squares / known - held.mean ** 2));
    }
    held.sum += value;
    return held;
  }
}

/** The newest takes the place of the oldest. */
function close(held: Bin, value: number): void {
  const at = held.closed % held.past.length;
  const oldest = held.past[at] as number;
  held.past[at] = value;
  held.total += value - oldest;
  held.squares += value * value - oldest * oldest;
  held.closed += 1;
}

/** Fifty MiB in ten minutes under one caller, address and client. */
function fixedBytes(): Peer {
  const bins = new Bins(600_000, 1);
  return peer('50 MiB in 10 minutes', 'egress', ({ name }, { bytes, address, agent }, atMs) => (
    bins.add(`${name}|${address}|${agent}`, atMs, bytes).sum >= 52_428_800 ? 'over the fixed amount' : null));
}

/** Score of the open bin against the closed ones of a caller. */
function zScore(name: string, lengthMs: number, kept: number, least: number, limit: number): Peer {
  const bins = new Bins(lengthMs, kept);
  return peer(name, 'egress', (workload, { bytes }, atMs) => {
    const { sum, closed, mean, deviation } = bins.add(workload.name, atMs, bytes);
    return closed >= least && deviation > 0 && (sum - mean) / deviation > limit ? `more than ${limit} deviations` : null;
  });
}

/** Any address not seen in the days before. */
function newAddress(days: number): Peer {
  const seen = new Map<string, number>();
  const callers = new Map<string, number>();
  return peer(`address unseen in ${days} days`, 'origin', ({ name }, { address }, atMs) => {
    const key = `${name}|${address}`;
    const last = seen.get(key);
    seen.set(key, atMs);
    const first = callers.get(name) ?? atMs;
    callers.set(name, first);
    return (last === undefined || atMs - last > days * dayMs) && atMs - first > days * dayMs ? 'new address' : null;
  });
}

/** A thousand calls in an hour, as for functions and models. */
function fixedCalls(): Peer {
  const bins = new Bins(hourMs, 1);
  return peer('1000 calls in an hour', 'egress', ({ name }, _, atMs) => (bins.add(name, atMs, 1).sum >= 1000 ? 'over the fixed number' : null));
}

/** Any of a list of operations, whoever calls it. */
function operations(name: string, family: Family, listed: readonly string[]): Peer {
  const wanted = new Set(listed);
  return peer(name, family, (_, { deed }) => (deed !== null && deed.error === null && wanted.has(deed.operation) ? deed.operation : null));
}

/** So many of a kind within ten minutes. */
function burst(name: string, family: Family, most: number, isOne: (call: Call) => boolean): Peer {
  const bins = new Bins(600_000, 1);
  return peer(name, family, (workload, call, atMs) => (isOne(call) && bins.add(workload.name, atMs, 1).sum >= most ? `${most} of them` : null));
}

/** Any operation, or method and first part of the path, not seen of a caller in the days before. */
function newOperation(days: number): Peer {
  const seen = new Map<string, number>();
  const callers = new Map<string, number>();
  return peer(`operation unseen in ${days} days`, 'actions', ({ name }, { deed }, atMs) => {
    const first = callers.get(name) ?? atMs;
    callers.set(name, first);
    if (deed === null || deed.operation === '') return null;
    const key = `${name}|${deed.operation}`;
    const last = seen.get(key);
    seen.set(key, atMs);
    return (last === undefined || atMs - last > days * dayMs) && atMs - first > days * dayMs ? 'new operation' : null;
  });
}

const makesKeys = ['CreateAccessKey', 'CreateLoginProfile', 'UpdateAssumeRolePolicy', 'CreateOpenIDConnectProvider', 'CreateSAMLProvider'];
const isDeletion = ({ deed }: Call): boolean => deed !== null && (deed.method === 'DELETE' || /^(?:Delete|Terminate)/.test(deed.operation));

export function makePeers(): Peer[] {
  return [
    operations('any key or trust made', 'minting', makesKeys), newOperation(14),
    burst('10 secrets in 10 minutes', 'secrets', 10, ({ deed }) => deed?.operation === 'GetSecretValue'), burst('10 deletions in 10 minutes', 'destruction', 10, isDeletion),
    burst('10 refusals in 10 minutes', 'probing', 10, ({ deed }) => deed !== null && deed.status >= 400),
    burst('100 requests in 10 minutes', 'reach', 100, () => true),
    fixedBytes(), fixedCalls(), zScore('hourly bytes, z > 3 over 21 days', hourMs, 504, 168, 3), zScore('daily bytes, z > 3 over 21 days', dayMs, 21, 14, 3),
    zScore('daily bytes, z > 3 over 90 days', dayMs, 90, 30, 3), newAddress(10), newAddress(14),
  ];
}
