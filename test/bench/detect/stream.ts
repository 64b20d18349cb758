import type { TokenEvent } from '../../../src/model/event.ts';
import type { Alert } from '../../../src/model/alert.ts';
import type { Origin, RawRecord } from '../../../src/ingest/record.ts';
import { Random } from '../../support/estate/random.ts';
import { openWorld } from '../world.ts';
import { callsOfAttack, isAtWork, planAttacks, type Attack } from './attacks.ts';
import { dayMs, epochMs, hourMs, type Call, type LogFormat, type Workload } from './calls.ts';
import { callsOfDay, issuancesOf, replaceToken } from './estate.ts';
import { lineOf } from './lines.ts';
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
}

/** A raised alert: the engine goes on adding to it. */
export interface Raised { readonly alert: Alert; readonly createdMs: number }

/** Who else looks at the same calls. */
export type Onlooker = (workload: Workload, call: Call, atMs: number) => void;

export interface Outcome {
  readonly attacks: readonly Attack[];
  readonly raised: readonly Raised[];
  readonly events: number;
  readonly identityDays: number;
  readonly firstDay: number;
}

interface Arrival { readonly atMs: number; readonly workload: Workload; readonly call: Call; readonly serial: number }

/** Most history that any profile asks for. */
const longestHistory = 280;

/** Runs one estate through the reader and the engine, as logs come in. Times of alerts are given from the epoch of the estate. */
export async function runEstate(settings: Settings, onlookers: readonly Onlooker[] = []): Promise<Outcome> {
  const { seed, identities, days, attacksEach } = settings;
  const workloads = makeWorkloads(identities, seed);
  const firstDay = longestHistory;
  const attacks = planAttacks(workloads, seed, firstDay, days, attacksEach);
  const raised: Raised[] = [];
  const feed = openFeed(settings, raised);
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
      for (const call of callsWithAttacks(workload, day, attacks, means.get(workload) as Mean)) logged(workload, call, random, day, arrivals);
    }
    arrivals.sort((a, b) => a.atMs - b.atMs);
    for (const arrival of arrivals) {
      if (arrival.atMs >= (day + 1) * dayMs + hourMs) waiting.push(arrival);
      else feed.take(arrival, onlookers);
    }
    settleThefts(attacks, raised, day, feed.close);
  }
  await feed.end();
  return { attacks, raised, events: feed.taken(), identityDays, firstDay };
}

interface Mean { bytes: number; days: number }

function callsWithAttacks(workload: Workload, day: number, attacks: readonly Attack[], mean: Mean): Call[] {
  const own = callsOfDay(workload, day);
  const attack = attacks.find((one) => one.workload === workload && isAtWork(one, day));
  const usual = own.reduce((sum, call) => sum + (call.deed === null ? call.bytes : 0), 0);
  const taken = attack === undefined ? [] : callsOfAttack(attack, own, mean.bytes / Math.max(1, mean.days));
  if (usual > 0) {
    mean.bytes += usual;
    mean.days += 1;
  }
  // What was stolen is replaced the day after.
  if (attacks.some((one) => one.workload === workload && isAtWork(one, day - 1) && !isAtWork(one, day))) replaceToken(workload, day * dayMs);
  const calls = [...own, ...taken];
  return [...calls, ...issuancesOf(workload, calls)];
}

let serials = 0;

/** Records come late, twice or not at all, as they do. */
function logged(workload: Workload, call: Call, random: Random, day: number, arrivals: Arrival[]): void {
  if (call.attack < 0 && isLost(call.log, day, call.endMs)) return;
  const serial = serials += 1;
  const delayMs = call.attack < 0 && random.next() < 0.002 ? random.whole(45 * 60_000) : random.whole(800);
  arrivals.push({ atMs: call.endMs + delayMs, workload, call, serial });
  if (workload.format === 'aws.cloudtrail' && random.next() < 0.003) arrivals.push({ atMs: call.endMs + delayMs + random.whole(120_000), workload, call, serial });
}

/** One afternoon, one weekend and two hours of logs are missing. */
function isLost(format: LogFormat, day: number, atMs: number): boolean {
  if (format === 'kong.http_log') return day >= 306 && day < 308;
  if (format === 'issuer') return day === 330 && atMs - day * dayMs > 9 * hourMs && atMs - day * dayMs < 11 * hourMs;
  return format === 'envoy.access' && day === 322 && atMs - day * dayMs > 13 * hourMs && atMs - day * dayMs < 19 * hourMs;
}

/** What named a stolen token is closed as a theft the day after. */
function settleThefts(attacks: readonly Attack[], raised: readonly Raised[], day: number, close: (alert: Alert) => void): void {
  for (const attack of attacks) {
    if (!isAtWork(attack, day) && !isAtWork(attack, day - 1)) continue;
    for (const { alert } of raised) {
      if (alert.createdMs - epochMs >= (day - 1) * dayMs && alert.handles.some((handle) => attack.tokens.has(handle))) close(alert);
    }
  }
}

function openFeed({ without }: Settings, raised: Raised[]) {
  let nowMs = 0;
  const world = openWorld(null, {}, (alert) => {
    if (!without.includes(alert.detector)) raised.push({ alert, createdMs: nowMs });
  });
  const origins = new Map<string, Origin>();
  let events = 0;
  let ordinal = 0;
  const originOf = (format: string): Origin => {
    let origin = origins.get(format);
    if (origin === undefined) origins.set(format, origin = { path: format, place: origins.size, identity: format, source: null, modifiedMs: null });
    return origin;
  };
  return {
    take: ({ atMs, workload, call, serial }: Arrival, onlookers: readonly Onlooker[]): void => {
      nowMs = atMs;
      ordinal += 1;
      const bytes = Buffer.from(lineOf(workload, call, serial));
      const record: RawRecord = { origin: originOf(call.log), bytes, offset: ordinal * 1000, index: null, ordinal, originalPosition: null, envelopeTimeMs: null };
      if (world.engine.process(eventOf(world.normalizer.normalize(record))) === 'event') events += 1;
      if (call.log !== 'issuer') for (const onlooker of onlookers) onlooker(workload, call, atMs);
    },
    close: (alert: Alert): void => world.engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false),
    taken: (): number => events,
    end: async (): Promise<void> => { await world.store.close(); },
  };
}

function eventOf(outcome: ReturnType<ReturnType<typeof openWorld>['normalizer']['normalize']>): TokenEvent {
  if (outcome.kind !== 'event') throw new Error(`a generated record is no event: ${JSON.stringify(outcome)}`);
  return outcome.event;
}
