import type { Bill, Context, Mint, Silence, Unissued } from '../model/detector.ts';
import { emptyEvent, type TokenEvent, type Vantage } from '../model/event.ts';
import { fates, type Fate, type PlaceBefore } from '../model/fate.ts';
import type { OwnUse } from '../model/own-use.ts';
import type { Correlation } from './correlation.ts';
import type { Coverage } from './coverage.ts';
import type { Denials, Theft } from './denials.ts';
import type { Detection } from './detection.ts';
import type { Episodes } from './episodes.ts';
import type { Exceptions } from './exceptions.ts';
import type { Incidents } from './incidents.ts';
import type { Issuances } from './issuances.ts';
import type { OwnCalls } from './own-calls.ts';

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
  readonly ownCalls?: OwnCalls;
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
  /** `undefined`: not asked yet. */
  #theft: Theft | null | undefined = undefined;

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
    this.#theft = undefined;
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

  /** It is never learned: people said whose it is. */
  get isDenied(): boolean {
    return this.#theftLike() !== null;
  }

  get theftSeenMs(): number | null {
    const theft = this.#theftLike();
    return theft === null ? null : theft.seenMs ?? 0;
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

  get ownUse(): OwnUse | null {
    return this.#parts.ownCalls?.useOf(this.#event) ?? null;
  }

  #askFate(): number {
    const { correlation, exceptions, ownCalls } = this.#parts;
    return correlation.fates.of(this.#event) | (ownCalls?.fateOf(this.#event) ?? 0) | exceptions.fateOf(this.#event) | (this.isDenied ? fates.thief : 0);
  }

  /** The confirmed theft whose features the event has. A place where the token was at home before it is none of the thief's. */
  #theftLike(): Theft | null {
    if (this.#theft !== undefined) return this.#theft;
    const { correlation, denials } = this.#parts;
    const identity = this.#event.identityId ?? this.#event.token;
    const theft = identity === null ? undefined : denials.like(identity, this.#event);
    const isOwn = theft !== undefined && correlation.fates.placeBefore(this.#event, theft.sinceMs ?? 0) === 'own';
    return this.#theft = theft === undefined || isOwn ? null : theft;
  }

  /** The event comes from where a thief was seen: uses of before do not make that a place of its own. */
  #isSuspect(): boolean {
    const { networkBlock, identityId, token } = this.#event;
    const identity = identityId ?? token;
    if (identity === null || networkBlock === null) return false;
    const { episodes, detection } = this.#parts;
    return this.isDenied || episodes.suspects(identity, networkBlock, detection.ids);
  }
}
