import type { IdentityKind, TokenEvent } from '../model/event.ts';
import type { Identity, SecretReader, Token, WorkloadClaim } from '../model/token.ts';
import type { Credential } from '../model/credential.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import { Credentials } from './credentials.ts';
import { describeToken } from './describe.ts';
import { Dependents } from './dependents.ts';
import { compactJson } from './event-text.ts';
import { Fates } from './fates.ts';
import { Filler } from './fill.ts';
import { HalfRequests } from './half-requests.ts';
import { Identities } from './identities.ts';
import { Inventory } from './inventory.ts';
import { Origins } from './origins.ts';
import { defaultHalfRequests, defaultUnprovenTokens, type CorrelatorOptions } from './options.ts';
import { defaultPendingLimits, PendingObservations } from './pending.ts';
import { Registry, type Binding } from './registry.ts';
import { SecretReaders } from './secret-readers.ts';
import { Settling } from './settling.ts';
import { noTotals, sameTotals, type CorrelateState, type Totals } from './state.ts';
import { tokenFlags, Tokens } from './tokens.ts';
import { contradictions, listed, secretsOf, type ClaimParts } from './workload-claims.ts';
import { Workloads } from './workloads.ts';

/** What became of one event. Valid until the next call. */
export interface Correlated {
  /** The event to go on with, filled in; `null` when it was taken in as half of a request. */
  event: TokenEvent | null;
  /** Requests whose response did not come: to be processed now, each by itself, before `event`. */
  released: readonly TokenEvent[];
  /** Identities learned late. What was observed under the provisional ones is to be observed again. */
  bound: readonly Binding[];
}

const totalsKey = 'totals';
const none: readonly never[] = [];

/**
 * From an id in a log to the token, its identity and its workload. Called once for each event, in
 * processing order; a pure function of its state and the events before. An event whose authentication
 * failed teaches nothing and makes nothing known: it only reads.
 */
export class Correlator {
  /** Who was observed to use each token. */
  readonly dependents: Dependents;
  /** What became of tokens and their owners. */
  readonly fates: Fates;
  readonly #state: CorrelateState;
  readonly #totals: Totals;
  readonly #saved: Totals;
  readonly #tokens: Tokens;
  readonly #identities: Identities;
  readonly #workloads: Workloads;
  readonly #inventory: Inventory;
  readonly #registry: Registry;
  readonly #settling: Settling;
  readonly #readers: SecretReaders;
  readonly #claimParts: ClaimParts;
  readonly #halves: HalfRequests;
  readonly #result: Correlated = { event: null, released: none, bound: none };
  #released: TokenEvent[] = [];

  constructor(state: CorrelateState, options: CorrelatorOptions = {}) {
    const totals = { ...noTotals(), ...state.totals.get(totalsKey) };
    this.#state = state;
    this.#totals = totals;
    this.#saved = { ...totals };
    this.#tokens = new Tokens(state.tokens, state.tokenTexts);
    this.#identities = new Identities(state.identities, state.identityTexts, totals);
    this.#workloads = new Workloads(state.workloadTexts, totals);
    this.#inventory = new Inventory(options.inventory ?? []);
    const onDropped = (token: string): void => this.#registry.dropped(token);
    const limits = options.pending ?? defaultPendingLimits;
    const pending = new PendingObservations(state.pending, options.events ?? compactJson, totals, limits, onDropped);
    this.#registry = new Registry(state, this.#tokens, this.#identities, pending, totals);
    this.dependents = new Dependents(state, this.#registry, this.#identities, () => {
      totals.usersDropped++;
      this.#saveTotals();
    });
    this.fates = new Fates(state, this.#registry, this.#identities, this.#inventory, this.dependents);
    this.#claimParts = {
      registry: this.#registry, identities: this.#identities, workloads: this.#workloads, inventory: this.#inventory, dependents: this.dependents,
    };
    this.#readers = new SecretReaders(state.readers);
    this.#settling = new Settling({
      registry: this.#registry, identities: this.#identities, workloads: this.#workloads, fates: this.fates, totals,
      fill: new Filler(this.#registry, this.#identities, this.#workloads, this.#inventory),
      onSecret: (event) => {
        if (event.resourceId !== null && this.#inventory.holdsCredential(event.resourceId)) this.#readers.note(event);
      },
      origins: new Origins(state.names, this.#registry.lineage, totals), maxUnproven: options.unprovenTokens ?? defaultUnprovenTokens,
    });
    this.#halves = new HalfRequests(state.halves, state.answered, totals, options.halfRequests ?? defaultHalfRequests);
  }

