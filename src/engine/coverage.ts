import type { Vantage } from '../model/event.ts';
import type { Entities } from '../state/port.ts';

/** What is known of one source's deliveries. Times are epoch ms of event time. */
export interface SourceCoverage {
  /** Where the source looks from; absent in what an earlier version stored, until it delivers again. */
  vantage?: Vantage;
  firstMs: number;
  lastMs: number;
  /** Longest pause so far that was ordinary for this source. */
  usualPauseMs: number;
  /** The first different identities seen: says whether several callers can fall silent together. */
  recent: string[];
  /** Outages as [from, to], oldest first, at most `maxGaps`. */
  gaps: [number, number][];
  /** The longest of its latest pauses, as [from, to], whether ordinary or an outage. Absent: it had none worth a word. */
  paused?: [number, number];
}

const maxGaps = 64;
/** So many different callers are several. */
const severalIdentities = 2;
/** Shorter pauses are never an outage. */
const shortestOutageMs = 6 * 3_600_000;
/** A pause this many times the longest usual one is an outage. */
const outageFactor = 4;
/** A pause of this length is kept as one in which nobody was heard, for so many times its length unless a longer one comes. */
const shortestPauseMs = 30 * 60_000;
const keptFor = 4;
const smallPart = 4;
/** A pause that came back this often is the source's rhythm, and what was taken for outages before was not. */
const usualAfter = 2;

/**
 * Tells in which stretches of time each source was seen delivering, so that a token's silence is
 * not taken for dormancy while its log was down. A pause is an outage only when several identities
 * fell silent together and the source never paused nearly as long before: a source that carries a
 * single caller shows no difference between its silence and the caller's, and then silence counts.
 */
export class Coverage {
  readonly #sources: Entities<SourceCoverage>;

  constructor(sources: Entities<SourceCoverage>) {
    this.#sources = sources;
  }

  /** Notes a delivery. Called once per event, after the event was judged. */
  see(source: string, timeMs: number, identity: string | null, vantage: Vantage): void {
    const known = this.#sources.get(source);
    if (known === undefined) {
      const fresh = { vantage, firstMs: timeMs, lastMs: timeMs, usualPauseMs: 0, recent: identity === null ? [] : [identity], gaps: [] };
      this.#sources.set(source, fresh);
      return;
    }
    known.vantage ??= vantage;
    if (timeMs > known.lastMs) {
      keepLongest(known, timeMs);
      notePause(known, timeMs);
      known.lastMs = timeMs;
    }
    if (known.recent.length < severalIdentities && identity !== null && !known.recent.includes(identity)) known.recent.push(identity);
    this.#sources.set(source, known);
  }

  /** Up to when every source with this vantage has delivered; `null`: there is none. */
  heardMs(vantage: Vantage): number | null {
    let heardMs: number | null = null;
    for (const [, source] of this.#sources.all()) {
      if (source.vantage === vantage) heardMs = Math.min(heardMs ?? source.lastMs, source.lastMs);
    }
    return heardMs;
  }

  of(source: string): Readonly<SourceCoverage> | undefined {
    return this.#sources.get(source);
  }

  /** What is known of every source. */
  all(): Iterable<[string, Readonly<SourceCoverage>]> {
    return this.#sources.all();
  }

  /**
   * Milliseconds since `fromMs` of which the source can bear witness that time was passing, at most until `nowMs`. A pause of its own does
   * not count, but where it is a small part of them.
   */
  witnessedMs(source: string, fromMs: number, nowMs: number): number {
    const known = this.#sources.get(source);
    const untilMs = Math.min(known?.lastMs ?? fromMs, nowMs);
    if (known === undefined || untilMs <= fromMs) return 0;
    const seenMs = this.coveredMs(source, fromMs, untilMs);
    const pausedMs = known.paused === undefined ? 0 : overlap(...known.paused, fromMs, untilMs);
    return smallPart * pausedMs > untilMs - fromMs ? Math.min(seenMs, untilMs - fromMs - pausedMs) : seenMs;
  }

  /** Milliseconds of [fromMs, nowMs] in which the source was delivering. `nowMs` is that of the event being judged. */
  coveredMs(source: string, fromMs: number, nowMs: number): number {
    const known = this.#sources.get(source);
    if (known === undefined) return 0;
    const from = Math.max(fromMs, known.firstMs);
    if (nowMs <= from) return 0;
    let covered = nowMs - from;
    for (const [start, end] of known.gaps) covered -= overlap(start, end, from, nowMs);
    if (isOutage(known, nowMs)) covered -= overlap(known.lastMs, nowMs, from, nowMs);
    return covered;
  }
}

function isOutage(source: SourceCoverage, nowMs: number): boolean {
  const pauseMs = nowMs - source.lastMs;
  if (pauseMs < shortestOutageMs || pauseMs <= outageFactor * source.usualPauseMs || source.recent.length < severalIdentities) return false;
  const alike = source.gaps.filter(([start, end]) => outageFactor * (end - start) >= pauseMs).length;
  return alike < usualAfter;
}

function keepLongest(source: SourceCoverage, timeMs: number): void {
  const pauseMs = timeMs - source.lastMs;
  if (pauseMs < shortestPauseMs) return;
  const [from, to] = source.paused ?? [0, 0];
  if (pauseMs >= to - from || timeMs - to > keptFor * (to - from)) source.paused = [source.lastMs, timeMs];
}

function notePause(source: SourceCoverage, timeMs: number): void {
  if (isOutage(source, timeMs)) {
    source.gaps.push([source.lastMs, timeMs]);
    if (source.gaps.length > maxGaps) source.gaps.shift();
    return;
  }
  const pauseMs = timeMs - source.lastMs;
  if (pauseMs <= source.usualPauseMs) return;
  source.usualPauseMs = pauseMs;
  source.gaps = source.gaps.filter(([start, end]) => end - start > outageFactor * pauseMs);
}

function overlap(start: number, end: number, from: number, to: number): number {
  return Math.max(0, Math.min(end, to) - Math.max(start, from));
}
