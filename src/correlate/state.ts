import { defineState, f64, u16, u32, u8, type RecordOf, type StateLayout } from '../model/state.ts';
import type { TokenEvent } from '../model/event.ts';
import type { ScopeGrowth, Sighting } from '../model/credential.ts';
import type { SecretReader } from '../model/token.ts';
import { decodeJson, encodeJson } from '../state/json.ts';
import type { Entities, Rows } from '../state/port.ts';
import type { Callers, NameRecord } from './kept.ts';
import { compactJson } from './event-text.ts';

/**
 * One known token. Times that people see are exact, the others whole seconds since 1970; 0 means unknown.
 * `identity` and `workload` are numbers of the registry, 0 for none.
 */
export const tokenLayout = defineState({
  issuedMs: f64(), lastUsedMs: f64(),
  firstSeenSeconds: u32(), expiresSeconds: u32(), revokedSeconds: u32(),
  identity: u32(), workload: u32(),
  flags: u16(), kind: u8(), pending: u8(),
});
export type TokenRecord = RecordOf<typeof tokenLayout.fields>;

/** A pointer to a token: the 128 bits of its fingerprint and the number of its prefix. */
export const linkLayout = defineState({ a: u32(), b: u32(), c: u32(), d: u32(), prefix: u8() });
export type LinkRecord = RecordOf<typeof linkLayout.fields>;

/** What changes with the use of an identity; its texts are an entity under its number. */
export const identityLayout = defineState({
  number: u32(), workload: u32(), tokens: u32(), firstSeenSeconds: u32(), lastSeenSeconds: u32(), flags: u8(),
});
export type IdentityRecord = RecordOf<typeof identityLayout.fields>;

/** What became of a few tokens; only those have such a record. Whole seconds, 0: not. */
export const tokenFateLayout = defineState({ rotatedSeconds: u32(), leakedSeconds: u32(), leakVouched: u8() });
/**
 * What became of the owners of a few. `keySeconds`: issuance of the newest lasting key in use; `replacedSeconds`: that key's first use;
 * `widenedSeconds`: when it was first given further rights.
 */
export const ownerFateLayout = defineState({
  offboardedSeconds: u32(), goneSeconds: u32(), containedSeconds: u32(), keySeconds: u32(), replacedSeconds: u32(),
  widenedSeconds: u32(), lastWidenedSeconds: u32(),
});

/**
 * One user of a token in one network: how often and when, two bits for each resource, hashes of the tokens presented last and
 * before that, a bit for each of the 64 weeks up to the last use (`weeksA` holds the newer ones), bits of `useTraits`, and a hash of
 * the scopes that a long-lived token showed last.
 */
export const useLayout = defineState({
  firstSeconds: u32(), lastSeconds: u32(), calls: u32(), resourcesA: u32(), resourcesB: u32(), token: u32(), formerToken: u32(),
  weeksA: u32(), weeksB: u32(), scopes: u16(), traits: u8(),
});
export type UseRecord = RecordOf<typeof useLayout.fields>;
/**
 * What a use is called: whether the user is a workload (1) or a client (0), its name, the network, resources, and on which day since 1970
 * each of these was first met (absent in what older versions saved).
 */
export type UseTexts = [kind: 0 | 1, user: string, network: string | null, resources: string[], days?: number[]];

/** Running numbers and counts, one entity. */
export interface Totals {
  tokens: number;
  identities: number;
  workloads: number;
  /** Of the tokens, those that were only claimed so far. */
  unprovenTokens: number;
  /** Events that named a token nobody knows, and were refused or found no room for it. */
  unknownTokens: number;
  /** Tokens whose waiting observations were dropped for want of room. */
  observationsDropped: number;
  /** Half requests released early for want of room. */
  halvesReleasedEarly: number;
  /** Users of tokens that were forgotten for want of room. */
  usersDropped: number;
  /** Names and revoked ids that were forgotten before anything was linked to them, for want of room. */
  linksDropped: number;
  /** Running number that orders waiting things. */
  sequence: number;
}

export function noTotals(): Totals {
  return {
    tokens: 0, unprovenTokens: 0, identities: 0, workloads: 0, unknownTokens: 0,
    observationsDropped: 0, halvesReleasedEarly: 0, usersDropped: 0, linksDropped: 0, sequence: 0,
  };
}

/** Spelled out, because it is asked for each event. */
export function sameTotals(a: Totals, b: Totals): boolean {
  return a.tokens === b.tokens && a.unprovenTokens === b.unprovenTokens && a.identities === b.identities && a.workloads === b.workloads
    && a.unknownTokens === b.unknownTokens && a.observationsDropped === b.observationsDropped
    && a.halvesReleasedEarly === b.halvesReleasedEarly && a.usersDropped === b.usersDropped && a.linksDropped === b.linksDropped
    && a.sequence === b.sequence;
}

/** A request that waits for its response. `sequence` is the order of arrival. */
export interface WaitingHalf { readonly sequence: number; readonly event: TokenEvent }

