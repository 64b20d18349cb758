import { compactJson } from '../correlate/event-text.ts';
import type { Mint, Unissued } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { Correlation } from './correlation.ts';
import type { Coverage } from './coverage.ts';
import { isPatchy, isWitnessed, judgeMissing, newBook, noteIssued, noteMatched, type Claim, type IssuerBook } from './issuer-book.ts';
import { Mints, type MakerDays, type Minted } from './mints.ts';

/** Where it keeps what it must remember. */
export interface IssuanceTables {
  readonly issuers: Entities<IssuerBook>;
  /** By token. */
  readonly waiting: Entities<WaitingUse>;
  readonly mints: Entities<Minted>;
  /** By identity. */
  readonly makers: Entities<MakerDays>;
}

/** The first use of a token whose issuance was not read yet, as text. `sequence` is the order of arrival. */
export interface WaitingUse {
  readonly sequence: number;
  readonly issuer: string;
  readonly orderMs: number;
  readonly event: string;
  /** Whose token it is and when it says that it was issued; absent in what an earlier version stored. */
  readonly claim?: Claim;
}

/** A first use whose token nobody issued, and what is odd about it. */
export interface Missing { readonly event: TokenEvent; readonly unissued: Unissued }

/** An issuer's log may be so late: it is judged only once every source of it was heard so long after the use. */
const waitMs = 3_600_000;
/** An issuer whose log was not heard of for so long is asked no more. */
const patienceMs = 24 * 3_600_000;
const maxIssuers = 1_000;
const maxWaiting = 5_000;
/** So many of those that wait beside a missing one are looked at. */
const maxBeside = 200;
const none: readonly never[] = [];

/**
 * Holds uses against issuances: which authorities tell what they mint, which tokens at work were never minted, and who made a new key.
 * Tokens of which the log cannot know (made before it began, or in a pause of it) are not held against it.
 */
export class Issuances {
  readonly #issuers: Entities<IssuerBook>;
  readonly #waiting: Entities<WaitingUse>;
  readonly #mints: Mints;
  readonly #coverage: Coverage;
  readonly #correlation: Pick<Correlation, 'issueSeen' | 'fates'>;
  /** By issuer the tokens that wait with the time of their use, in the order of arrival. */
  readonly #queues = new Map<string, Map<string, number>>();
  #sequence = 0;

  constructor({ issuers, waiting, mints, makers }: IssuanceTables, coverage: Coverage, correlation: Pick<Correlation, 'issueSeen' | 'fates'>) {
    this.#issuers = issuers;
    this.#waiting = waiting;
    this.#mints = new Mints(mints, makers);
    this.#coverage = coverage;
    this.#correlation = correlation;
    for (const [token, use] of [...waiting.all()].sort(([, one], [, other]) => one.sequence - other.sequence)) {
      this.#line(use.issuer, token, use.orderMs);
      this.#sequence = use.sequence;
    }
  }

  /** Who had the event's key made within the last day. */
  mintOf(event: TokenEvent): Mint | null {
    return this.#mints.of(event);
  }

