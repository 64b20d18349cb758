import type { Random } from '../../support/estate/random.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Monday. */
export const epochMs = Date.UTC(2025, 0, 6);

export type LogFormat = 'envoy.access' | 'aws.cloudtrail' | 'kong.http_log';

/** One call of a workload, as it was before any log told of it. */
export interface Call {
  /** When it ended, ms since the epoch of the estate. */
  endMs: number;
  tookMs: number;
  bytes: number;
  address: string;
  agent: string;
  path: string;
  /** Public id of the token: jti, access key id, credential id. */
  token: string;
  issuedMs: number | null;
  /** Number of the attack that it belongs to; -1: the workload's own. */
  attack: number;
}

/** Who calls: what it is like, and where its tokens come from. */
export interface Workload {
  readonly number: number;
  readonly name: string;
  readonly profile: string;
  readonly format: LogFormat;
  readonly rhythm: Rhythm;
  readonly random: Random;
  /** Median bytes of a call, and the spread of their logarithm. */
  readonly size: number;
  readonly spread: number;
  /** Calls of an ordinary day. */
  readonly calls: number;
  /** First two parts of its addresses. */
  readonly home: string;
  readonly agent: string;
  /** Changes when the token is replaced: by rotation, or after it was stolen. */
  generation: number;
  generationSinceMs: number;
  readonly objects: number;
}

/** Adds calls of one day; a time is in ms since the epoch of the estate. */
export type Emit = (atMs: number, bytes: number, spot?: number, object?: number) => void;

/** How a kind of workload behaves. Numbers of this file are nobody's but this file's. */
export interface Rhythm {
  readonly profile: string;
  /** Of the estate, in parts. */
  readonly share: number;
  readonly size: number;
  readonly spread: readonly [number, number];
  readonly calls: number;
  /** Days of history beyond the ordinary that make sense of it. */
  readonly extraHistoryDays: number;
  /** A new token after so long; `null`: one that is rotated by hand, if ever. */
  readonly tokenLifeMs: number | null;
  readonly rotatedAfterDays: number | null;
  /** `pool`: any of a few dozen addresses; `cloud`: a fresh one for each run; `moving`: another subnet with each deployment; `vendor`: another network one day. */
  readonly place: 'fixed' | 'pool' | 'cloud' | 'moving' | 'vendor';
  readonly day: (workload: Workload, day: number, emit: Emit) => void;
}
