import type { Silence } from '../model/detector.ts';
import { emptyEvent, type TokenEvent } from '../model/event.ts';
import type { Dependent } from '../model/intent.ts';
import type { Token } from '../model/token.ts';
import type { Entities } from '../state/port.ts';
import { stableId } from '../state/stable-id.ts';
import type { Coverage, SourceCoverage } from './coverage.ts';
import type { Incidents } from './incidents.ts';

/** What is asked of the registry about a token that may have fallen silent. */
export interface TokenBook {
  token(fingerprint: string): Token | null;
  readonly dependents: { of(fingerprint: string, suspect: ReadonlySet<string>): readonly Pick<Dependent, 'callsPerDay' | 'firstSeenMs'>[] };
}

/** A stretch of silence, and what is to be known of it. */
export interface Silent { readonly event: TokenEvent; readonly silence: Silence }

/** `toldMs`: length of the silence, which began at `sinceMs`, when it was shown last. Of the clock (`clockKey`): the run of ticks without a jump. */
export interface SilenceMark { sinceMs: number; toldMs: number }

type Sources = readonly (readonly [string, Readonly<SourceCoverage>])[];

/** No source's name. */
const clockKey = '';
/** Ticks so far apart are no waiting: time jumped, because nothing was read in between. */
const longestTickMs = 10 * 60_000;
/** A silence is shown when it is so long, and again each time it has grown so much. */
const shortestMs = 30 * 60_000;
const growth = 1.25;
const shortestOfTokenMs = 6 * 3_600_000;
/** Tokens of open incidents are looked at so often. */
const tokensEveryMs = 3_600_000;
const maxTokens = 256;
/** Of more sources the first, by name, bear witness. */
const maxWitnesses = 64;
const dayMs = 86_400_000;

/**
 * Notices at ticks who has fallen silent: every source, and the tokens of open incidents. Silence counts only while time was seen passing:
 * another source went on delivering, or ticks came one after the other; that everything fell silent is an outage of our own. What is odd
 * about it is for a detector to say.
 */
export class Silences {
  readonly #coverage: Coverage;
  readonly #incidents: Incidents;
  readonly #book: TokenBook;
  readonly #marks: Entities<SilenceMark>;
  readonly #live: boolean;

  /** `live`: sources go on, so that silence is told while it lasts. Files end, so in a replay only a pause after which more came is one. */
  constructor(coverage: Coverage, incidents: Incidents, book: TokenBook, marks: Entities<SilenceMark>, live: boolean) {
    this.#coverage = coverage;
    this.#incidents = incidents;
    this.#book = book;
    this.#marks = marks;
    this.#live = live;
  }

  /** The silence of its source that an event ends; `null` for nearly all. To be asked before the event is noted as delivered. */
  endedBy({ source, orderMs }: TokenEvent): Silent | null {
    const known = this.#coverage.of(source);
    if (known === undefined || orderMs - known.lastMs < shortestMs) return null;
    return this.#silent(source, known, orderMs, Number.POSITIVE_INFINITY, [...this.#coverage.all()]);
  }