  /** Notes an issuance, or the first use of a token. Called once per request, before it is judged. */
  see(event: TokenEvent): void {
    if (event.issued !== null) this.#seeIssuance(event);
    else if (this.#issuers.size > 0 && event.tokenKind === 'jwt' && event.authenticated === true) this.#seeUse(event);
  }

  /** Uses that are now known to be of tokens that were never issued; nothing for nearly all times. */
  ripe(timeMs: number): readonly Missing[] {
    if (this.#queues.size === 0) return none;
    let found: Missing[] | null = null;
    for (const [issuer, queue] of this.#queues) {
      for (const [token, orderMs] of queue) {
        if (!this.#isDue(issuer, orderMs, timeMs)) break;
        const missing = this.#judge(issuer, token, orderMs);
        if (missing !== null) (found ??= []).push(missing);
      }
    }
    return found ?? none;
  }

  #seeIssuance(event: TokenEvent): void {
    this.#mints.note(event);
    const { tokenIssuer, issuedKind, outcome, authenticated } = event;
    if (issuedKind !== 'jwt' || tokenIssuer === null || outcome !== 'success' || authenticated !== true) return;
    let book = this.#issuers.get(tokenIssuer);
    if (book === undefined && this.#issuers.size >= maxIssuers) return;
    book ??= newBook(event.timeMs);
    noteIssued(book, event);
    this.#issuers.set(tokenIssuer, book);
  }

  #seeUse(event: TokenEvent): void {
    const { token, tokenIssuer, issuedAtMs, outcome, vantage } = event;
    if (token === null || tokenIssuer === null || vantage === 'iam' || outcome !== 'success' || this.#correlation.fates.formerUseMs !== null) return;
    const book = this.#issuers.get(tokenIssuer);
    if (book === undefined) return;
    if (this.#correlation.issueSeen(token)) {
      noteMatched(book, event);
      this.#issuers.set(tokenIssuer, book);
    } else if (issuedAtMs !== null && !isPatchy(book) && this.#waiting.get(token) === undefined) this.#wait(tokenIssuer, token, event);
  }

  #wait(issuer: string, token: string, event: TokenEvent): void {
    if (this.#waiting.size >= maxWaiting) this.#dropOldest();
    const claim = { owner: event.identityId ?? token, issuedAtMs: event.issuedAtMs ?? event.orderMs };
    this.#waiting.set(token, { sequence: ++this.#sequence, issuer, orderMs: event.orderMs, event: compactJson.encode(event), claim });
    this.#line(issuer, token, event.orderMs);
  }

  #line(issuer: string, token: string, orderMs: number): void {
    let queue = this.#queues.get(issuer);
    if (queue === undefined) this.#queues.set(issuer, queue = new Map());
    queue.set(token, orderMs);
  }

  /** The issuer's log was heard far enough beyond the use, or not for so long that it is not waited for. */
  #isDue(issuer: string, orderMs: number, timeMs: number): boolean {
    if (orderMs + waitMs > timeMs) return false;
    return this.#isHeard(issuer, orderMs) || timeMs - orderMs >= patienceMs;
  }

  #isHeard(issuer: string, orderMs: number): boolean {
    const book = this.#issuers.get(issuer);
    return book !== undefined && this.#heardMs(book) >= orderMs + waitMs;
  }

  /** `null`: it was issued after all, or nothing can be said. */
  #judge(issuer: string, token: string, orderMs: number): Missing | null {
    const waiting = this.#waiting.get(token);
    const book = this.#issuers.get(issuer);
    const isHeard = this.#isHeard(issuer, orderMs);
    this.#forget(issuer, token);
    if (waiting === undefined || book === undefined) return null;
    const event = compactJson.decode(waiting.event);
    const isSeen = this.#correlation.issueSeen(token);
    if (!isSeen && (!isHeard || !isWitnessed(book, event.issuedAtMs ?? orderMs))) return null;
    const isElsewhere = !isSeen && this.#correlation.fates.placeBefore(event, Math.floor(orderMs / 1000) * 1000) === 'other';
    const unissued = isSeen ? null : judgeMissing(book, event, isElsewhere, this.#besides(issuer, orderMs));
    if (isSeen) noteMatched(book, event);
    this.#issuers.set(issuer, book);
    return unissued === null ? null : { event, unissued };
  }

  /** Other tokens that are looked for, of those used within the time that is waited, in the order of arrival. */
  #besides(issuer: string, orderMs: number): Claim[] {
    const claims: Claim[] = [];
    let looked = 0;
    for (const [token, otherMs] of this.#queues.get(issuer) ?? []) {
      if (otherMs > orderMs + waitMs || ++looked > maxBeside) break;
      const claim = this.#waiting.get(token)?.claim;
      if (claim !== undefined && !this.#correlation.issueSeen(token)) claims.push(claim);
    }
    return claims;
  }

  /** Up to when every source that told of its issuances has delivered. */
  #heardMs({ sources }: IssuerBook): number {
    return sources.reduce((heard, source) => Math.min(heard, this.#coverage.of(source)?.lastMs ?? 0), Number.POSITIVE_INFINITY);
  }

  #forget(issuer: string, token: string): void {
    this.#waiting.delete(token);
    const queue = this.#queues.get(issuer);
    queue?.delete(token);
    if (queue?.size === 0) this.#queues.delete(issuer);
  }

  /** Of all that wait, the first that came. */
  #dropOldest(): void {
    let oldest: WaitingUse | undefined;
    let dropped = '';
    for (const queue of this.#queues.values()) {
      const [token] = queue.keys();
      const use = token === undefined ? undefined : this.#waiting.get(token);
      if (token === undefined || use === undefined || oldest !== undefined && oldest.sequence < use.sequence) continue;
      [oldest, dropped] = [use, token];
    }
    if (oldest !== undefined) this.#forget(oldest.issuer, dropped);
  }
}
