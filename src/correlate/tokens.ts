import type { TokenEvent, TokenKind } from '../model/event.ts';
import type { Entities, Rows } from '../state/port.ts';
import { FingerprintCache } from './fingerprint-cache.ts';
import { part, toSeconds, type tokenLayout, type TokenRecord } from './state.ts';

/** Bits of a token's `flags`. */
export const tokenFlags = {
  /** The issuance itself was read. */
  issueSeen: 1,
  rotated: 2,
  hasHandle: 4,
  hasIssuer: 8,
  hasScopes: 16,
  hasParent: 32,
  /** The identity comes from a verified event or an issuance, not from a claim. */
  identityProven: 64,
  /** Events went out under the provisional identity. */
  observedUnbound: 128,
  /** More than one event named the token. */
  seenAgain: 256,
  /** Only claimed so far: neither verified nor seen issued. */
  unproven: 512,
  /** It may live longer than a day, or has: its users are listed by themselves. */
  longLived: 1024,
  /** Found where it does not belong. */
  leaked: 1 << 11,
  /** A refresh token that was exchanged for another one. */
  exchanged: 1 << 12,
  /** A lasting key whose first use was noted as that of its identity's newest. */
  inService: 1 << 13,
  /** A gateway's own credential: requests of others go on under it. */
  upstream: 16384,
} as const;

/** Kinds by the number that a record holds; only ever append. */
const kinds: readonly TokenKind[] = [
  'none', 'access_key', 'temporary_key', 'jwt', 'opaque', 'refresh', 'api_key', 'session', 'service_account_key', 'vault',
  'kubernetes', 'certificate',
];
const kindNumbers = new Map(kinds.map((kind, number) => [kind, number]));

/** What is only needed to show or revoke a token, so it may leave memory. */
export interface TokenTexts {
  handle: string | null;
  issuer: string | null;
  scopes: readonly string[] | null;
  /** Under which id its issuance named it: tells two issuances that share an alias apart. */
  issuedId: string | null;
  /** Other ids, the first of them, for show and for undoing. */
  aliases: string[];
}

const cacheSize = 1024;
const maxAliases = 16;
const maxScopes = 32;

/** The tokens themselves: one record each, and one entity each with what they are called. */
export class Tokens {
  readonly record: TokenRecord;
  /** Last verified use of the presented token before the event at hand; 0: none. */
  formerUseMs = 0;
  readonly #rows: Rows;
  readonly #entities: Entities<string>;
  /** The token that `record` points at. */
  #bound: string | null = null;
  readonly #cache = new FingerprintCache<TokenTexts>(cacheSize);

  constructor(rows: Rows, entities: Entities<string>) {
    this.#rows = rows;
    this.record = rows.cursor<typeof tokenLayout.fields>(part);
    this.#entities = entities;
  }

  /** Points `record` at the token; false, and nothing changed, when it is not known. */
  bind(fingerprint: string): boolean {
    if (fingerprint === this.#bound) return true;
    const row = this.#rows.find(fingerprint);
    if (row < 0) return false;
    this.#rows.bind(row);
    this.#bound = fingerprint;
    return true;
  }

  /** Rows may have moved since the last call from outside: nothing is bound any more. */
  unbind(): void {
    this.#bound = null;
  }

  /** Makes the token and points `record` at it. */
  create(fingerprint: string, timeMs: number): void {
    this.#rows.bind(this.#rows.row(fingerprint));
    this.#bound = fingerprint;
    this.record.firstSeenSeconds = toSeconds(timeMs);
    this.setTexts(fingerprint, { handle: null, issuer: null, scopes: null, issuedId: null, aliases: [] });
  }

  delete(fingerprint: string): void {
    if (fingerprint === this.#bound) this.#bound = null;
    this.#rows.delete(fingerprint);
    this.#entities.delete(fingerprint);
    this.#cache.delete(fingerprint);
  }

  markDirty(): void {
    this.#rows.markDirty();
  }

  flag(bit: number): boolean {
    return (this.record.flags & bit) !== 0;
  }

  setFlag(bit: number): void {
    if (this.flag(bit)) return;
    this.record.flags |= bit;
    this.#rows.markDirty();
  }

  clearFlag(bit: number): void {
    if (!this.flag(bit)) return;
    this.record.flags &= ~bit;
    this.#rows.markDirty();
  }

  get kind(): TokenKind {
    return kinds[this.record.kind] ?? 'none';
  }

  /** Keeps the more precise of what is known and what is told. */
  learnKind(kind: TokenKind): void {
    const vague = this.kind === 'none' || this.kind === 'opaque';
    if (!vague || kind === 'none' || kind === this.kind) return;
    this.record.kind = kindNumbers.get(kind) ?? 0;
    this.#rows.markDirty();
  }

  texts(fingerprint: string): TokenTexts {
    const cached = this.#cache.get(fingerprint);
    if (cached !== undefined) return cached;
    const texts = parse(this.#entities.get(fingerprint) ?? '[]');
    this.#cache.set(fingerprint, texts);
    return texts;
  }

  setTexts(fingerprint: string, texts: TokenTexts): void {
    const { handle, issuer, scopes, issuedId, aliases } = texts;
    this.#entities.set(fingerprint, JSON.stringify([handle, issuer, issuedId, scopes, aliases]));
    this.#cache.set(fingerprint, texts);
  }

  /** Learns handle, issuer and scopes of the presented token, once each. Expects it to be bound. */
  learnTexts(fingerprint: string, event: TokenEvent): void {
    const { hasHandle, hasIssuer, hasScopes } = tokenFlags;
    let news = 0;
    if (event.tokenHandle !== null) news |= hasHandle;
    if (event.tokenIssuer !== null) news |= hasIssuer;
    if (event.scopes !== null) news |= hasScopes;
    news &= ~this.record.flags;
    if (news === 0) return;
    const texts = this.texts(fingerprint);
    if ((news & hasHandle) !== 0) texts.handle = event.tokenHandle;
    if ((news & hasIssuer) !== 0) texts.issuer = event.tokenIssuer;
    if ((news & hasScopes) !== 0) texts.scopes = event.scopes?.slice(0, maxScopes) ?? null;
    this.setTexts(fingerprint, texts);
    this.record.flags |= news;
    this.#rows.markDirty();
  }

  rememberAlias(fingerprint: string, alias: string): void {
    const texts = this.texts(fingerprint);
    if (texts.aliases.length >= maxAliases || texts.aliases.includes(alias)) return;
    texts.aliases.push(alias);
    this.setTexts(fingerprint, texts);
  }

  *fingerprints(): Iterable<string> {
    for (const [fingerprint] of this.#entities.all()) yield fingerprint;
  }
}

function parse(text: string): TokenTexts {
  const [handle = null, issuer = null, issuedId = null, scopes = null, aliases = []] = JSON.parse(text) as
    [(string | null)?, (string | null)?, (string | null)?, (string[] | null)?, string[]?];
  return { handle, issuer, scopes, issuedId, aliases };
}
