import type { TokenEvent } from '../model/event.ts';
import { FingerprintWords } from './fingerprint-words.ts';
import type { Identities } from './identities.ts';
import { Kin } from './kin.ts';
import { Lineage } from './lineage.ts';
import { Links } from './links.ts';
import { maxAliases, Names } from './names.ts';
import { maxObservations, type PendingObservations } from './pending.ts';
import { Revocations } from './revocations.ts';
import type { CorrelateState, Totals } from './state.ts';
import { tokenFlags, Tokens, type TokenTexts } from './tokens.ts';

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
  readonly names: Names;
  readonly lineage: Lineage;
  readonly revocations: Revocations;
  readonly #identities: Identities;
  readonly #pending: PendingObservations;
  readonly #totals: Totals;

  constructor(state: CorrelateState, tokens: Tokens, identities: Identities, pending: PendingObservations, totals: Totals) {
    const words = new FingerprintWords(state.fingerprintTexts);
    this.tokens = tokens;
    this.names = new Names(tokens, new Links(state.aliases, words));
    this.lineage = new Lineage(tokens, this.names, new Links(state.parents, words), new Links(state.roots, words), new Kin(state.kin));
    this.revocations = new Revocations(state.revoked, tokens, this.names, this.lineage, totals);
    this.#identities = identities;
    this.#pending = pending;
    this.#totals = totals;
  }

  /** Makes a token of an id that nobody knows, and binds it. */
  create(id: string, timeMs: number, proven: boolean): string {
    this.#totals.tokens++;
    this.tokens.create(id, timeMs);
    if (!proven) {
      this.#totals.unprovenTokens++;
      this.tokens.setFlag(tokenFlags.unproven);
    }
    this.revocations.claim(id);
    return id;
  }

  /** The bound token was verified, or seen issued: it does not count against the bound of mere claims any more. */
  prove(): void {
    if (!this.tokens.flag(tokenFlags.unproven)) return;
    this.tokens.clearFlag(tokenFlags.unproven);
    this.#totals.unprovenTokens--;
  }

  /**
   * Learns that an id is another name of the token. A token that the id had been taken for is
   * joined with it, the earlier one stays; answers the token's fingerprint afterwards.
   */
  unite(token: string, id: string): string {
    if (id === token || this.names.isKnownAlias(id, token)) return token;
    const other = this.names.resolve(id);
    if (other === token) return token;
    if (other === null) {
      this.names.alias(id, token);
      if (this.tokens.bind(token)) this.revocations.claim(id);
      return token;
    }
    if (this.issueSeen(token) && this.issueSeen(other)) return token;
    return this.#join(token, other);
  }

  /** All that a verified event calls the token. */
  uniteAll(known: string, presented: string, aliases: readonly string[] | null): string {
    let token = this.unite(known, presented);
    for (let i = 0; aliases !== null && i < aliases.length && i < maxAliases; i++) token = this.unite(token, aliases[i] as string);
    return token;
  }

  issueSeen(token: string): boolean {
    return this.tokens.bind(token) && this.tokens.flag(tokenFlags.issueSeen);
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

  /** Number of the identity of a token or, where it acts for the same principal, of its parent. Leaves the token bound. */
  identityOf(token: string): number {
    const { tokens } = this;
    const { record } = tokens;
    // A role's session, or a key, may act for another principal than the one that asked for it.
    const isMadeForOthers = tokens.kind === 'temporary_key' || tokens.kind === 'access_key';
    if (record.identity !== 0 || isMadeForOthers || !tokens.flag(tokenFlags.hasParent)) return record.identity;
    const parent = this.lineage.parentOf(token);
    const inherited = parent !== null && tokens.bind(parent) ? record.identity : 0;
    tokens.bind(token);
    if (inherited !== 0) this.teach(token, inherited, false);
    return inherited;
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
      this.tokens.clearFlag(tokenFlags.observedUnbound);
      record.pending = 0;
      this.tokens.markDirty();
    }
    const identityName = known?.name ?? null;
    this.bound.push({ provisionalId: provisionalId(former), identityId, identityName, token, formerToken, observations });
  }

  /** Makes one token of two; the one seen first stays. Answers which. */
  #join(first: string, second: string): string {
    this.tokens.bind(first);
    const firstSeen = this.tokens.record.firstSeenSeconds;
    this.tokens.bind(second);
    const [stays, goes] = this.tokens.record.firstSeenSeconds < firstSeen ? [second, first] : [first, second];
    const texts = this.tokens.texts(goes);
    this.lineage.move(goes, stays);
    this.tokens.bind(goes);
    const old = { ...copy(this.tokens.record), kind: this.tokens.kind };
    this.tokens.delete(goes);
    this.#totals.tokens--;
    if ((old.flags & tokenFlags.unproven) !== 0) this.#totals.unprovenTokens--;
    this.#identities.addToken(old.identity, -1);
    this.names.alias(goes, stays);
    for (const alias of texts.aliases) this.tokens.rememberAlias(stays, alias);
    this.#mergeTexts(stays, texts);
    this.tokens.bind(stays);
    this.tokens.learnKind(old.kind);
    this.#mergeRecord(old);
    this.#bindJoined(stays, goes, old);
    return stays;
  }

  #mergeTexts(stays: string, from: TokenTexts): void {
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
    const { observedUnbound, identityProven, hasParent, unproven } = tokenFlags;
    record.lastUsedMs = Math.max(record.lastUsedMs, old.lastUsedMs);
    if (record.issuedMs === 0 || (old.flags & tokenFlags.issueSeen) !== 0) record.issuedMs = old.issuedMs;
    record.expiresSeconds ||= old.expiresSeconds;
    record.revokedSeconds ||= old.revokedSeconds;
    record.workload ||= old.workload;
    record.flags |= old.flags & ~(observedUnbound | identityProven | hasParent | unproven) | tokenFlags.seenAgain;
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
}

type OldRecord = ReturnType<typeof copy>;

/** The fields of a record as plain values: the record itself is gone once its token is. */
function copy(record: Tokens['record']) {
  const { issuedMs, lastUsedMs, expiresSeconds, revokedSeconds, identity, workload, flags } = record;
  return { issuedMs, lastUsedMs, expiresSeconds, revokedSeconds, identity, workload, flags };
}
