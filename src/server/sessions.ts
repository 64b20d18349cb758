import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Account } from './accounts.ts';
import { secretHash } from './credentials.ts';
import type { LoginProof } from './step-up.ts';

const hour = 3_600_000;
const limits = { sessions: 1_000, perAccount: 20, tickets: 1_000, links: 16 } as const;
/** A day's work; who stays longer shows the token again. */
const sessionMs = 12 * hour;
const ticketMs = 30_000;
const linkMs = 10 * 60_000;

/** What a session rests on, besides an account's name. */
export interface Grounds {
  /** `null`: an API token or a link. */
  readonly proof: LoginProof | null;
  /** It has been taken away: the session is over. */
  readonly isWithdrawn: () => boolean;
}

/** A browser whose person showed who they are. */
export interface BrowserSession extends Grounds {
  readonly account: Account;
  /** To be sent with every change: a page of another origin cannot know it. */
  readonly csrf: string;
  readonly expiresMs: number;
  readonly hasEnded: boolean;
}

/** Who may open the live stream, until `isOver`. */
export interface Admitted { readonly account: Account; readonly isOver: () => boolean }

interface Kept extends BrowserSession { hasEnded: boolean }
const lasting: Grounds = { proof: null, isWithdrawn: () => false };
interface Once<T> { readonly value: T; readonly expiresMs: number }

/**
 * Sessions, tickets and links, in memory: a restart ends them. Secrets are random and kept as hashes only. Oldest go first
 * where there are too many.
 */
export class Sessions {
  readonly #nowMs: () => number;
  readonly #sessions = new Map<string, Kept>();
  readonly #tickets = new Map<string, Once<Admitted>>();
  readonly #links = new Map<string, Once<Account>>();

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  /** Begins one; `secret` is for the cookie. */
  begin(account: Account, grounds: Grounds = lasting): { readonly secret: string; readonly session: BrowserSession } {
    const own = [...this.#sessions].filter(([, session]) => session.account.name === account.name);
    for (const [key] of own.slice(0, Math.max(0, own.length - limits.perAccount + 1))) this.#drop(key);
    for (const [key, session] of this.#sessions) if (session.expiresMs <= this.#nowMs()) this.#drop(key);
    while (this.#sessions.size >= limits.sessions) this.#drop(this.#sessions.keys().next().value as string);
    const secret = random();
    const session: Kept = { ...grounds, account, csrf: random(), expiresMs: this.#nowMs() + sessionMs, hasEnded: false };
    this.#sessions.set(sessionKey(secret), session);
    return { secret, session };
  }

  find(secret: string): BrowserSession | null {
    const session = this.#sessions.get(sessionKey(secret));
    return session === undefined || this.isOver(session) ? null : session;
  }

  end(secret: string): void {
    this.endByKey(sessionKey(secret));
  }

  /** See `sessionKey`. */
  endByKey(key: string): void {
    this.#drop(key);
  }

  isOver(session: BrowserSession): boolean {
    return session.hasEnded || session.expiresMs <= this.#nowMs() || session.isWithdrawn();
  }

  /** Opens the live stream once, within 30 s. */
  ticket(admitted: Admitted): { readonly ticket: string; readonly expiresMs: number } {
    return { ticket: this.#put(this.#tickets, admitted, ticketMs, limits.tickets), expiresMs: this.#nowMs() + ticketMs };
  }

  useTicket(ticket: string): Admitted | null {
    return this.#take(this.#tickets, ticket);
  }

  /** A code that begins a session once, within 10 minutes. */
  link(account: Account): string {
    return this.#put(this.#links, account, linkMs, limits.links);
  }

  useLink(code: string): Account | null {
    return this.#take(this.#links, code);
  }

  #drop(key: string): void {
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    session.hasEnded = true;
    this.#sessions.delete(key);
  }

  #put<T>(kept: Map<string, Once<T>>, value: T, lifeMs: number, limit: number): string {
    const nowMs = this.#nowMs();
    // In order of their expiry, since all live equally long.
    for (const [key, { expiresMs }] of kept) if (expiresMs <= nowMs || kept.size >= limit) kept.delete(key); else break;
    const secret = random();
    kept.set(sessionKey(secret), { value, expiresMs: nowMs + lifeMs });
    return secret;
  }

  #take<T>(kept: Map<string, Once<T>>, secret: string): T | null {
    const key = sessionKey(secret);
    const found = kept.get(key);
    kept.delete(key);
    return found === undefined || found.expiresMs <= this.#nowMs() ? null : found.value;
  }
}

/** Compares without telling by its time how much was right. */
export function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(secretHash(left), secretHash(right));
}

function random(): string {
  return randomBytes(32).toString('base64url');
}

/** What a session is known by to whom must not have its secret: opens nothing. */
export function sessionKey(secret: string): string {
  return secretHash(secret).toString('base64url');
}
