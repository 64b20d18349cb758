import type { TokenEvent, TokenKind } from '../model/event.ts';
import type { Identity, Token } from '../model/token.ts';
import { compactJson, type EventCodec } from './event-text.ts';
import { HalfRequests } from './half-requests.ts';
import { Identities } from './identities.ts';
import { issue } from './issuance.ts';
import { defaultPendingLimits, PendingObservations, type PendingLimits } from './pending.ts';
import { provisionalId, Registry, type Binding } from './registry.ts';
import { toSeconds, type CorrelateState, type Totals } from './state.ts';
import { tokenFlags, Tokens } from './tokens.ts';
import { Inventory, Workloads, type InventoryEntry } from './workloads.ts';

/** What became of one event. Valid until the next call. */
export interface Correlated {
  /** The event to go on with, filled in; `null` when it was taken in as half of a request. */
  event: TokenEvent | null;
  /** Requests whose response did not come: to be processed now, each by itself, before `event`. */
  released: readonly TokenEvent[];
  /** Identities learned late. What was observed under the provisional ones is to be observed again. */
  bound: readonly Binding[];
}

export interface CorrelatorOptions {
  readonly inventory?: readonly InventoryEntry[];
  readonly events?: EventCodec;
  readonly pending?: PendingLimits;
  /** Requests that may wait for their response. */
  readonly halfRequests?: number;
}

const defaultHalfRequests = 10_000;
const totalsKey = 'totals';
/** Other ids looked at, of those that one event names. */
const maxAliases = 16;
const none: readonly never[] = [];

/**
 * From an id in a log to the token, its identity and its workload. Called once for each event, in
 * processing order; a pure function of its state and the events before. An event whose authentication
 * failed teaches nothing and makes nothing known: it only reads.
 */
export class Correlator {
  readonly #state: CorrelateState;
  readonly #totals: Totals;
  readonly #saved: Totals;
  readonly #tokens: Tokens;
  readonly #identities: Identities;
  readonly #workloads: Workloads;
  readonly #inventory: Inventory;
  readonly #registry: Registry;
  readonly #halves: HalfRequests;
  readonly #result: Correlated = { event: null, released: none, bound: none };
  #released: TokenEvent[] = [];

  constructor(state: CorrelateState, options: CorrelatorOptions = {}) {
    const totals = state.totals.get(totalsKey)
      ?? { tokens: 0, identities: 0, workloads: 0, unknownTokens: 0, observationsDropped: 0, halvesReleasedEarly: 0, sequence: 0 };
    this.#state = state;
    this.#totals = totals;
    this.#saved = { ...totals };
    this.#tokens = new Tokens(state.tokens, state.tokenTexts);
    this.#identities = new Identities(state.identities, state.identityTexts, totals);
    this.#workloads = new Workloads(state.workloadTexts, totals);
    this.#inventory = new Inventory(options.inventory ?? []);
    const pending = new PendingObservations(
      state.pending, options.events ?? compactJson, totals, options.pending ?? defaultPendingLimits, (token) => this.#registry.dropped(token),
    );
    this.#registry = new Registry(state, this.#tokens, this.#identities, pending, totals);
    this.#halves = new HalfRequests(state.halves, state.answered, totals, options.halfRequests ?? defaultHalfRequests);
  }

