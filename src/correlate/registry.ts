import type { TokenEvent } from '../model/event.ts';
import { FingerprintCache } from './fingerprint-cache.ts';
import { FingerprintWords } from './fingerprint-words.ts';
import type { Identities } from './identities.ts';
import { Links } from './links.ts';
import { maxObservations, type PendingObservations } from './pending.ts';
import type { CorrelateState, Totals } from './state.ts';
import { tokenFlags, Tokens } from './tokens.ts';

/** An identity learned late: what was observed under the provisional one is to be observed again. */
export interface Binding {
  /** `token:<fingerprint>`: its rows are to be dropped. */
  readonly provisionalId: string;
  readonly identityId: string;
  readonly identityName: string | null;
  readonly token: string;
  /** The fingerprint that the token went under until now, where it turned out to be an alias. */
  readonly formerToken: string | null;
  /** In the order in which they came, with identity and token filled in. */
  readonly observations: TokenEvent[];
}

/** Ancestors looked at, at most, and aliases followed. */
const maxDepth = 8;
const cacheSize = 16_384;
/** `pending` of a token whose observations were dropped: nothing more is kept of it. */
const noMoreObservations = 255;

export function provisionalId(fingerprint: string): string {
  return `token:${fingerprint}`;
}

/**
 * Which ids are one token, what it was issued from, and whose it is. The id that was seen first stays
 * the token's own; later ones point to it. Two tokens that were each seen issued are never joined.
 */
export class Registry {
  readonly tokens: Tokens;
  /** Bindings made since the caller emptied it. */
  bound: Binding[] = [];
  readonly #aliases: Links;
  readonly #parents: Links;
  readonly #roots: Links;
  readonly #identities: Identities;
  readonly #pending: PendingObservations;
  readonly #totals: Totals;
  readonly #resolved = new FingerprintCache<string>(cacheSize);
  readonly #parentOf = new FingerprintCache<string>(cacheSize);

  constructor(state: CorrelateState, tokens: Tokens, identities: Identities, pending: PendingObservations, totals: Totals) {
    const words = new FingerprintWords(state.fingerprintTexts);
    this.tokens = tokens;
    this.#aliases = new Links(state.aliases, words);
    this.#parents = new Links(state.parents, words);
    this.#roots = new Links(state.roots, words);
    this.#identities = identities;
    this.#pending = pending;
    this.#totals = totals;
  }

  /** The token that an id belongs to, which is then bound; `null` when nobody knows it. */
  resolve(id: string): string | null {
    if (this.tokens.bind(id)) return id;
    const cached = this.#resolved.get(id);
    if (cached !== undefined && this.tokens.bind(cached)) return cached;
    let at = this.#aliases.get(id);
    for (let step = 0; step < maxDepth && at !== null; step++) {
      if (this.tokens.bind(at)) {
        this.#resolved.set(id, at);
        return at;
      }
      at = this.#aliases.get(at);
    }
    return null;
  }

  /** Makes a token of an id that nobody knows, and binds it. */
  create(id: string, timeMs: number): string {
    this.#totals.tokens++;
    this.tokens.create(id, timeMs);
    return id;
  }