  /** Fills the event in place. */
  correlate(event: TokenEvent): Correlated {
    this.#tokens.unbind();
    if (event.takes !== null) this.#inventory.nameSubject(event);
    this.#halves.release(event.orderMs, this.#released);
    const whole = this.#halves.join(event, this.#released);
    if (this.#released.length > 0) for (const half of this.#released) this.#settling.settle(half);
    if (whole !== null) this.#settling.settle(whole);
    return this.#answer(whole);
  }

  /** Time went on without events: releases the requests that waited too long. */
  tick(timeMs: number): Correlated {
    this.#tokens.unbind();
    this.#halves.release(timeMs, this.#released);
    for (const half of this.#released) this.#settling.settle(half);
    return this.#answer(null);
  }

  /** First ancestor of a token: what an incident is gathered by. */
  lineageOf(fingerprint: string): string {
    this.#tokens.unbind();
    return this.#registry.lineage.rootOf(fingerprint);
  }

  /** What kind of principal a token belongs to; `null`: not known. */
  ownerKindOf(fingerprint: string): IdentityKind | null {
    if (!this.#bind(fingerprint)) return null;
    const { identity } = this.#tokens.record;
    return identity === 0 ? null : this.#identities.get(identity).kind;
  }

  /** When an identity was first seen, ms in whole seconds; `null`: it was not. */
  identitySinceMs(identityId: string): number | null {
    return this.#identities.sinceMs(identityId);
  }

  /** The token is a gateway's own: calls of others go on under it. */
  markUpstream(fingerprint: string): void {
    if (this.#bind(fingerprint)) this.#tokens.setFlag(tokenFlags.upstream);
  }

  /** When the token was issued, or first seen; `null` if the event being processed is the first that named it. */
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
    const token = this.#registry.names.resolve(fingerprint);
    return token === null ? null : describeToken(this.#registry, this.#identities, token);
  }

  /** Every known token, by fingerprint. */
  *tokens(): Iterable<Token> {
    for (const fingerprint of this.#tokens.fingerprints()) {
      this.#tokens.unbind();
      yield describeToken(this.#registry, this.#identities, fingerprint);
    }
  }

  /** Everything that is known of each token, by fingerprint: what its posture is judged by. */
  *credentials(): Iterable<Credential> {
    const credentials = this.#credentials();
    for (const fingerprint of this.#tokens.fingerprints()) {
      this.#tokens.unbind();
      yield credentials.of(fingerprint);
    }
  }

  /** The same of one token, by any of its names; `null` where it is not known. */
  credential(fingerprint: string): Credential | null {
    this.#tokens.unbind();
    const token = this.#registry.names.resolve(fingerprint);
    return token === null ? null : this.#credentials().of(token);
  }

  /** The operator's line on a credential, by its public id and by whose it is. */
  entryOf(handle: string | null, identity: Pick<Identity, 'id' | 'name'> | null): InventoryEntry | null {
    return this.#inventory.isEmpty ? null : listed(this.#inventory, handle, identity);
  }

  #credentials(): Credentials {
    return new Credentials({ ...this.#claimParts, fates: this.fates });
  }

  /** Every identity that an event named, in the order of first appearance. Provisional ones are none. */
  identities(): Iterable<Identity> {
    return this.#identities.all((number) => this.#workloads.get(number));
  }

  /** `null` for one that no event named. */
  identity(id: string): Identity | null {
    return this.#identities.find(id, (workload) => this.#workloads.get(workload));
  }

  ownerOf(identityId: string): string | null {
    return this.#inventory.ownerOf(identityId);
  }

  /** The operator's line on the event's credential. */
  entryFor(event: TokenEvent): InventoryEntry | null {
    return this.#inventory.find(event);
  }

  /** What runs with a token by each kind of evidence, where that names more than one workload; else none. */
  contradictions(fingerprint: string): readonly WorkloadClaim[] {
    return contradictions(this.#claimParts, fingerprint);
  }

  /** Who read the secrets that hold a token, the latest first: whoever uses it has it from one of them. */
  readersOf(fingerprint: string): SecretReader[] {
    return this.#readers.of(secretsOf(this.#claimParts, fingerprint));
  }

  /** From here on this is the operator's inventory. */
  setInventory(inventory: readonly InventoryEntry[]): void {
    this.#inventory.replace(inventory);
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
    if (sameTotals(this.#totals, this.#saved)) return;
    Object.assign(this.#saved, this.#totals);
    this.#state.totals.set(totalsKey, this.#totals);
  }

  #bind(fingerprint: string): boolean {
    const token = this.#registry.names.resolve(fingerprint);
    return token !== null && this.#tokens.bind(token);
  }
}
