import type { Unissued } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import { addOnce } from './add-once.ts';

/** What is known of one authority that mints tokens and whose log of that is read. Times are epoch ms of event time. */
export interface IssuerBook {
  /** Sources that told of issuances. */
  sources: string[];
  firstMs: number;
  issued: number;
  /** Tokens at work whose issuance was read, and those for which it was waited in vain. */
  matched: number;
  missing: number;
  /** Of matched tokens: keys they were signed with, and lifetimes. */
  keyIds: string[];
  shortestMs: number;
  longestMs: number;
  /** Of matched tokens those without an end; absent in what an earlier version stored: none. */
  endless?: number;
  /** Stretches of ten minutes in which it issued something, each in its place. */
  busy: number[];
  /**
   * Tokens at work whose issuance was read, by the ten minutes in which that was: `stretch * mostFound + count`, each in its place. Absent in what
   * an earlier version stored.
   */
  found?: number[];
  /** Owners of tokens whose issuance was never read, lately. */
  suspects: Suspect[];
}
/** A token that says whose it is and when it was issued. */
export interface Claim { readonly owner: string; readonly issuedAtMs: number }
interface Suspect { readonly owner: string; readonly issuedAtMs: number; readonly issued: number; readonly seenMs: number }

const maxSources = 8;
const maxKeyIds = 32;
const maxSuspects = 16;
const stretchMs = 10 * 60_000;
/** Two days of stretches. */
const stretches = 288;
/** Something must have been issued within so many stretches on either side: then the log was not torn there. */
const near = 3;
/** A log is no witness in its first hour. */
const startMs = 3_600_000;
const dayMs = 24 * 3_600_000;
/** From so many tokens on, with so few missing that one more is improbable by so many bits, the log is complete. */
const leastMatched = 200;
const completeBits = 9;
/** With so few missing nothing else need be odd, where so many were found that were issued near it, and nobody else's was missing. */
const plainBits = 13;
const leastFound = 12;
/** Of so many owners issued near each other, and more than one for so many that were found, it is the log that fails. */
const tooMany = 3;
const tornShare = 20;
/** Room for a count beside its stretch in one number. */
const mostFound = 65_536;
/** After so many missing tokens, one for each few that were found. */
const patchyFrom = 500;
const patchyShare = 4;
/** A lifetime is another one beyond so many times the longest, or below this part of the shortest. */
const lifetimeFactor = 4;
/** Two tokens of one owner are no single lost stretch of the log where they are so far apart, and so many were read in between. */
const apartMs = 30 * 60_000;
const issuedBetween = 20;

export function newBook(timeMs: number): IssuerBook {
  return { sources: [], firstMs: timeMs, issued: 0, matched: 0, missing: 0, keyIds: [], shortestMs: 0, longestMs: 0, busy: [], suspects: [] };
}

export function noteIssued(book: IssuerBook, event: TokenEvent): void {
  book.issued++;
  book.firstMs = Math.min(book.firstMs, event.timeMs);
  addOnce(book.sources, event.source, maxSources);
  const stretch = Math.floor(event.timeMs / stretchMs);
  while (book.busy.length < stretches) book.busy.push(0);
  const place = stretch % stretches;
  if ((book.busy[place] as number) < stretch) book.busy[place] = stretch;
  if (event.issuedExpiresAtMs !== null) learnLifetime(book, event.issuedExpiresAtMs - event.timeMs);
}

/** A token at work whose issuance was read. */
export function noteMatched(book: IssuerBook, { keyId, issuedAtMs, expiresAtMs }: TokenEvent): void {
  book.matched++;
  if (issuedAtMs !== null) countFound(book.found ??= Array.from({ length: stretches }, () => 0), Math.floor(issuedAtMs / stretchMs));
  addOnce(book.keyIds, keyId, maxKeyIds);
  if (expiresAtMs === null) book.endless = (book.endless ?? 0) + 1;
  else if (issuedAtMs !== null) learnLifetime(book, expiresAtMs - issuedAtMs);
}

function learnLifetime(book: IssuerBook, lifetimeMs: number): void {
  if (lifetimeMs <= 0) return;
  book.longestMs = Math.max(book.longestMs, lifetimeMs);
  book.shortestMs = book.shortestMs === 0 ? lifetimeMs : Math.min(book.shortestMs, lifetimeMs);
}

/** The log tells of so few tokens that it is no use to wait for what it lacks, until it tells of more. */
export function isPatchy({ matched, missing }: IssuerBook): boolean {
  return missing >= patchyFrom && missing * patchyShare > matched;
}

