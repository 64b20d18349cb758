import { compactJson } from '../correlate/event-text.ts';
import type { Mint, Unissued } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { Correlation } from './correlation.ts';
import type { Coverage } from './coverage.ts';
import { isWitnessed, judgeMissing, newBook, noteIssued, noteMatched, type IssuerBook } from './issuer-book.ts';
import { Mints, type MakerDays, type Minted } from './mints.ts';

/** Where it keeps what it must remember. */
export interface IssuanceTables {
  readonly issuers: Entities<IssuerBook>;
  /** First uses of tokens whose issuance was not read yet, by token, as text. */
  readonly waiting: Entities<string>;
  readonly mints: Entities<Minted>;
  /** By identity. */
  readonly makers: Entities<MakerDays>;
}

/** A first use whose token nobody issued, and what is odd about it. */
export interface Missing { readonly event: TokenEvent; readonly unissued: Unissued }

/** An issuer's log may be so late: it is judged only once every source of it was heard so long after the use. */
const waitMs = 3_600_000;
/** An issuer whose log was not heard of for so long is asked no more. */
const patienceMs = 24 * 3_600_000;
const maxIssuers = 1_000;
const maxWaiting = 5_000;
/** Those that wait are looked at so often. */
const lookMs = 60_000;
const none: readonly never[] = [];

/**
 * Holds uses against issuances: which authorities tell what they mint, which tokens at work were never minted, and who made a new key.
 * Tokens of which the log cannot know (made before it began, or in a pause of it) are not held against it.
 */
export class Issuances {
  readonly #issuers: Entities<IssuerBook>;
  readonly #waiting: Entities<string>;
  readonly #mints: Mints;
  readonly #coverage: Coverage;
  readonly #correlation: Pick<Correlation, 'issueSeen' | 'fates'>;
  /** Tokens that wait with the time of their use, oldest first. */
  readonly #queue = new Map<string, number>();
  #nextLookMs = Number.POSITIVE_INFINITY;

  constructor({ issuers, waiting, mints, makers }: IssuanceTables, coverage: Coverage, correlation: Pick<Correlation, 'issueSeen' | 'fates'>) {
    this.#issuers = issuers;
    this.#waiting = waiting;
    this.#mints = new Mints(mints, makers);
    this.#coverage = coverage;
    this.#correlation = correlation;
    const saved = [...waiting.all()].map(([token, text]) => [token, compactJson.decode(text).orderMs] as const);
    for (const [token, orderMs] of saved.sort(([, a], [, b]) => a - b)) this.#queue.set(token, orderMs);
    if (saved.length > 0) this.#nextLookMs = 0;
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
    if (timeMs < this.#nextLookMs) return none;
    const found: Missing[] = [];
    for (const [token, orderMs] of this.#queue) {
      if (orderMs + waitMs > timeMs) break;
      const missing = this.#look(token, orderMs, timeMs);
      if (missing !== null) found.push(missing);
    }
    this.#nextLookMs = this.#queue.size === 0 ? Number.POSITIVE_INFINITY : timeMs + lookMs;
    return found;
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
    } else if (issuedAtMs !== null && !this.#queue.has(token)) this.#wait(token, event);
  }

  #wait(token: string, event: TokenEvent): void {
    if (this.#queue.size >= maxWaiting) for (const oldest of this.#queue.keys()) { this.#forget(oldest); break; }
    this.#waiting.set(token, compactJson.encode(event));
    this.#queue.set(token, event.orderMs);
    this.#nextLookMs = Math.min(this.#nextLookMs, event.orderMs + waitMs);
  }

  /** `null`: it was issued after all, or nothing can be said, or not yet. */
  #look(token: string, orderMs: number, timeMs: number): Missing | null {
    const event = compactJson.decode(this.#waiting.get(token) as string);
    const issuer = event.tokenIssuer as string;
    const book = this.#issuers.get(issuer);
    const isSeen = this.#correlation.issueSeen(token);
    const isHeard = book !== undefined && this.#heardMs(book) >= orderMs + waitMs;
    if (!isSeen && !isHeard && timeMs - orderMs < patienceMs) return null;
    this.#forget(token);
    if (book === undefined || !isSeen && (!isHeard || !isWitnessed(book, event.issuedAtMs ?? orderMs))) return null;
    const isElsewhere = !isSeen && this.#correlation.fates.placeBefore(event, Math.floor(orderMs / 1000) * 1000) === 'other';
    const unissued = isSeen ? null : judgeMissing(book, event, isElsewhere);
    if (isSeen) noteMatched(book, event);
    this.#issuers.set(issuer, book);
    return unissued === null ? null : { event, unissued };
  }

  /** Up to when every source that told of its issuances has delivered. */
  #heardMs({ sources }: IssuerBook): number {
    return sources.reduce((heard, source) => Math.min(heard, this.#coverage.of(source)?.lastMs ?? 0), Number.POSITIVE_INFINITY);
  }

  #forget(token: string): void {
    this.#waiting.delete(token);
    this.#queue.delete(token);
  }
}
