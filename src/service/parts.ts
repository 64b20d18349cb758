import type { EffectsBuffer } from '../engine/effects.ts';
import type { Loop } from '../engine/loop.ts';
import type { Positions } from '../engine/positions.ts';
import type { LiveSource } from '../ingest/live.ts';
import type { Normalizer } from '../ingest/normalizer.ts';
import type { Commands } from './commands.ts';
import type { Parcel } from './feeds.ts';
import type { Reloadable } from './reload.ts';

/** The wall clock and its timers, so that tests need not sleep. */
export interface Clock {
  nowMs(): number;
  /** Resolves after this long, or when `wake` was called. */
  sleep(ms: number): Promise<void>;
  wake(): void;
}

/** What happened, for logs and metrics. Numbers and our own words only. */
export interface Observer {
  /** `timeMs`: earliest completion time of its events. */
  taken(source: string, parcel: Parcel, repeated: number): void;
  committed(tookMs: number): void;
  checkpointed(tookMs: number): void;
  stopped(feed: string, source: string, reason: string): void;
  /** An operator let a stopped feed go on. */
  wentOn(feed: string, source: string): void;
  /** The inputs after a crash came in another order than before it. */
  diverged(): void;
  /** `action` is a fixed word, `message` a sentence of our own. */
  note(action: string, message: string): void;
}

/** Carries out what operators decided about stopped feeds. */
export interface Restarting {
  /** What was asked for; to be called when everything taken is committed. `checkpoint` resolves once it is durable. */
  perform(checkpoint: () => Promise<void>): Promise<void>;
  /** Nothing more is carried out. */
  end(): void;
}

export interface ServiceParts {
  readonly loop: Loop;
  readonly effects: EffectsBuffer;
  readonly positions: Positions;
  readonly normalizer: Normalizer;
  readonly sources: readonly LiveSource[];
  readonly clock: Clock;
  readonly observer: Observer;
  /** True while nothing more may be taken in, because what was found cannot be delivered. */
  readonly isFull: () => boolean;
  readonly settings: Reloadable;
  readonly commands: Commands;
  readonly restarts: Restarting;
  readonly checkpointEveryMs: number;
}
