import type { IntentMode } from '../model/intent.ts';
import type { CapView, DenyListView, KillSwitchView, Status } from '../server/api/shapes.ts';
import type { ApiParts } from './api-parts.ts';
import type { Book } from './book.ts';

const minuteMs = 60_000;
const modes: readonly IntentMode[] = ['enforce', 'approve', 'observe'];

export type StatusParts = Pick<ApiParts,
  'version' | 'effects' | 'killSwitch' | 'caps' | 'rules' | 'denyLists' | 'intel' | 'readiness' | 'nowMs' | 'canaries'> & {
  readonly book: Book;
  readonly startedMs: number;
  readonly takenMs: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
  /** Completion time of the newest event; 0 before the first. */
  readonly newestMs: number;
};

/** What the service knows of itself now. */
export function statusOf(parts: StatusParts): Status {
  const { version, rules, book, startedMs, takenMs, newestMs, refused } = parts;
  const nowMs = parts.nowMs();
  const { ready, reasons, sources, sinks } = parts.readiness();
  const age = (thenMs: number | undefined): number | null => (thenMs === undefined ? null : Math.max(0, nowMs - thenMs));
  return {
    version, nowMs, startedMs, ready, reasons, mode: modes.find((mode) => rules.some((rule) => rule.mode === mode && rule.plan.length > 0)) ?? 'none',
    killSwitch: killSwitchView(parts), caps: capsOf(parts, nowMs), ...book.counts(),
    sources: sources.map(({ name, ok, detail, lagRecords, lastFetchAgeSeconds }) => ({
      name, ok, detail, lagRecords, lastFetchAgeMs: lastFetchAgeSeconds === null ? null : lastFetchAgeSeconds * 1000, lastEventAgeMs: age(takenMs.get(name)),
    })),
    sinks: sinks.map(({ name, condition, waiting, waitingMs, detail }) => ({ name, condition, waiting, waitingMs, detail })),
    canaries: parts.canaries(),
    quarantine: Array.from(refused, ([reason, count]) => ({ reason, count })).sort((left, right) => right.count - left.count),
    denyLists: denyListsOf(parts), intel: { source: parts.intel.age.source, builtAt: parts.intel.age.builtAt },
    lastEventMs: newestMs === 0 ? null : newestMs, dataAgeMs: age(newestMs === 0 ? undefined : newestMs), cursor: book.change,
  };
}

function killSwitchView({ killSwitch }: StatusParts): KillSwitchView | null {
  if (killSwitch === null) return null;
  const stopped = killSwitch.state();
  return { on: stopped !== null, state: stopped?.why ?? 'off', changeable: stopped?.why !== 'unreadable' };
}

function denyListsOf({ denyLists, effects: { denials } }: StatusParts): DenyListView[] {
  return denyLists.map(({ name, gateways }) => {
    const { number, changedMs } = denials.state(name);
    const holders = denials.holders(name);
    const has = gateways.map((gateway) => ({ name: gateway, number: holders.get(gateway) ?? null }));
    return { name, number, changedMs: number === 0 ? null : changedMs, gateways: has };
  });
}

function capsOf({ caps, effects, killSwitch }: StatusParts, nowMs: number): CapView[] {
  if (killSwitch === null) return [];
  const used = (spanMs: number): number => effects.responses.sentSince(nowMs - spanMs);
  return [
    { name: 'per_minute', used: used(minuteMs), limit: caps.perMinute },
    { name: 'per_hour', used: used(60 * minuteMs), limit: caps.perHour },
    { name: 'per_day', used: used(24 * 60 * minuteMs), limit: caps.perDay },
  ];
}