  /** Fills the event in place. */
  correlate(event: TokenEvent): Correlated {
    this.#tokens.unbind();
    this.#halves.release(event.orderMs, this.#released);
    const whole = this.#halves.join(event, this.#released);
    if (this.#released.length > 0) for (const half of this.#released) this.#settle(half);
    if (whole !== null) this.#settle(whole);
    return this.#answer(whole);
  }

  /** Time went on without events: releases the requests that waited too long. */
  tick(timeMs: number): Correlated {
    this.#tokens.unbind();
    this.#halves.release(timeMs, this.#released);
    for (const half of this.#released) this.#settle(half);
    return this.#answer(null);
  }

  /** First ancestor of a token: what an incident is gathered by. */
  lineageOf(fingerprint: string): string {
    this.#tokens.unbind();
    return this.#registry.lineageOf(fingerprint);
  }

  /** When the token was issued, or first seen; `null` if the last event was the first that named it. Asked while that event is processed. */
  tokenIssuedMs(fingerprint: string): number | null {
    if (!this.#bind(fingerprint)) return null;
    const { issuedMs, firstSeenSeconds } = this.#tokens.record;
    if (issuedMs > 0) return issuedMs;
    return this.#tokens.flag(tokenFlags.seenAgain) ? firstSeenSeconds * 1000 : null;
  }

  /** True when the issuance itself was read. Asked while an event is processed. */
  issueSeen(fingerprint: string): boolean {
    return this.#bind(fingerprint) && this.#tokens.flag(tokenFlags.issueSeen);
  }

  token(fingerprint: string): Token | null {
    this.#tokens.unbind();
    const token = this.#registry.resolve(fingerprint);
    return token === null ? null : this.#describe(token);
  }

  /** Every known token, by fingerprint. */
  *tokens(): Iterable<Token> {
    for (const fingerprint of this.#tokens.fingerprints()) {
      this.#tokens.unbind();
      yield this.#describe(fingerprint);
    }
  }

  /** Every identity that an event named, in the order of first appearance. Provisional ones are none. */
  identities(): Iterable<Identity> {
    return this.#identities.all((number) => this.#workloads.get(number));
  }

  ownerOf(identityId: string): string | null {
    return this.#inventory.ownerOf(identityId);
  }

  /** Counts for the statistics: how many are known, and what was refused or dropped for want of room. */
  counts(): Readonly<Omit<Totals, 'sequence'>> {
    return this.#totals;
  }

  #answer(event: TokenEvent | null): Correlated {
    const result = this.#result;
    result.event = event;
    result.released = this.#released.length === 0 ? none : this.#released;
    result.bound = this.#registry.bound.length === 0 ? none : this.#registry.bound;
    if (result.released !== none) this.#released = [];
    if (result.bound !== none) this.#registry.bound = [];
    this.#saveTotals();
    return result;
  }

  #saveTotals(): void {
    const [now, saved] = [this.#totals, this.#saved];
    if (now.sequence === saved.sequence && now.tokens === saved.tokens && now.identities === saved.identities && now.unknownTokens === saved.unknownTokens
      && now.workloads === saved.workloads && now.halvesReleasedEarly === saved.halvesReleasedEarly && now.observationsDropped === saved.observationsDropped) return;
    Object.assign(saved, now);
    this.#state.totals.set(totalsKey, now);
  }

  #settle(event: TokenEvent): void {
    if (event.authenticated === false) {
      this.#readOnly(event);
      return;
    }
    const token = event.token === null ? null : this.#present(event, event.token);
    const workload = this.#workloads.see(event);
    this.#identify(event, token, workload);
    if (event.revoked !== null && event.outcome !== 'failure') this.#registry.revoke(event.revoked, toSeconds(event.timeMs));
    if (event.issued !== null && event.outcome !== 'failure') issue(this.#registry, this.#identities, event, token);
  }

  /** An event that nobody vouches for: it gets what is known of the token it names, and leaves no trace but a count. */
  #readOnly(event: TokenEvent): void {
    if (event.token !== null) {
      const token = this.#known(event);
      if (token === null) this.#totals.unknownTokens++;
      else {
        this.#rename(event, token);
        this.#tokens.bind(token);
        this.#fillToken(event, token);
        if (event.identityId === null) this.#fillIdentity(event, this.#identityOf(token));
      }
    }
    this.#fillWorkload(event, 0, 0);
  }

  /** The token that one of the event's ids belongs to. */
  #known(event: TokenEvent): string | null {
    let token = this.#registry.resolve(event.token as string);
    const { aliases } = event;
    for (let i = 0; token === null && aliases !== null && i < aliases.length && i < maxAliases; i++) token = this.#registry.resolve(aliases[i] as string);
    return token;
  }

