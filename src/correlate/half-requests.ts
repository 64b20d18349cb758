import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { Totals, WaitingHalf } from './state.ts';

/** How long a request waits for its response, in event time. */
export const halfWaitMs = 60_000;

/** Formats that log a request and its response as two records with one request id. */
const pairedDatasets: ReadonlySet<string> = new Set(['vault.audit']);
/** Responses without a request that are remembered, should the request come after all. */
const maxAnswered = 4096;
const answeredKey = 'answered';
/** Two audit devices log one request id twice; further ones push out the first. */
const maxSameId = 4;

/** What a response may lack and its request told. */
const filledFromRequest = [
  'action', 'category', 'sourceAddress', 'sourceIp', 'sourcePort', 'userAgent', 'userId', 'userName', 'userEmail', 'method',
  'urlPath', 'urlDomain', 'cloudAccount', 'service', 'organization', 'resourceId', 'resourceKind',
  'authenticated', 'identityId', 'identityKind', 'identityName', 'workloadId', 'workloadKind', 'workloadEvidence',
] as const satisfies readonly (keyof TokenEvent)[];

const tokenFields = [
  'token', 'tokenHandle', 'tokenIssuer', 'issuedAtMs', 'expiresAtMs', 'scopes', 'roles', 'audience', 'keyId', 'boundTo', 'aliases',
  'parent',
] as const satisfies readonly (keyof TokenEvent)[];

/**
 * Joins the two records of one call. A request waits up to a minute of event time for its response;
 * then, or when too many wait, it stands for itself. A request that comes after its response is dropped.
 */
export class HalfRequests {
  readonly #entities: Entities<WaitingHalf>;
  readonly #answered: Entities<Map<string, number>>;
  readonly #totals: Totals;
  readonly #capacity: number;
  /** Request id (with `#1`, ... for the same id from another log) -> half, in the order of arrival. */
  readonly #waiting = new Map<string, WaitingHalf>();
  /** Log and request id -> time of a response that came alone. */
  readonly #alone: Map<string, number>;

  constructor(entities: Entities<WaitingHalf>, answered: Entities<Map<string, number>>, totals: Totals, capacity: number) {
    this.#entities = entities;
    this.#answered = answered;
    this.#totals = totals;
    this.#capacity = capacity;
    const saved = [...entities.all()].sort(([, a], [, b]) => a.sequence - b.sequence);
    for (const [key, half] of saved) this.#waiting.set(key, half);
    this.#alone = answered.get(answeredKey) ?? new Map<string, number>();
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The event to go on with, or `null` when it waits or was merged already. Whoever waited in vain is pushed to `released`. */
  join(event: TokenEvent, released: TokenEvent[]): TokenEvent | null {
    if (event.requestId === null || event.type === null || !pairedDatasets.has(event.dataset)) return event;
    if (event.type.includes('start')) return this.#request(event.requestId, event, released);
    return event.type.includes('end') ? this.#response(event.requestId, event, released) : event;
  }

  /** Pushes the requests whose time is over, oldest first. */
  release(timeMs: number, released: TokenEvent[]): void {
    for (const [key, { event }] of this.#waiting) {
      if (timeMs - event.orderMs <= halfWaitMs) return;
      this.#forget(key);
      released.push(event);
    }
  }

  #request(id: string, event: TokenEvent, released: TokenEvent[]): null {
    const answeredMs = this.#alone.get(aloneKey(id, event));
    if (answeredMs !== undefined && Math.abs(event.orderMs - answeredMs) <= halfWaitMs) return null;
    const key = this.#freeKey(id, event);
    const earlier = this.#waiting.get(key);
    if (earlier !== undefined) {
      this.#forget(key);
      released.push(earlier.event);
    }
    const half = { sequence: ++this.#totals.sequence, event };
    this.#waiting.set(key, half);
    this.#entities.set(key, half);
    if (this.#waiting.size > this.#capacity) this.#releaseOldest(released);
    return null;
  }

  #response(id: string, event: TokenEvent, released: TokenEvent[]): TokenEvent {
    const key = this.#partnerKey(id, event);
    const half = key === null ? undefined : this.#waiting.get(key);
    if (key === null || half === undefined) {
      this.#rememberAlone(aloneKey(id, event), event.orderMs);
      return event;
    }
    this.#forget(key);
    if (event.orderMs - half.event.orderMs > halfWaitMs) released.push(half.event);
    else fill(event, half.event);
    return event;
  }

  /** Where a request waits: its id, unless that is taken by another log's record of the same call. */
  #freeKey(id: string, event: TokenEvent): string {
    for (let i = 0; i < maxSameId; i++) {
      const key = i === 0 ? id : `${id}#${i}`;
      const taken = this.#waiting.get(key);
      if (taken === undefined || taken.event.path === event.path) return key;
    }
    return id;
  }

  /** The request of the same log, else (a log that was rotated in between) the first with that id. */
  #partnerKey(id: string, event: TokenEvent): string | null {
    let other: string | null = null;
    for (let i = 0; i < maxSameId; i++) {
      const key = i === 0 ? id : `${id}#${i}`;
      const half = this.#waiting.get(key);
      if (half?.event.path === event.path) return key;
      if (half !== undefined) other ??= key;
    }
    return other;
  }

  #releaseOldest(released: TokenEvent[]): void {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    this.#forget(oldest[0]);
    released.push(oldest[1].event);
    this.#totals.halvesReleasedEarly++;
  }

  #rememberAlone(key: string, timeMs: number): void {
    this.#alone.delete(key);
    this.#alone.set(key, timeMs);
    if (this.#alone.size > maxAnswered) {
      const [oldest] = this.#alone.keys();
      this.#alone.delete(oldest as string);
    }
    this.#answered.set(answeredKey, this.#alone);
  }

  #forget(key: string): void {
    this.#waiting.delete(key);
    this.#entities.delete(key);
  }
}

function aloneKey(id: string, event: TokenEvent): string {
  return `${event.path}|${id}`;
}

function fill(response: TokenEvent, request: TokenEvent): void {
  const into = response as unknown as Record<string, unknown>;
  for (const field of filledFromRequest) into[field] ??= request[field];
  // A login's response names no token but the one it issues, and its request presented none.
  if (response.token !== null || request.token === null) return;
  for (const field of tokenFields) into[field] ??= request[field];
  response.tokenKind = request.tokenKind;
}
