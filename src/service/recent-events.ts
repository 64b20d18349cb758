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

/** The last events, as they came. Keeping one costs a place in an array. */
export class RecentEvents {
  readonly #events: (TokenEvent | undefined)[];
  #next = 0;

  constructor(room = defaultRoom) {
    this.#events = Array.from({ length: room });
  }

  note(event: TokenEvent): void {
    this.#events[this.#next] = event;
    this.#next = this.#next + 1 === this.#events.length ? 0 : this.#next + 1;
  }

  /** Newest first; only those of `ids` where they are given, whatever else is asked for then. */
  find(query: EventQuery, ids: ReadonlySet<string> | null): EventPage {
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