export interface Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** Makes the tables that a correlator keeps its state in; empty, or as the last checkpoint left them. */
export interface CorrelateTables {
  rows(scope: string, parts: Readonly<Record<string, StateLayout>>): Rows;
  /** Beyond `capacity` those that are saved may leave memory. */
  entities<T>(kind: string, options: Codec<T> & { readonly capacity?: number }): Entities<T>;
}

export interface CorrelateState {
  readonly tokens: Rows;
  readonly aliases: Rows;
  readonly parents: Rows;
  readonly roots: Rows;
  readonly identities: Rows;
  readonly uses: Rows;
  readonly tokenFates: Rows;
  readonly ownerFates: Rows;
  readonly fingerprintTexts: Entities<string>;
  readonly tokenTexts: Entities<string>;
  readonly identityTexts: Entities<string>;
  readonly workloadTexts: Entities<string>;
  /** Uses by their holder: a long-lived token, or the identity of tokens that live shorter. */
  readonly useTexts: Entities<UseTexts[]>;
  readonly pending: Entities<string>;
  readonly halves: Entities<WaitingHalf>;
  readonly answered: Entities<Map<string, number>>;
  readonly totals: Entities<Totals>;
  /** By the name that links the logs of two systems. */
  readonly names: Entities<NameRecord>;
  /** Who was seen in one network with one client. */
  readonly callers: Entities<Callers>;
  /** Where the secrets of tokens stood in logs, by the holder of their uses. */
  readonly sightings: Entities<Sighting[]>;
  /** Scopes that long-lived tokens showed later, by the holder of their uses. */
  readonly growth: Entities<ScopeGrowth[]>;
  /** Tokens issued from a token, and lasting tokens of an identity. */
  readonly kin: Entities<string[]>;
  /** By secret, who read it. */
  readonly readers: Entities<SecretReader[]>;
  /** Revoked ids of which no token is known: when, in seconds. */
  readonly revoked: Entities<number>;
}

const defaultTextsInMemory = 20_000;

/** Name of the only part in each of the registry's row tables. */
export const part = 'registry';

export interface CorrelateMemory {
  /** Of each kind so many names stay in memory once they are saved. */
  readonly texts?: number;
  /** Of so many tokens and identities, which others are their kin. */
  readonly kin?: number;
}

export function openCorrelateState(tables: CorrelateTables, memory: CorrelateMemory = {}): CorrelateState {
  const { texts: textsInMemory = defaultTextsInMemory, kin = textsInMemory } = memory;
  const rows = (scope: string, layout: StateLayout): Rows => tables.rows(scope, { [part]: layout });
  const texts = (kind: string): Entities<string> => tables.entities(kind, { ...text, capacity: textsInMemory });
  return {
    tokens: rows('token-registry', tokenLayout),
    aliases: rows('token-alias', linkLayout),
    parents: rows('token-parent', linkLayout),
    roots: rows('token-root', linkLayout),
    identities: rows('identity-registry', identityLayout),
    uses: rows('token-use', useLayout),
    tokenFates: rows('token-fate', tokenFateLayout),
    ownerFates: rows('owner-fate', ownerFateLayout),
    useTexts: tables.entities('token-uses', { ...json<UseTexts[]>(), capacity: textsInMemory }),
    fingerprintTexts: texts('fingerprint-text'),
    tokenTexts: texts('token'),
    identityTexts: texts('identity'),
    workloadTexts: texts('workload'),
    pending: texts('pending-observations'),
    halves: tables.entities('half-request', waitingHalf),
    answered: tables.entities('half-answered', pairs),
    totals: tables.entities('correlate-totals', json<Totals>()),
    names: tables.entities('lineage-name', json<NameRecord>()),
    callers: tables.entities('known-caller', { ...json<Callers>(), capacity: textsInMemory }),
    readers: tables.entities('secret-reader', json<SecretReader[]>()),
    sightings: tables.entities('token-sighting', { ...json<Sighting[]>(), capacity: textsInMemory }),
    growth: tables.entities('scope-growth', { ...json<ScopeGrowth[]>(), capacity: textsInMemory }),
    kin: tables.entities('token-kin', { ...json<string[]>(), capacity: kin }),
    revoked: tables.entities('revoked-id', json<number>()),
  };
}

/** Whole seconds since 1970, as records hold them. */
export function toSeconds(timeMs: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.floor(timeMs / 1000)));
}

// Short texts share memory, which an encoder would claim anew for each.
const encode = (text: string): Uint8Array => Buffer.from(text);
const decoder = new TextDecoder();
const text: Codec<string> = { encode, decode: (bytes) => decoder.decode(bytes) };

function json<T>(): Codec<T> {
  return { encode: encodeJson, decode: decodeJson };
}

const pairs: Codec<Map<string, number>> = {
  encode: (value) => encodeJson([...value]),
  decode: (bytes) => new Map(decodeJson<[string, number][]>(bytes)),
};

const waitingHalf: Codec<WaitingHalf> = {
  encode: ({ sequence, event }) => encode(`${sequence}\n${compactJson.encode(event)}`),
  decode(bytes) {
    const line = decoder.decode(bytes);
    const end = line.indexOf('\n');
    return { sequence: Number(line.slice(0, end)), event: compactJson.decode(line.slice(end + 1)) };
  },
};
