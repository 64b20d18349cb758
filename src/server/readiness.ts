import type { SourceHealth } from '../ingest/live.ts';

/** `full`: its rows have reached their bound, so sources are paused. `failing`: it is retried, nobody else waits for it. */
export type SinkCondition = 'ok' | 'failing' | 'full' | 'stopped';

export interface SinkState {
  readonly name: string;
  readonly condition: SinkCondition;
  readonly waiting: number;
  /** For how long without one getting through. */
  readonly waitingMs: number;
  readonly detail: string;
}

/** What the service knows of itself at one moment. */
export interface Condition {
  readonly nowMs: number;
  /** It has caught up with its own past and takes new input; false while starting and while stopping. */
  readonly running: boolean;
  /** Why not, in our words; `null` when it can be written. */
  readonly storeProblem: string | null;
  readonly lastCheckpointMs: number | null;
  readonly sources: readonly { readonly name: string; readonly health: SourceHealth }[];
  readonly sinks: readonly SinkState[];
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly store: { readonly writable: boolean; readonly lastCheckpointAgeSeconds: number | null };
  readonly sources: readonly SourceReadiness[];
  readonly sinks: readonly SinkState[];
}

interface SourceReadiness {
  readonly name: string;
  readonly ok: boolean;
  readonly lastFetchAgeSeconds: number | null;
  readonly lagRecords: number | null;
  readonly detail: string;
}

/** Ready means: input comes in and its effects are kept. A sink that fails is told but does not count, as its documents wait. */
export function judge(condition: Condition): Readiness {
  const { nowMs, sources, sinks, storeProblem, lastCheckpointMs } = condition;
  const reasons = [
    ...(condition.running ? [] : ['the service is starting or stopping']),
    ...(storeProblem === null ? [] : [`store: ${storeProblem}`]),
    ...sources.filter(({ health }) => !health.ok).map(({ name, health }) => `source ${name}: ${health.detail}`),
    ...sinks.filter(({ condition: how }) => how === 'full' || how === 'stopped').map(({ name, detail }) => `sink ${name}: ${detail}`),
  ];
  return {
    ready: reasons.length === 0, reasons,
    store: { writable: storeProblem === null, lastCheckpointAgeSeconds: age(nowMs, lastCheckpointMs) },
    sources: sources.map(({ name, health }) => (
      { name, ok: health.ok, lastFetchAgeSeconds: age(nowMs, health.lastFetchMs), lagRecords: health.lag, detail: health.detail })),
    sinks,
  };
}

function age(nowMs: number, thenMs: number | null): number | null {
  return thenMs === null ? null : Math.max(0, Math.round((nowMs - thenMs) / 1000));
}