  /** Event time has reached `timeMs`: those whose silence is to be judged now. */
  at(timeMs: number): Silent[] {
    if (!this.#live || timeMs === Number.MAX_SAFE_INTEGER) return [];
    const clock = this.#marks.get(clockKey);
    const isJump = clock === undefined || timeMs - clock.toldMs > longestTickMs;
    const run = { sinceMs: isJump ? timeMs : clock.sinceMs, toldMs: timeMs };
    this.#marks.set(clockKey, run);
    const found = this.#silentSources(timeMs, run.sinceMs);
    const isHour = clock !== undefined && Math.floor(timeMs / tokensEveryMs) > Math.floor(clock.toldMs / tokensEveryMs);
    return isHour ? [...found, ...this.#silentTokens(timeMs)] : found;
  }

  #silentSources(timeMs: number, tickingSinceMs: number): Silent[] {
    const sources = [...this.#coverage.all()];
    return sources.flatMap(([source, known]) => this.#silent(source, known, timeMs, tickingSinceMs, sources) ?? []);
  }

  #silent(source: string, known: Readonly<SourceCoverage>, timeMs: number, tickingSinceMs: number, sources: Sources): Silent | null {
    if (timeMs - known.lastMs < shortestMs) return null;
    const silentMs = this.#watchedMs(source, known.lastMs, timeMs, tickingSinceMs, sources);
    if (silentMs < shortestMs || !this.#isDue(source, known.lastMs, silentMs)) return null;
    const event = silentEvent(source, known.lastMs, timeMs);
    event.identityId = `source:${source}`;
    event.identityName = source;
    return { event, silence: { ...habitOf(known), silentMs } };
  }

  /** How much of the time since then was seen passing: tick by tick, or by another source that went on delivering. */
  #watchedMs(source: string, sinceMs: number, timeMs: number, tickingSinceMs: number, sources: Sources): number {
    let watchedMs = timeMs - Math.max(sinceMs, tickingSinceMs);
    for (let i = 0; i < sources.length && i < maxWitnesses; i++) {
      const [witness] = sources[i]!;
      if (witness !== source) watchedMs = Math.max(watchedMs, this.#coverage.witnessedMs(witness, sinceMs, timeMs));
    }
    return watchedMs;
  }

  #silentTokens(timeMs: number): Silent[] {
    const found: Silent[] = [];
    for (const fingerprint of this.#incidents.openTokens(timeMs, maxTokens)) {
      const token = this.#book.token(fingerprint);
      if (token === null || token.lastUsedMs === null || token.revokedAtMs !== null || token.expiresAtMs !== null && token.expiresAtMs < timeMs) continue;
      const silentMs = timeMs - token.lastUsedMs;
      if (silentMs < shortestOfTokenMs || !this.#isDue(`token ${fingerprint}`, token.lastUsedMs, silentMs)) continue;
      const users = this.#book.dependents.of(fingerprint, new Set());
      const callsPerDay = users.reduce((sum, user) => sum + user.callsPerDay, 0);
      if (callsPerDay === 0) continue;
      const event = silentEvent('incident', token.lastUsedMs, timeMs);
      event.id = stableId('silence', fingerprint, String(token.lastUsedMs));
      event.token = fingerprint;
      event.tokenHandle = token.handle;
      event.tokenKind = token.kind;
      event.identityId = token.identityId;
      const historyMs = token.lastUsedMs - Math.min(...users.map(({ firstSeenMs }) => firstSeenMs));
      found.push({ event, silence: { of: 'token', usualPauseMs: dayMs / callsPerDay, historyMs, silentMs } });
    }
    return found;
  }

  #isDue(key: string, sinceMs: number, silentMs: number): boolean {
    const mark = this.#marks.get(key);
    if (mark !== undefined && mark.sinceMs === sinceMs && silentMs < growth * mark.toldMs) return false;
    this.#marks.set(key, { sinceMs, toldMs: silentMs });
    return true;
  }
}

/** What was taken for an outage is a pause that this source knows, and no time in which it was heard. */
function habitOf({ firstMs, lastMs, usualPauseMs, gaps }: SourceCoverage): Omit<Silence, 'silentMs'> {
  let [longestMs, lostMs] = [usualPauseMs, 0];
  for (const [from, to] of gaps) {
    longestMs = Math.max(longestMs, to - from);
    lostMs += to - from;
  }
  return { of: 'source', usualPauseMs: longestMs, historyMs: Math.max(0, lastMs - firstMs - lostMs) };
}

/** Stands for what did not come: asked for when it began, complete when it was noticed. */
function silentEvent(source: string, sinceMs: number, nowMs: number): TokenEvent {
  const event = emptyEvent('tokenward.silence', sinceMs);
  event.id = stableId('silence', source, String(sinceMs));
  event.source = event.path = source;
  event.orderMs = nowMs;
  event.action = 'silence';
  return event;
}