  /** From now on `id` means `token`. */
  alias(id: string, token: string): void {
    if (id === token) return;
    if (this.#aliases.get(id) !== null) this.#parentOf.clear();
    this.#aliases.set(id, token);
    this.#resolved.set(id, token);
    this.tokens.rememberAlias(token, id);
  }

  /** Makes `id` stand for a token of its own again, because it was issued apart. */
  split(id: string): void {
    this.#aliases.delete(id);
    this.#resolved.clear();
    this.#parentOf.clear();
  }

  /**
   * Learns that an id is another name of the token. A token that the id had been taken for is
   * joined with it, the earlier one stays; answers the token's fingerprint afterwards.
   */
  unite(token: string, id: string): string {
    if (id === token || this.#resolved.get(id) === token) return token;
    const other = this.resolve(id);
    if (other === token) return token;
    if (other === null) {
      this.alias(id, token);
      return token;
    }
    if (this.issueSeen(token) && this.issueSeen(other)) return token;
    return this.#join(token, other);
  }

  issueSeen(token: string): boolean {
    return this.tokens.bind(token) && this.tokens.flag(tokenFlags.issueSeen);
  }

  /** Learns what a token was issued from; links that would close a circle are refused. Leaves the token bound. */
  linkParent(token: string, parent: string): void {
    const from = this.resolve(parent) ?? parent;
    const root = this.lineageOf(from);
    if (from !== token && root !== token) {
      this.#parents.set(token, from);
      this.#parentOf.delete(token);
      if (root === from) this.#roots.delete(token);
      else this.#roots.set(token, root);
      this.tokens.bind(token);
      this.tokens.setFlag(tokenFlags.hasParent);
    }
    this.tokens.bind(token);
  }

  /** Fingerprint of what a token was issued from. Leaves any token bound. */
  parentOf(token: string): string | null {
    const cached = this.#parentOf.get(token);
    if (cached !== undefined && this.tokens.bind(cached)) return cached;
    const parent = this.#parents.get(token);
    if (parent === null) return null;
    const resolved = this.resolve(parent) ?? parent;
    // What it was issued from may have turned out to be another name of its own.
    if (resolved === token) return null;
    this.#parentOf.set(token, resolved);
    return resolved;
  }

  /** Fingerprint of the first ancestor known; the token itself when it has none. */
  lineageOf(fingerprint: string): string {
    let at = this.resolve(fingerprint) ?? fingerprint;
    for (let step = 0; step < maxDepth; step++) {
      const next = this.#roots.get(at) ?? this.#parents.get(at);
      if (next === null) return at;
      at = this.resolve(next) ?? next;
    }
    return at;
  }

  /** Gives the bound token its identity. A mere claim does not replace what was proven. */
  teach(token: string, identity: number, proven: boolean): void {
    const { record } = this.tokens;
    const before = record.identity;
    if (before !== identity) {
      if (before !== 0 && !proven && this.tokens.flag(tokenFlags.identityProven)) return;
      record.identity = identity;
      this.tokens.markDirty();
      this.#identities.addToken(before, -1);
      this.#identities.addToken(identity, 1);
    }
    if (proven) this.tokens.setFlag(tokenFlags.identityProven);
    if (this.tokens.flag(tokenFlags.observedUnbound)) this.#bindIdentity(token, token, null);
  }

  /** Keeps an observation of the bound token, whose identity is not known yet. */
  keep(token: string, event: TokenEvent): void {
    const { record } = this.tokens;
    this.tokens.setFlag(tokenFlags.observedUnbound);
    if (record.pending >= maxObservations) return;
    record.pending++;
    this.tokens.markDirty();
    this.#pending.add(token, event);
    // Making room may have bound the token that had to give way.
    this.tokens.bind(token);
  }

  /** Notes that a known token was revoked. */
  revoke(id: string, seconds: number): void {
    const token = this.resolve(id);
    if (token === null || !this.tokens.bind(token)) return;
    const { record } = this.tokens;
    if (record.revokedSeconds !== 0 && record.revokedSeconds <= seconds) return;
    record.revokedSeconds = seconds;
    this.tokens.markDirty();
  }

  /** The waiting observations of a token had to give way. */
  dropped(token: string): void {
    if (!this.tokens.bind(token)) return;
    this.tokens.record.pending = noMoreObservations;
    this.tokens.markDirty();
  }

  /** Tells that what was observed of `former` belongs to the identity of the bound token. */
  #bindIdentity(token: string, former: string, formerToken: string | null): void {
    const { record } = this.tokens;
    const observations = this.#pending.take(former);
    const known = record.identity === 0 ? null : this.#identities.get(record.identity);
    const identityId = known?.id ?? provisionalId(token);
    for (const event of observations) {
      event.token = token;
      event.identityId = identityId;
      event.identityKind = known?.kind ?? 'unknown';
      event.identityName = known?.name ?? null;
    }
    if (formerToken === null) {
      record.flags &= ~tokenFlags.observedUnbound;
      record.pending = 0;
      this.tokens.markDirty();
    }
    this.bound.push({ provisionalId: provisionalId(former), identityId, identityName: known?.name ?? null, token, formerToken, observations });
  }

  /** Makes one token of two; the one seen first stays. Answers which. */
  #join(first: string, second: string): string {
    this.tokens.bind(first);
    const firstSeen = this.tokens.record.firstSeenSeconds;
    this.tokens.bind(second);
    const [stays, goes] = this.tokens.record.firstSeenSeconds < firstSeen ? [second, first] : [first, second];
    const texts = this.tokens.texts(goes);
    this.#moveParent(stays, goes);
    this.tokens.bind(goes);
    const old = { ...copy(this.tokens.record), kind: this.tokens.kind };
    this.tokens.delete(goes);
    this.#totals.tokens--;
    this.#identities.addToken(old.identity, -1);
    this.alias(goes, stays);
    for (const alias of texts.aliases) this.tokens.rememberAlias(stays, alias);
    this.#parentOf.clear();
    this.#mergeTexts(stays, texts);
    this.tokens.bind(stays);
    this.tokens.learnKind(old.kind);
    this.#mergeRecord(old);
    this.#bindJoined(stays, goes, old);
    return stays;
  }

