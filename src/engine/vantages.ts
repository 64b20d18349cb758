import type { TokenEvent, Vantage } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { hopOf, isProportionate, isSameCaller, isWithin, rankOf, type Hop } from './hops.ts';
import { UpstreamCredentials, type Fronts } from './upstream.ts';
import { VantageSources, type VantageBook } from './vantage-sources.ts';

/** Records of one request. `judged` is the one that counts; until it is there the others wait. */
export interface SeenRequest {
  judged: Hop | null;
  waiting: TokenEvent[];
  readonly keys: string[];
  /** Some record of it had an id of its own. */
  readonly hasId: boolean;
  seenMs: number;
  /** In the order of their beginning. */
  readonly sequence: number;
  /** Of the hops inside of the judged record. */
  hops: number;
  hopBytes: number;
}
/** What is to be done with a record: all detectors judge it, or only those that look at hops. */
export interface Placed { readonly event: TokenEvent; readonly isHop: boolean }

/** Where it keeps what it must remember. */
export interface VantageTables {
  readonly requests: Entities<SeenRequest>;
  readonly book: Entities<VantageBook>;
  readonly fronts: Entities<Fronts>;
}

/** A record waits so long for one that says better who called, in event time; a judged request is remembered for longer. */
const waitMs = 60_000;
const rememberedMs = 5 * 60_000;
const maxRequests = 20_000;
/** Records of one request that wait at most. */
const maxWaiting = 8;
/** What stands behind is asked several times for one request, and tried again. */
const maxHops = 64;
/** Names that one request may go by. */
const maxKeys = 16;
/** Records without an id are the same request only within so long. */
const nearMs = 2_000;

/**
 * One request seen by several logs counts once: for its bytes, as a request and for where it came from. Judged is its outermost record
 * that names a token; those further in, and those further out that name nobody, are hops of it. Joined by request id or trace, else by
 * token and path within two seconds. What only shows the id of a request is no hop of it: a record must lie within its time, be of the
 * same caller or of the gateway's own credential, come from where hops come from, and carry no more than the request accounts for.
 */
export class Vantages {
  readonly #requests: Entities<SeenRequest>;
  readonly #sources: VantageSources;
  readonly #upstream: UpstreamCredentials;
  /** By each of its keys, the oldest first. */
  readonly #byKey = new Map<string, SeenRequest>();
  #placed: Placed[] = [];
  /** Requests whose records wait, the oldest first. */
  readonly #waiting = new Set<SeenRequest>();
  #sequence = 0;

  /** `markUpstream` hears of each token found to be a gateway's own. */
  constructor({ requests, book, fronts }: VantageTables, configured: readonly Vantage[], markUpstream: (token: string) => void) {
    this.#requests = requests;
    this.#sources = new VantageSources(book, configured);
    this.#upstream = new UpstreamCredentials(fronts, markUpstream);
    const saved = [...requests.all()].map(([, request]) => request).sort((a, b) => a.sequence - b.sequence);
    for (const request of saved) this.#index(request);
    this.#sequence = saved.at(-1)?.sequence ?? 0;
  }

  /** What is to be judged now that the event has come, which may be nothing yet; `null`: the event, and nothing else. */
  place(event: TokenEvent): readonly Placed[] | null {
    const rank = rankOf(event.vantage);
    const isAlone = rank < 0 || event.partial || event.authenticated === false || !this.#sources.see(event, rank);
    if (isAlone && this.#waiting.size === 0) return null;
    this.#placed = [];
    this.#release(event.orderMs);
    if (isAlone) this.#place(event, false);
    else this.#join(event, rank);
    return this.#placed;
  }

  /** Records that waited in vain, as of this event time. */
  release(timeMs: number): readonly Placed[] {
    this.#placed = [];
    this.#release(timeMs);
    return this.#placed;
  }

  #place(event: TokenEvent, isHop: boolean): void {
    this.#placed.push({ event, isHop });
  }

  #join(event: TokenEvent, rank: number): void {
    const hasId = event.requestId !== null || event.traceId !== null;
    const keys = keysOf(event, this.#sources.someLackIds);
    const request = this.#find(keys, hasId, event.orderMs);
    if (keys.length === 0) this.#place(event, false);
    else if (request === undefined) this.#begin(event, rank, keys, hasId);
    else if (request.judged !== null) this.#beside(event, rank, keys, request, request.judged);
    else this.#among(event, rank, keys, request);
  }