/** Could its issuance be missed at all: was it made after the log began, while the log went on? */
export function isWitnessed(book: IssuerBook, issuedAtMs: number): boolean {
  if (issuedAtMs < book.firstMs + startMs) return false;
  const stretch = Math.floor(issuedAtMs / stretchMs);
  return hasBusy(book, stretch - near, stretch) && hasBusy(book, stretch, stretch + near);
}

function hasBusy({ busy }: IssuerBook, from: number, to: number): boolean {
  for (let stretch = from; stretch <= to; stretch++) if (busy[stretch % stretches] === stretch) return true;
  return false;
}

/** A newer stretch takes the place of an older one; what is older than the ring is not counted. */
function countFound(found: number[], stretch: number): void {
  const place = stretch % stretches;
  const held = found[place] as number;
  const heldStretch = Math.floor(held / mostFound);
  if (heldStretch < stretch) found[place] = stretch * mostFound + 1;
  else if (heldStretch === stretch && held % mostFound < mostFound - 1) found[place] = held + 1;
}

/** Tokens at work that were issued near that time, and whose issuance was read. */
function foundNear({ found }: IssuerBook, issuedAtMs: number): number {
  const middle = Math.floor(issuedAtMs / stretchMs);
  let count = 0;
  for (let stretch = middle - near; found !== undefined && stretch <= middle + near; stretch++) {
    const held = found[stretch % stretches] as number;
    if (Math.floor(held / mostFound) === stretch) count += held % mostFound;
  }
  return count;
}

/**
 * Judges a token at work whose issuance was waited for in vain. `isElsewhere`: it was used where its owner never was; `waiting`: other tokens that
 * are looked for. Answers `null` where a line of the log may simply be lost: the log must be complete by all experience, and either far more so,
 * with nothing else lost near it, or the token strange in another way as well.
 */
export function judgeMissing(book: IssuerBook, event: TokenEvent, isElsewhere: boolean, waiting: readonly Claim[]): Unissued | null {
  const owner = event.identityId ?? event.token ?? '';
  const issuedAtMs = event.issuedAtMs ?? event.timeMs;
  const bits = -Math.log2((book.missing + 0.1) / (book.matched + 10));
  const lifetimeMs = event.expiresAtMs === null ? null : event.expiresAtMs - issuedAtMs;
  const signs = {
    unknownKey: event.keyId !== null && book.keyIds.length > 0 && book.keyIds.length < maxKeyIds && !book.keyIds.includes(event.keyId),
    oddLifetime: isOdd(book, lifetimeMs),
    isElsewhere,
    isRepeated: book.suspects.some((other) => other.owner === owner && isApart(other, issuedAtMs, book.issued)),
  };
  const owners = ownersNear(owner, issuedAtMs, [...book.suspects, ...waiting]);
  const found = foundNear(book, issuedAtMs);
  const recent = book.suspects.filter(({ seenMs }) => event.orderMs - seenMs <= dayMs);
  book.suspects = [...recent, { owner, issuedAtMs, issued: book.issued, seenMs: event.orderMs }].slice(-maxSuspects);
  const isStrange = signs.unknownKey || signs.oddLifetime || signs.isElsewhere || signs.isRepeated;
  const isTorn = owners >= tooMany && owners * tornShare > found;
  const isComplete = book.matched >= leastMatched && bits >= completeBits && !isTorn;
  const isTold = isComplete && (isStrange || bits >= plainBits && owners === 1 && found >= leastFound);
  // What nothing else speaks against may have been a lost line after all, and then the next one is less of a wonder.
  if (!isTold || !isStrange) book.missing++;
  if (!isTold) return null;
  const missing = book.missing - (isStrange ? 0 : 1);
  return { ...signs, matched: book.matched, missing, bits, lifetimeMs, longestMs: book.longestMs, shortestMs: book.shortestMs };
}

/** Of how many owners, this one among them, a token is missing that was issued near that time. */
function ownersNear(owner: string, issuedAtMs: number, missing: readonly Claim[]): number {
  return new Set([owner, ...missing.filter((other) => Math.abs(issuedAtMs - other.issuedAtMs) <= near * stretchMs).map((other) => other.owner)]).size;
}

function isApart(other: Suspect, issuedAtMs: number, issued: number): boolean {
  return Math.abs(other.issuedAtMs - issuedAtMs) >= apartMs && issued - other.issued >= issuedBetween;
}

/** Without an end where all others have one, or far from the lifetimes of all others. */
function isOdd({ shortestMs, longestMs, endless = 0 }: IssuerBook, lifetimeMs: number | null): boolean {
  if (longestMs === 0) return false;
  if (lifetimeMs === null) return endless === 0;
  return lifetimeMs > lifetimeFactor * longestMs || lifetimeMs < shortestMs / lifetimeFactor;
}
