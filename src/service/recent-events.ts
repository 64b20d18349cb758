import { eventDocument } from '../model/ecs.ts';
import type { TokenEvent } from '../model/event.ts';
import type { EventQuery } from '../server/api/ports.ts';
import type { EventPage } from '../server/api/shapes.ts';
import { wordsIn } from './paging.ts';

const defaultRoom = 20_000;
/** Where words are looked for. */
const searched = [
  'id', 'dataset', 'action', 'outcome', 'sourceIp', 'sourceAddress', 'userAgent', 'userName', 'userId', 'method', 'urlPath', 'urlDomain', 'service', 'token',
  'tokenHandle', 'identityId', 'identityName', 'workloadId', 'resourceId', 'networkBlock', 'networkName', 'asOrganization', 'country',
] as const satisfies readonly (keyof TokenEvent)[];

/** A ring that is full again within this time would hold what happened a few seconds ago at most. */
const fastLapMs = 10_000;
/** Then of what is taken between two commits so many of the last are kept. */
const keptAtOnce = 100;

/**
 * The last events, as they came. Keeping one costs a place in an array, and that it outlives its batch: collecting what has grown old costs
 * many times more than what dies young. So while thousands come in a second, most are let go.
 */
export class RecentEvents {
  readonly #events: (TokenEvent | undefined)[];
  #next = 0;
  /** When the ring was begun anew, wall clock, and whether the lap before was a fast one. */
  #lapMs: number | null = null;
  #isFast = false;
  #isNewLap = false;
  /** Of a fast lap: the last events since the last commit, in a ring of their own, and how many there were. */
  readonly #fresh: TokenEvent[] = [];
  #freshCount = 0;

  constructor(room = defaultRoom) {
    this.#events = Array.from({ length: room });
  }

  note(event: TokenEvent): void {
    if (this.#isFast) this.#fresh[this.#freshCount++ % keptAtOnce] = event;
    else this.#keep(event);
  }

  /** What was noted is committed. */
  committed(nowMs: number): void {
    this.#settle();
    this.#lapMs ??= nowMs;
    if (!this.#isNewLap) return;
    this.#isNewLap = false;
    this.#isFast = nowMs - this.#lapMs < fastLapMs;
    this.#lapMs = nowMs;
  }

  #keep(event: TokenEvent): void {
    this.#events[this.#next] = event;
    this.#next = this.#next + 1 === this.#events.length ? 0 : this.#next + 1;
    if (this.#next === 0) this.#isNewLap = true;
  }

  #settle(): void {
    for (let at = Math.max(0, this.#freshCount - keptAtOnce); at < this.#freshCount; at++) this.#keep(this.#fresh[at % keptAtOnce] as TokenEvent);
    this.#freshCount = 0;
  }

  /** Newest first; only those of `ids` where they are given, whatever else is asked for then. */
  find(query: EventQuery, ids: ReadonlySet<string> | null): EventPage {
    this.#settle();
    const words = wordsIn(query.text);
    const room = this.#events.length;
    const found: TokenEvent[] = [];
    let total = 0;
    let kept = 0;
    for (let back = 1; back <= room; back++) {
      const event = this.#events[(this.#next - back + room) % room];
      if (event === undefined) break;
      kept++;
      if (!matches(event, query, ids, words)) continue;
      total++;
      if (found.length < query.limit) found.push(event);
    }
    return { events: found.map(eventDocument), total, kept };
  }
}

function matches(event: TokenEvent, query: EventQuery, ids: ReadonlySet<string> | null, words: readonly string[]): boolean {
  if (ids !== null && !ids.has(event.id)) return false;
  if (query.since !== undefined && event.orderMs < query.since) return false;
  if (query.identity !== undefined && event.identityId !== query.identity) return false;
  if (query.token !== undefined && event.token !== query.token && event.tokenHandle !== query.token) return false;
  if (query.address !== undefined && event.sourceIp !== query.address && event.sourceAddress !== query.address) return false;
  return words.every((word) => searched.some((field) => event[field]?.toLowerCase().includes(word)));
}
