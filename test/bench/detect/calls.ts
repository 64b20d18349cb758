import type { Random } from '../../support/estate/random.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** A Monday. */
export const epochMs = Date.UTC(2025, 0, 6);

export type LogFormat = 'envoy.access' | 'aws.cloudtrail' | 'kong.http_log' | 'issuer';

/** What a call does beside reading an object: an operation of a cloud, or a method at a gateway. */
export interface Deed {
  readonly service: string;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly region: string;
  readonly method: string;
  readonly status: number;
  /** The provider's word for why it was refused. */
  readonly error: string | null;
}

/** One call of a workload, as it was before any log told of it. */
export interface Call {
  /** When it ended, ms since the epoch of the estate. */
  endMs: number;
  tookMs: number;
  bytes: number;
  address: string;
  agent: string;
  path: string;
  /** `null`: it reads an object. */
  deed: Deed | null;
  /** Where it is logged; the issuer's log tells of tokens made. */
  log: LogFormat;
  /** A token that nobody issued, and how long it says that it lives. */
  forged: { readonly lifeMs: number } | null;
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
  /** Tokens whose issuance was logged lately. */
  readonly issued: Set<string>;
  /** What it does beside its rhythm. */
  readonly duties: Duties;
  readonly objects: number;
}

/** Adds a deed of one day; a time is in ms since the epoch of the estate. */
export type Act = (atMs: number, deed: Deed, path: string) => void;
export type Duty = (day: number, act: Act) => void;

/** By name, so that who does so anyway is not attacked that way. */
export interface Duties { readonly names: ReadonlySet<string>; readonly all: readonly Duty[] }

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