  /** Two requests with ids are never one because token and path are the same. */
  #find(keys: readonly string[], hasId: boolean, timeMs: number): SeenRequest | undefined {
    for (const key of keys) {
      const found = this.#byKey.get(key);
      if (found !== undefined && timeMs - found.seenMs <= rememberedMs && !(hasId && found.hasId && key.includes(' '))) return found;
    }
    return undefined;
  }

  #begin(event: TokenEvent, rank: number, keys: string[], hasId: boolean): void {
    const waits = this.#sources.isWorthWaiting(event, rank);
    const [judged, waiting] = waits ? [null, [event]] : [hopOf(event), []];
    this.#index({ judged, waiting, keys, hasId, seenMs: event.orderMs, sequence: ++this.#sequence, hops: 0, hopBytes: 0 });
    if (!waits) this.#place(event, false);
  }

  /** The request has its judged record. */
  #beside(event: TokenEvent, rank: number, keys: string[], request: SeenRequest, judged: Hop): void {
    const hop = hopOf(event);
    const isHop = rank !== judged.rank && (rank > judged.rank ? this.#isInner(event, hop, request, judged) : this.#isOuter(hop, judged));
    this.#place(event, isHop);
    if (isHop) this.#sources.note(rank > judged.rank ? event.source : judged.source, true);
    // Another request under the same id or the same one tried again, or further out and of another caller.
    else if (rank <= judged.rank) Object.assign(request, { judged: hop, hops: 0, hopBytes: 0 });
    this.#touch(request, keys, event.orderMs);
  }

  /** Records of the request wait. */
  #among(event: TokenEvent, rank: number, keys: string[], request: SeenRequest): void {
    request.waiting.push(event);
    if (request.waiting.length >= maxWaiting || !this.#sources.isWorthWaiting(event, rank)) this.#settle(request);
    this.#touch(request, keys, event.orderMs);
  }

  /** Judges the outermost of the waiting that names somebody, else the outermost; the others are its hops, or stand for themselves. */
  #settle(request: SeenRequest): void {
    const { waiting } = request;
    const [chosen] = waiting.toSorted((a, b) => Number(names(b)) - Number(names(a)) || rankOf(a.vantage) - rankOf(b.vantage));
    if (chosen === undefined) return;
    const judged = hopOf(chosen);
    request.judged = judged;
    request.waiting = [];
    this.#waiting.delete(request);
    for (const event of waiting) {
      const hop = hopOf(event);
      const isHop = event !== chosen && hop.rank !== judged.rank
        && (hop.rank > judged.rank ? this.#isInner(event, hop, request, judged) : this.#isOuter(hop, judged));
      this.#place(event, isHop);
      if (event !== chosen || waiting.length === 1) this.#sources.note(event.source, isHop);
    }
  }

  #isInner(event: TokenEvent, hop: Hop, request: SeenRequest, judged: Hop): boolean {
    if (!isWithin(hop, judged) || !isProportionate(hop, judged, request.hopBytes) || request.hops >= maxHops) return false;
    if (!isSameCaller(hop, judged) && !this.#upstream.learn(hop, judged) || !this.#upstream.isInside(event, hop, judged)) return false;
    request.hops++;
    request.hopBytes += hop.bytes ?? 0;
    return true;
  }

  /** The judged record stands further in, and its request was counted by it, unless it was in the gateway's own name. */
  #isOuter(hop: Hop, judged: Hop): boolean {
    if (!isWithin(judged, hop)) return false;
    if (isSameCaller(hop, judged)) return isProportionate(judged, hop);
    this.#upstream.learn(judged, hop);
    return false;
  }

  #release(timeMs: number): void {
    for (const request of this.#waiting) {
      if (timeMs - request.seenMs <= waitMs) break;
      this.#settle(request);
      this.#save(request);
    }
    for (const [key, request] of this.#byKey) {
      if (timeMs - request.seenMs <= rememberedMs && this.#byKey.size <= maxRequests) return;
      if (request.judged === null) this.#settle(request);
      this.#forget(key, request);
    }
  }

  #index(request: SeenRequest): void {
    for (const key of request.keys) this.#byKey.set(key, request);
    if (request.judged === null) this.#waiting.add(request);
    this.#save(request);
  }

  #touch(request: SeenRequest, keys: readonly string[], timeMs: number): void {
    for (const key of keys) {
      if (this.#byKey.has(key) || request.keys.length >= maxKeys) continue;
      request.keys.push(key);
      this.#byKey.set(key, request);
    }
    if (timeMs > request.seenMs && request.judged !== null) request.seenMs = timeMs;
    this.#save(request);
  }

  #save(request: SeenRequest): void {
    this.#requests.set(request.keys[0] as string, request);
  }

  #forget(key: string, request: SeenRequest): void {
    this.#byKey.delete(key);
    this.#requests.delete(request.keys[0] as string);
    for (const other of request.keys) if (this.#byKey.get(other) === request) this.#byKey.delete(other);
  }
}

function names(event: TokenEvent): boolean {
  return event.token !== null || event.identityId !== null;
}

/** By request id and trace; without either by token and path, for which two stretches of time overlap. */
function keysOf({ requestId, traceId, token, urlPath, orderMs }: TokenEvent, someLackIds: boolean): string[] {
  const keys = requestId === null ? [] : [requestId];
  if (traceId !== null && traceId !== requestId) keys.push(traceId);
  if (keys.length > 0 && !someLackIds || token === null || urlPath === null) return keys;
  const stretch = Math.floor(orderMs / nearMs);
  keys.push(`${token} ${urlPath} ${stretch}`, `${token} ${urlPath} ${stretch + 1}`);
  return keys;
}
