import type { TokenEvent } from '../model/event.ts';
import type { Fates } from './fates.ts';
import { rename, type Filler } from './fill.ts';
import type { Identities } from './identities.ts';
import { issue } from './issuance.ts';
import { noteUse } from './note-use.ts';
import type { Origins } from './origins.ts';
import { provisionalId, type Registry } from './registry.ts';
import { toSeconds, type Totals } from './state.ts';
import { tokenFlags, type Tokens } from './tokens.ts';
import type { Workloads } from './workloads.ts';

export interface SettlingParts {
  readonly registry: Registry;
  readonly identities: Identities;
  readonly workloads: Workloads;
  readonly fill: Filler;
  readonly fates: Fates;
  readonly origins: Origins;
  /** Hears of each read of a secret. */
  readonly onSecret: (event: TokenEvent) => void;
  readonly totals: Totals;
  /** Tokens that may be known by mere claims. */
  readonly maxUnproven: number;
}

/** What one whole event teaches of its tokens, identity and workload, and what it gets of what was known. */
export class Settling {
  readonly #registry: Registry;
  readonly #tokens: Tokens;
  readonly #identities: Identities;
  readonly #workloads: Workloads;
  readonly #fill: Filler;
  readonly #fates: Fates;
  readonly #origins: Origins;
  readonly #onSecret: (event: TokenEvent) => void;
  readonly #totals: Totals;
  readonly #maxUnproven: number;

  constructor({ registry, identities, workloads, fill, fates, origins, onSecret, totals, maxUnproven }: SettlingParts) {
    this.#registry = registry;
    this.#tokens = registry.tokens;
    this.#identities = identities;
    this.#workloads = workloads;
    this.#fill = fill;
    this.#fates = fates;
    this.#origins = origins;
    this.#onSecret = onSecret;
    this.#totals = totals;
    this.#maxUnproven = maxUnproven;
  }

  /** Fills the event in place. */
  settle(event: TokenEvent): void {
    if (event.authenticated === false) {
      this.#readOnly(event);
      return;
    }
    const token = event.token === null ? null : this.#present(event, event.token);
    const workload = this.#workloads.see(event);
    this.#identify(event, token, workload);
    this.#fates.learn(event, token);
    const { revocations } = this.#registry;
    if (event.revoked !== null && event.outcome !== 'failure') {
      revocations.revoke(event.revoked, toSeconds(event.timeMs), event.authenticated === true);
    }
    if (event.issued !== null && event.outcome !== 'failure') {
      issue(this.#registry, this.#identities, event, token);
      if (token === null && workload !== 0) this.#runsOn(event.issued, workload);
    }
    if (event.lifecycle === 'revoked') revocations.changes++;
    if (event.resourceKind === 'secret') this.#onSecret(event);
    if (event.offers !== null || event.takes !== null) this.#origins.learn(event, token);
  }

  /** What was issued on the word of another system (a CI job, a pod) belongs to what that system said asked for it. */
  #runsOn(issued: string, workload: number): void {
    if (!this.#tokens.bind(issued) || this.#tokens.record.workload !== 0) return;
    this.#tokens.record.workload = workload;
    this.#tokens.markDirty();
  }

  /** An event that nobody vouches for: it gets what is known of the token it names, and leaves no trace but a count. */
  #readOnly(event: TokenEvent): void {
    if (event.token !== null) {
      const token = this.#registry.names.resolveAny(event.token, event.aliases);
      if (token === null) this.#totals.unknownTokens++;
      else {
        rename(event, token);
        this.#tokens.bind(token);
        this.#fill.token(event, token);
        if (event.identityId === null) this.#fill.identity(event, this.#registry.identityOf(token));
      }
    }
    this.#fill.workload(event, 0, 0);
  }

  /** The presented token, known from now on, bound and noted as seen; `null` when too many are only claimed already. */
  #present(event: TokenEvent, presented: string): string | null {
    const isVerified = event.authenticated === true;
    let token = this.#registry.names.resolveAny(presented, isVerified ? event.aliases : null);
    const isNew = token === null;
    if (isNew && !isVerified && this.#totals.unprovenTokens >= this.#maxUnproven) {
      this.#totals.unknownTokens++;
      return null;
    }
    token ??= this.#registry.create(presented, event.timeMs, isVerified);
    if (isVerified) token = this.#registry.uniteAll(token, presented, event.aliases);
    rename(event, token);
    this.#tokens.bind(token);
    if (isVerified) this.#registry.prove();
    if (!isNew) this.#tokens.setFlag(tokenFlags.seenAgain);
    noteUse(this.#tokens, event);
    this.#tokens.learnKind(event.tokenKind);
    this.#tokens.learnTexts(token, event);
    if (event.parent !== null && !this.#tokens.flag(tokenFlags.hasParent)) this.#registry.lineage.link(token, event.parent);
    this.#registry.revocations.inherit(token);
    this.#fill.token(event, token);
    return token;
  }

  #identify(event: TokenEvent, token: string | null, workload: number): void {
    let identity = 0;
    if (event.identityId !== null) {
      identity = this.#identities.see(event, workload, token === null ? 0 : this.#tokens.record.identity);
      if (token !== null) this.#registry.teach(token, identity, event.authenticated === true);
      this.#fill.identity(event, identity);
    } else if (token !== null) {
      identity = this.#registry.identityOf(token);
      if (identity !== 0) {
        this.#identities.touch(identity, event, workload);
        this.#fill.identity(event, identity);
      } else {
        event.identityId = provisionalId(token);
        event.identityKind = 'unknown';
      }
    }
    if (token !== null && workload !== 0 && this.#tokens.record.workload === 0) this.#tokens.record.workload = workload;
    this.#fill.workload(event, token === null ? 0 : this.#tokens.record.workload, identity);
    if (token !== null && identity === 0) this.#registry.keep(token, event);
  }
}