  /** The presented token, known from now on, bound and noted as seen; the event carries what is known of it. */
  #present(event: TokenEvent, presented: string): string {
    let token = event.authenticated === true ? this.#known(event) : this.#registry.resolve(presented);
    const isNew = token === null;
    token ??= this.#registry.create(presented, event.timeMs);
    if (event.authenticated === true) token = this.#learnAliases(event, token, presented);
    this.#rename(event, token);
    this.#tokens.bind(token);
    if (!isNew) this.#tokens.setFlag(tokenFlags.seenAgain);
    this.#noteUse(event);
    this.#tokens.learnKind(event.tokenKind);
    this.#tokens.learnTexts(token, event);
    if (event.parent !== null && !this.#tokens.flag(tokenFlags.hasParent)) this.#registry.linkParent(token, event.parent);
    this.#fillToken(event, token);
    return token;
  }

  #learnAliases(event: TokenEvent, known: string, presented: string): string {
    let token = this.#registry.unite(known, presented);
    const { aliases } = event;
    if (aliases === null) return token;
    for (let i = 0; i < aliases.length && i < maxAliases; i++) token = this.#registry.unite(token, aliases[i] as string);
    return token;
  }

  /** The event goes on under the token's own id; the id that was presented stays among the aliases. */
  #rename(event: TokenEvent, token: string): void {
    const presented = event.token as string;
    if (presented === token) return;
    event.token = token;
    if (event.aliases === null) event.aliases = [presented];
    else if (!event.aliases.includes(presented)) event.aliases = [...event.aliases, presented];
  }

  /** Moves the bound token's times. Only a verified success is a use. */
  #noteUse(event: TokenEvent): void {
    const { record } = this.#tokens;
    const seconds = toSeconds(event.timeMs);
    if (seconds < record.firstSeenSeconds) record.firstSeenSeconds = seconds;
    if (record.issuedMs === 0 && event.issuedAtMs !== null) record.issuedMs = event.issuedAtMs;
    if (record.expiresSeconds === 0 && event.expiresAtMs !== null) record.expiresSeconds = toSeconds(event.expiresAtMs);
    if (event.outcome !== 'failure' && event.lifecycle !== null) this.#noteLifecycle(event, seconds);
    if (event.authenticated === true && event.outcome === 'success' && event.timeMs > record.lastUsedMs && isUse(event)) record.lastUsedMs = event.timeMs;
    this.#tokens.markDirty();
  }

  #noteLifecycle(event: TokenEvent, seconds: number): void {
    const { record } = this.#tokens;
    const isRevoked = event.lifecycle === 'revoked' && event.revoked === null;
    if (isRevoked && (record.revokedSeconds === 0 || seconds < record.revokedSeconds)) record.revokedSeconds = seconds;
    if (event.lifecycle === 'rotated') record.flags |= tokenFlags.rotated;
    if (event.lifecycle === 'expired' && record.expiresSeconds === 0) record.expiresSeconds = seconds;
  }

  /** Writes into the event what its log left out and the registry knows. The token is bound before and after. */
  #fillToken(event: TokenEvent, token: string): void {
    const { record } = this.#tokens;
    if (event.tokenKind === 'none') event.tokenKind = this.#tokens.kind;
    if (event.issuedAtMs === null && record.issuedMs > 0) event.issuedAtMs = record.issuedMs;
    if (event.expiresAtMs === null && record.expiresSeconds > 0) event.expiresAtMs = record.expiresSeconds * 1000;
    if (event.tokenHandle === null && this.#tokens.flag(tokenFlags.hasHandle)) event.tokenHandle = this.#tokens.texts(token).handle;
    if (event.parent !== null) event.parent = this.#registry.resolve(event.parent) ?? event.parent;
    else if (this.#tokens.flag(tokenFlags.hasParent)) {
      event.parent = this.#registry.parentOf(token);
    }
    this.#tokens.bind(token);
  }

  #identify(event: TokenEvent, token: string | null, workload: number): void {
    let identity = 0;
    if (event.identityId !== null) {
      identity = this.#identities.see(event, workload, token === null ? 0 : this.#tokens.record.identity);
      if (token !== null) this.#registry.teach(token, identity, event.authenticated === true);
      this.#fillIdentity(event, identity);
    } else if (token !== null) {
      identity = this.#identityOf(token);
      if (identity !== 0) {
        this.#identities.touch(identity, event, workload);
        this.#fillIdentity(event, identity);
      } else {
        event.identityId = provisionalId(token);
        event.identityKind = 'unknown';
      }
    }
    if (token !== null && workload !== 0 && this.#tokens.record.workload === 0) this.#tokens.record.workload = workload;
    this.#fillWorkload(event, token === null ? 0 : this.#tokens.record.workload, identity);
    if (token !== null && identity === 0) this.#registry.keep(token, event);
  }

  /** Number of the identity of a token or, where it acts for the same principal, of its parent. Leaves the token bound. */
  #identityOf(token: string): number {
    const { record } = this.#tokens;
    if (record.identity !== 0 || !this.#tokens.flag(tokenFlags.hasParent) || isMadeForOthers(this.#tokens.kind)) return record.identity;
    const parent = this.#registry.parentOf(token);
    const inherited = parent !== null && this.#tokens.bind(parent) ? record.identity : 0;
    this.#tokens.bind(token);
    if (inherited !== 0) this.#registry.teach(token, inherited, false);
    return inherited;
  }

  #fillIdentity(event: TokenEvent, identity: number): void {
    if (identity === 0) return;
    const known = this.#identities.get(identity);
    event.identityId = known.id;
    event.identityKind ??= known.kind;
    event.identityName ??= known.name;
  }

  /** From the event, else from what was seen of the token or its identity, else from the operator's inventory. */
  #fillWorkload(event: TokenEvent, ofToken: number, identity: number): void {
    if (event.workloadId !== null) {
      event.workloadEvidence ??= 'event';
      return;
    }
    const known = this.#workloads.get(ofToken !== 0 || identity === 0 ? ofToken : this.#identities.get(identity).workload);
    const listed = known === null ? this.#inventory.find(event) : null;
    if (known !== null) {
      event.workloadId = known.id;
      event.workloadKind = known.kind;
      event.workloadEvidence = 'registry';
    } else if (listed !== null && listed.workload !== null) {
      event.workloadId = listed.workload;
      event.workloadKind = listed.kind;
      event.workloadEvidence = 'inventory';
    }
  }

  #bind(fingerprint: string): boolean {
    const token = this.#registry.resolve(fingerprint);
    return token !== null && this.#tokens.bind(token);
  }

  #describe(fingerprint: string): Token {
    const parent = this.#registry.parentOf(fingerprint);
    const { handle, issuer } = this.#tokens.texts(fingerprint);
    this.#tokens.bind(fingerprint);
    const { record, kind } = this.#tokens;
    return {
      fingerprint, kind, handle, issuer, parent,
      identityId: record.identity === 0 ? null : this.#identities.get(record.identity).id,
      issuedAtMs: record.issuedMs === 0 ? null : record.issuedMs,
      issueSeen: this.#tokens.flag(tokenFlags.issueSeen),
      expiresAtMs: record.expiresSeconds === 0 ? null : record.expiresSeconds * 1000,
      revokedAtMs: record.revokedSeconds === 0 ? null : record.revokedSeconds * 1000,
      firstSeenMs: record.firstSeenSeconds * 1000,
      lastUsedMs: record.lastUsedMs === 0 ? null : record.lastUsedMs,
    };
  }
}

/** A role's session, or a key, may act for another principal than the one that asked for it. */
function isMadeForOthers(kind: TokenKind): boolean {
  return kind === 'temporary_key' || kind === 'access_key';
}

/** Presenting a token to get or to revoke another one is a use of it; being revoked, expired or found leaked is none. */
function isUse(event: TokenEvent): boolean {
  return event.lifecycle === null || event.revoked !== null || event.lifecycle === 'used' || event.lifecycle === 'issued' || event.lifecycle === 'granted';
}