  #mergeTexts(stays: string, from: { handle: string | null; issuer: string | null; scopes: readonly string[] | null; issuedId: string | null }): void {
    const texts = this.tokens.texts(stays);
    // What the issuance said is what the provider knows the token by.
    if (from.issuedId !== null || texts.handle === null) texts.handle = from.handle ?? texts.handle;
    texts.issuedId ??= from.issuedId;
    texts.issuer ??= from.issuer;
    texts.scopes ??= from.scopes;
    this.tokens.setTexts(stays, texts);
  }

  #mergeRecord(old: OldRecord): void {
    const { record } = this.tokens;
    const { observedUnbound, identityProven, hasParent } = tokenFlags;
    record.lastUsedMs = Math.max(record.lastUsedMs, old.lastUsedMs);
    if (record.issuedMs === 0 || (old.flags & tokenFlags.issueSeen) !== 0) record.issuedMs = old.issuedMs;
    record.expiresSeconds ||= old.expiresSeconds;
    record.revokedSeconds ||= old.revokedSeconds;
    record.workload ||= old.workload;
    record.flags |= old.flags & ~(observedUnbound | identityProven | hasParent) | tokenFlags.seenAgain;
    this.tokens.markDirty();
  }

  /** Identity and waiting observations of two tokens that became one; the one that stays is bound. */
  #bindJoined(stays: string, goes: string, old: OldRecord): void {
    const { record } = this.tokens;
    const oldProven = (old.flags & tokenFlags.identityProven) !== 0;
    if (old.identity !== 0 && (record.identity === 0 || oldProven && !this.tokens.flag(tokenFlags.identityProven))) {
      this.teach(stays, old.identity, oldProven);
    }
    if ((old.flags & tokenFlags.observedUnbound) === 0) {
      if ((old.flags & tokenFlags.seenAgain) !== 0 || old.lastUsedMs > 0) this.#bindIdentity(stays, goes, goes);
      return;
    }
    this.#bindIdentity(stays, goes, goes);
    if (record.identity !== 0) return;
    const binding = this.bound.at(-1) as Binding;
    for (const event of binding.observations) this.keep(stays, event);
    this.tokens.setFlag(tokenFlags.observedUnbound);
  }

  #moveParent(stays: string, goes: string): void {
    const parent = this.#parents.get(goes);
    this.#parents.delete(goes);
    this.#roots.delete(goes);
    const own = this.parentOf(stays);
    if (own === goes) {
      this.#parents.delete(stays);
      this.#roots.delete(stays);
      this.tokens.bind(stays);
      this.tokens.record.flags &= ~tokenFlags.hasParent;
      this.tokens.markDirty();
    } else if (own === null && parent !== null) {
      this.linkParent(stays, parent);
    }
  }
}

type OldRecord = ReturnType<typeof copy>;

/** The fields of a record as plain values: the record itself is gone once its token is. */
function copy(record: Tokens['record']) {
  const { issuedMs, lastUsedMs, expiresSeconds, revokedSeconds, identity, workload, flags } = record;
  return { issuedMs, lastUsedMs, expiresSeconds, revokedSeconds, identity, workload, flags };
}
