import type { Bill, Context, Mint, Silence, Unissued } from '../model/detector.ts';
import { emptyEvent, type TokenEvent, type Vantage } from '../model/event.ts';
import type { Fate, PlaceBefore } from '../model/fate.ts';
import type { Correlation } from './correlation.ts';
import type { Coverage } from './coverage.ts';
import type { Denials } from './denials.ts';
import type { Detection } from './detection.ts';
import type { Episodes } from './episodes.ts';
import type { Exceptions } from './exceptions.ts';
import type { Incidents } from './incidents.ts';
import type { Issuances } from './issuances.ts';

type Registered = Pick<Correlation, 'tokenIssuedMs' | 'issueSeen' | 'lineageOf' | 'ownerKindOf' | 'identitySinceMs' | 'fates'>;
export interface ContextParts {
  readonly coverage: Coverage;
  readonly correlation: Registered;
  readonly incidents: Incidents;
  readonly denials: Denials;
  readonly episodes: Episodes;
  readonly exceptions: Pick<Exceptions, 'fateOf'>;
  readonly detection: Pick<Detection, 'ids' | 'knows'>;
  readonly issuances?: Pick<Issuances, 'mintOf'>;
  /** By source: how long its gateway goes on accepting what was revoked, ms. */
  readonly validationCaches?: ReadonlyMap<string, number>;
}

const notAsked = -1;

/** The context of the event at hand: one object for all events, so that none is allocated per event. */
export class EventContext implements Context {
  silence: Silence | null = null;
  isOwnTarget = false;
  unissued: Unissued | null = null;
  bill: Bill | null = null;
  readonly #parts: ContextParts;
  #event: TokenEvent = emptyEvent('none', 0);
  #fate = notAsked;

  constructor(parts: ContextParts) {
    this.#parts = parts;
  }

  /** `silence`: the event is none, but stands for what did not come; `unissued`: it is judged once more, for that. */
  turnTo(event: TokenEvent, silence: Silence | null, unissued: Unissued | null = null, bill: Bill | null = null): void {
    this.#event = event;
    this.bill = bill;
    this.silence = silence;
    this.unissued = unissued;
    this.#fate = notAsked;
    // Asked while no row is bound yet: to look may bring rows back.
    this.isOwnTarget = event.targetAccount !== null && this.#parts.detection.knows('account', event.targetAccount);
  }

  coveredMs(fromMs: number): number {
    return this.#parts.coverage.coveredMs(this.#event.source, fromMs, this.#event.orderMs);
  }

  get tokenIssuedMs(): number | null {
    const { token } = this.#event;
    return token === null ? null : this.#parts.correlation.tokenIssuedMs(token);
  }

  get tokenIssueSeen(): boolean {
    const { token } = this.#event;
    return token !== null && this.#parts.correlation.issueSeen(token);
  }

  get fate(): number {
    if (this.#fate === notAsked) this.#fate = this.#askFate();
    return this.#fate;
  }

  fateSinceMs(fate: Fate): number | null {
    return this.#parts.correlation.fates.sinceMs(this.#event, fate);
  }

  placeBefore(beforeMs: number): PlaceBefore {
    const place = this.#parts.correlation.fates.placeBefore(this.#event, beforeMs);
    return place === 'own' && this.#isSuspect() ? 'other' : place;
  }

  get formerUseMs(): number | null {
    return this.#parts.correlation.fates.formerUseMs;
  }

  get theftSeenMs(): number | null {
    return this.#parts.denials.seenMs(this.#event);
  }

  get honeytoken(): string | null {
    return this.#parts.correlation.fates.honeytoken(this.#event);
  }

  get isKnown(): boolean {
    return this.#parts.correlation.fates.isKnown(this.#event);
  }

  incidentSinceMs(by: 'any' | 'lineage', besides: string): number | null {
    const { token, identityId, orderMs } = this.#event;
    const root = token === null ? null : this.#parts.correlation.lineageOf(token);
    return this.#parts.incidents.openSinceMs(by === 'any' ? identityId ?? token : null, root, orderMs, besides);
  }

  get identitySinceMs(): number | null {
    const { identityId } = this.#event;
    return identityId === null ? null : this.#parts.correlation.identitySinceMs(identityId);
  }

  get parentIsHuman(): boolean {
    const { parent } = this.#event;
    return parent !== null && this.#parts.correlation.ownerKindOf(parent) === 'human';
  }

  heardMs(vantage: Vantage): number | null {
    return this.#parts.coverage.heardMs(vantage);
  }

  get mint(): Mint | null {
    return this.#parts.issuances?.mintOf(this.#event) ?? null;
  }

  get validationCacheMs(): number | null {
    return this.#parts.validationCaches?.get(this.#event.source) ?? null;
  }

  #askFate(): number {
    const { correlation, exceptions, denials } = this.#parts;
    return correlation.fates.of(this.#event) | exceptions.fateOf(this.#event) | denials.fateOf(this.#event);
  }

  /** The event comes from where a thief was seen: uses of before do not make that a place of its own. */
  #isSuspect(): boolean {
    const { networkBlock, identityId, token } = this.#event;
    const identity = identityId ?? token;
    if (identity === null || networkBlock === null) return false;
    const { denials, episodes, detection } = this.#parts;
    return denials.covers(identity, this.#event) || episodes.suspects(identity, networkBlock, detection.ids);
  }
}
