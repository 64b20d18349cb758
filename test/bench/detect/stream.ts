import { Random } from '../../support/estate/random.ts';
import { callsOfAttack, isAtWork, planAttacks, type Attack } from './attacks.ts';
import { dayMs, epochMs, hourMs, type Call, type Workload } from './calls.ts';
import { callsOfDay, issuancesOf, movesIn, replaceToken } from './estate.ts';
import { Feed, openListener, type Arrival, type EngineSettings, type Listener, type Onlooker, type Raised } from './feed.ts';
import { isLost } from './outages.ts';
import { makeWorkloads } from './workloads.ts';

export interface Settings {
  readonly seed: number;
  readonly identities: number;
  /** Days in which attacks happen and alerts count. */
  readonly days: number;
  readonly historyDays: number;
  readonly attacksEach: number;
  /** Each sees all records. Default: one, as it ships. */
  readonly engines?: readonly EngineSettings[];
}

/** As it ships. */
export const shipped: EngineSettings = { name: 'tokenward', parameters: {}, without: [] };

export interface Outcome {
  readonly attacks: readonly Attack[];
  /** By engine. */
  readonly raised: readonly (readonly Raised[])[];
  readonly events: number;
  readonly identityDays: number;
  readonly firstDay: number;
  /** Moves of vendors in the days that count. */
  readonly moves: number;
}

/** Most history that any profile asks for. */
const longestHistory = 280;

/** Often enough that what is idle does not fill memory. */
const savedAfterDays = 7;

/** Sees how far a run is: a share, and records so far. */
export type OnDay = (share: number, events: number) => void;

/** Runs one estate through the reader and the engine, as logs come in. Times of alerts are given from the epoch of the estate. */
export async function runEstate(settings: Settings, onlookers: readonly Onlooker[] = [], onDay: OnDay = () => undefined): Promise<Outcome> {
  const { seed, identities, days, attacksEach } = settings;
  const workloads = makeWorkloads(identities, seed);
  const firstDay = longestHistory;
  const attacks = planAttacks(workloads, seed, firstDay, days, attacksEach);
  const attacksOn = Map.groupBy(attacks, ({ workload }) => workload);
  const listeners = (settings.engines ?? [shipped]).map(openListener);
  const feed = new Feed(listeners);
  const means = new Map<Workload, Mean>(workloads.map((workload) => [workload, { bytes: 0, days: 0 }]));
  const random = new Random(seed * 77 + 3);
  let identityDays = 0;
  let waiting: Arrival[] = [];
  for (let day = 0; day < firstDay + days; day += 1) {
    const late = waiting;
    waiting = [];
    const arrivals: Arrival[] = late;
    for (const workload of workloads) {
      if (day < firstDay - settings.historyDays - workload.rhythm.extraHistoryDays) continue;
      if (day >= firstDay) identityDays += 1;
      for (const call of callsWithAttacks(workload, day, attacksOn.get(workload) ?? [], means.get(workload) as Mean)) logged(workload, call, random, arrivals);
    }
    arrivals.sort((a, b) => a.atMs - b.atMs);
    for (const arrival of arrivals) {
      if (arrival.atMs >= (day + 1) * dayMs + hourMs) waiting.push(arrival);
      else show(arrival, feed, onlookers);
    }
    for (const listener of listeners) {
      settleThefts(attacks, listener, day);
      if (day % savedAfterDays === 0) await listener.save();
    }
    // Few have more history than the rest, so before that there is little to do.
    onDay(Math.max(0, day + 1 - firstDay + settings.historyDays) / (days + settings.historyDays), feed.events);
  }
  await feed.end();
  const moves = movesIn(workloads, firstDay, firstDay + days);
  return { attacks, raised: listeners.map(({ raised }) => raised), events: feed.events, identityDays, firstDay, moves };
}

function show(arrival: Arrival, feed: Feed, onlookers: readonly Onlooker[]): void {
  feed.take(arrival);
  if (arrival.call.log !== 'issuer') for (const onlooker of onlookers) onlooker(arrival.workload, arrival.call, arrival.atMs);
}

interface Mean { bytes: number; days: number }

function callsWithAttacks(workload: Workload, day: number, attacks: readonly Attack[], mean: Mean): Call[] {
  const own = callsOfDay(workload, day);
  const attack = attacks.find((one) => isAtWork(one, day));
  const usual = own.reduce((sum, call) => sum + (call.deed === null ? call.bytes : 0), 0);
  const taken = attack === undefined ? [] : callsOfAttack(attack, own, mean.bytes / Math.max(1, mean.days));
  if (attack?.way.family === 'egress') attack.ofDay.push(...[...own, ...taken].flatMap(({ endMs, bytes, deed }) => (deed === null ? [{ endMs, bytes }] : [])));
  if (usual > 0) {
    mean.bytes += usual;
    mean.days += 1;
  }
  // What was stolen is replaced the day after.
  if (attacks.some((one) => isAtWork(one, day - 1) && !isAtWork(one, day))) replaceToken(workload, day * dayMs);
  const calls = [...own, ...taken];
  return [...calls, ...issuancesOf(workload, calls)];
}

let serials = 0;

/** Records come late, twice or not at all, as they do. */
function logged(workload: Workload, call: Call, random: Random, arrivals: Arrival[]): void {
  if (call.attack < 0 && isLost(call.log, call.endMs)) return;
  const serial = serials += 1;
  const delayMs = call.attack < 0 && random.next() < 0.002 ? random.whole(45 * 60_000) : random.whole(800);
  arrivals.push({ atMs: call.endMs + delayMs, workload, call, serial });
  if (workload.format === 'aws.cloudtrail' && random.next() < 0.003) arrivals.push({ atMs: call.endMs + delayMs + random.whole(120_000), workload, call, serial });
}

/** What named a stolen token is closed as a theft the day after. */
function settleThefts(attacks: readonly Attack[], { raised, close }: Listener, day: number): void {
  for (const attack of attacks) {
    if (!isAtWork(attack, day) && !isAtWork(attack, day - 1)) continue;
    for (const { alert } of raised) {
      if (alert.createdMs - epochMs >= (day - 1) * dayMs && alert.handles.some((handle) => attack.tokens.has(handle))) close(alert);
    }
  }
}
