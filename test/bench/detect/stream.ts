import type { ParameterTexts } from '../../../src/config/parameters.ts';
import { Random } from '../../support/estate/random.ts';
import { callsOfAttack, isAtWork, planAttacks, type Attack } from './attacks.ts';
import { dayMs, epochMs, hourMs, type Call, type Workload } from './calls.ts';
import { callsOfDay, issuancesOf, replaceToken } from './estate.ts';
import { Feed, openListener, type Arrival, type Listener, type Onlooker, type Raised } from './feed.ts';
import { isLost } from './outages.ts';
import { makeWorkloads } from './workloads.ts';

export interface Settings {
  readonly seed: number;
  readonly identities: number;
  /** Days in which attacks happen and alerts count. */
  readonly days: number;
  readonly historyDays: number;
  readonly attacksEach: number;
  /** Detectors that are switched off. */
  readonly without: readonly string[];
  /** One engine for each sees all records. Default: one, with the parameters that ship. */
  readonly parameters?: readonly ParameterTexts[];
}

export interface Outcome {
  readonly attacks: readonly Attack[];
  /** By engine. */
  readonly raised: readonly (readonly Raised[])[];
  readonly events: number;
  readonly identityDays: number;
  readonly firstDay: number;
}

/** Most history that any profile asks for. */
const longestHistory = 280;

/** Runs one estate through the reader and the engine, as logs come in. Times of alerts are given from the epoch of the estate. */
export async function runEstate(settings: Settings, onlookers: readonly Onlooker[] = []): Promise<Outcome> {
  const { seed, identities, days, attacksEach } = settings;
  const workloads = makeWorkloads(identities, seed);
  const firstDay = longestHistory;
  const attacks = planAttacks(workloads, seed, firstDay, days, attacksEach);
  const attacksOn = Map.groupBy(attacks, ({ workload }) => workload);
  const listeners = (settings.parameters ?? [{}]).map((parameters) => openListener(parameters, settings.without));
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
    for (const listener of listeners) settleThefts(attacks, listener, day);
  }
  await feed.end();
  return { attacks, raised: listeners.map(({ raised }) => raised), events: feed.events, identityDays, firstDay };
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
