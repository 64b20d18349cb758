import type { TokenEvent, Vantage } from '../../model/event.ts';
import type { QuarantineReason } from '../../model/quarantine.ts';
import type { Path, Value } from '../paths.ts';

export type { Value } from '../paths.ts';
export type Values<F> = { readonly [K in keyof F]: F[K] extends Path<infer T> ? T | null : never };

/** A secret that was read and must not be kept: only what may leave `src/ingest/` can be asked of it. */
export interface SecretView {
  /** Fingerprint of the secret itself under the issuer that minted it. */
  fingerprint(issuer: string): string;
  /** Fingerprint of its SHA-256 in hex: how other systems name a token they must not store. */
  sha256Fingerprint(issuer: string): string;
  /** Claims of a JWT, decoded and unverified; `null` when it is none. */
  readonly claims: Readonly<Record<string, unknown>> | null;
}

/** What a format may use beyond the values it declared. */
export interface NormalizeContext {
  readonly source: SourceSettings;
  /** Fingerprint of a token id under its issuer. `id` is public (jti, access key id, accessor, session id). */
  fingerprint(issuer: string, id: string): string;
  /** Time for a record that has none of its own, from its envelope; else `null`. */
  readonly envelopeTimeMs: number | null;
  /** Year-less timestamps take the year of this moment. */
  readonly referenceMs: number | null;
}

/** The part of a source's configuration that formats read. */
export interface SourceSettings {
  readonly name: string | null;
  readonly issuers: readonly string[];
  readonly accounts: readonly string[];
  readonly vantage: Vantage | null;
  /** Its `tokenward.*` is Tokenward's own word. */
  readonly internal: boolean;
  /** IANA zone of timestamps that have none. */
  readonly timezone: string;
  readonly trustedProxies: readonly string[];
  /** How many of the operator's own hops append to X-Forwarded-For when all are trusted. */
  readonly ownHops: number;
  /** The route refuses anonymous calls, so a success is an authenticator's verdict. */
  readonly refusesAnonymous: boolean;
  /** Operator's own key names: field name of the format -> path of keys. */
  readonly mapping: Readonly<Record<string, readonly string[]>>;
}

export const defaultSource: SourceSettings = {
  name: null, issuers: [], accounts: [], vantage: null, internal: true, timezone: 'UTC',
  trustedProxies: ['loopback', 'private', 'linkLocal', 'carrierGradeNat'], ownHops: 1, refusesAnonymous: false, mapping: {},
};

export type Normalized = TokenEvent | 'ignore' | Quarantined;
export interface Quarantined { readonly quarantine: QuarantineReason; readonly detail: string }

export function quarantine(reason: QuarantineReason, detail: string): Quarantined {
  return { quarantine: reason, detail };
}

type Paths = Readonly<Record<string, Path>>;

/**
 * One shape in which a format comes: JSON whose values are found by paths, or a text line
 * whose `grammar` yields a flat map that the same paths are applied to.
 */
export interface Shape<F extends Paths = Paths, S extends Paths = Paths> {
  readonly kind: 'json' | 'text';
  /** Text only: the line as a flat map, or `null` when it is no line of this format. Linear in the line's length. */
  readonly grammar?: (line: string) => Readonly<Record<string, Value>> | null;
  readonly fields: F;
  /** Text only: the grammar gives every field under the field's own name, `null` where absent, so that its map is handed over as it is. */
  readonly whole?: boolean;
  /** Secrets: `normalize` gets a view that gives fingerprints, never the value. */
  readonly secrets?: S;
  /** Is a record of this shape? Looks at few values; no two formats may claim one record. */
  recognize(values: Values<F>): boolean;
  normalize(values: Values<F>, context: NormalizeContext, secrets: { readonly [K in keyof S]: SecretView | null }): Normalized;
}

export interface Format {
  readonly id: string;
  readonly title: string;
  /** Who wrote the log and where its documentation stands, in words. */
  readonly describe: string;
  readonly vantage: Vantage;
  /** Provider ids are exact and the provider repeats records: they count once within 75 minutes. */
  readonly repeats: boolean;
  /** Where the authenticator's verdict stands, whether bytes count headers, what the operator must add. */
  readonly notes: readonly string[];
  readonly shapes: readonly Shape[];
}

/** Keeps the inferred types of a shape's fields for its two functions, then forgets them. */
export function shape<const F extends Paths, const S extends Paths = Record<never, never>>(declaration: Shape<F, S>): Shape {
  return declaration as unknown as Shape;
}

export function defineFormat(format: Format): Format {
  return format;
}
