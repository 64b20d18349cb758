import type { IdentityKind, TokenEvent } from '../model/event.ts';
import type { Identity } from '../model/token.ts';
import type { Entities, Rows } from '../state/port.ts';
import { part, toSeconds, type identityLayout, type IdentityRecord, type Totals } from './state.ts';

/** What an identity is called. Changes rarely, so it is an entity that may leave memory. */
export interface KnownIdentity {
  readonly number: number;
  readonly id: string;
  kind: IdentityKind;
  name: string | null;
  account: string | null;
}

const cacheSize = 8192;
/** Set once two workloads were seen with one identity: then it says nothing of a token's workload. */
const severalWorkloads = 1;

/** Every identity that an event named, numbered in the order of appearance from 1. */
export class Identities {
  readonly #rows: Rows;
  readonly #record: IdentityRecord;
  readonly #texts: Entities<string>;
  readonly #totals: Totals;
  readonly #cache: (KnownIdentity | undefined)[] = Array.from({ length: cacheSize });

  constructor(rows: Rows, texts: Entities<string>, totals: Totals) {
    this.#rows = rows;
    this.#record = rows.cursor<typeof identityLayout.fields>(part);
    this.#texts = texts;
    this.#totals = totals;
  }

  /** Number of the event's identity, registered and noted as seen. `event.identityId` must be there. */
  see(event: TokenEvent, workload: number): number {
    const id = event.identityId as string;
    const seconds = toSeconds(event.timeMs);
    this.#rows.bind(this.#rows.row(id));
    const record = this.#record;
    if (record.number === 0) this.#create(id, event.identityKind ?? 'unknown', event.identityName, event);
    const number = record.number;
    this.#note(seconds, workload);
    const known = this.get(number);
    const news = known.name === null && event.identityName !== null || known.kind === 'unknown' && event.identityKind !== null && event.identityKind !== 'unknown';
    if (news) this.#rename(known, event);
    return number;
  }

  /** Number of an identity that an event tells of without being its own. */
  meet(id: string, event: TokenEvent): number {
    this.#rows.bind(this.#rows.row(id));
    if (this.#record.number === 0) this.#create(id, 'unknown', null, event);
    return this.#record.number;
  }

  /** Notes that a token of this identity was seen, where the event itself did not name the identity. */
  touch(number: number, timeMs: number, workload: number): void {
    this.#rows.bind(this.#rows.row(this.get(number).id));
    this.#note(toSeconds(timeMs), workload);
  }

  addToken(number: number, count: 1 | -1): void {
    if (number === 0) return;
    this.#rows.bind(this.#rows.row(this.get(number).id));
    this.#record.tokens += count;
    this.#rows.markDirty();
  }

  /** Number of an identity's only workload, else 0. */
  workloadOf(number: number): number {
    this.#rows.bind(this.#rows.row(this.get(number).id));
    return (this.#record.flags & severalWorkloads) === 0 ? this.#record.workload : 0;
  }

  /** The number of an identity that was seen, else 0. */
  numberOf(id: string): number {
    const row = this.#rows.find(id);
    if (row < 0) return 0;
    this.#rows.bind(row);
    return this.#record.number;
  }

  get(number: number): KnownIdentity {
    const slot = number & cacheSize - 1;
    const cached = this.#cache[slot];
    if (cached !== undefined && cached.number === number) return cached;
    const text = this.#texts.get(String(number));
    if (text === undefined) throw new Error(`identity ${number} has no entity`);
    return this.#cache[slot] = parse(number, text);
  }

  *all(workloadOf: (number: number) => { id: string; kind: string | null } | null): Iterable<Identity> {
    for (let number = 1; number <= this.#totals.identities; number++) {
      const { id, kind, name, account } = this.get(number);
      this.#rows.bind(this.#rows.row(id));
      const { firstSeenSeconds, lastSeenSeconds, tokens, workload, flags } = this.#record;
      const runs = (flags & severalWorkloads) === 0 ? workloadOf(workload) : null;
      yield {
        id, kind, name, account, firstSeenMs: firstSeenSeconds * 1000, lastSeenMs: lastSeenSeconds * 1000, tokenCount: tokens,
        workloadId: runs?.id ?? null, workloadKind: runs?.kind ?? null, workloadEvidence: runs === null ? null : 'registry',
      };
    }
  }

  #create(id: string, kind: IdentityKind, name: string | null, event: TokenEvent): void {
    const number = ++this.#totals.identities;
    this.#record.number = number;
    this.#record.firstSeenSeconds = this.#record.lastSeenSeconds = toSeconds(event.timeMs);
    const known = { number, id, kind, name, account: event.cloudAccount ?? event.organization };
    this.#save(known);
    this.#cache[number & cacheSize - 1] = known;
  }

  /** Expects the identity's row to be bound. */
  #note(seconds: number, workload: number): void {
    const record = this.#record;
    if (seconds > record.lastSeenSeconds) {
      record.lastSeenSeconds = seconds;
      this.#rows.markDirty();
    }
    if (seconds < record.firstSeenSeconds) {
      record.firstSeenSeconds = seconds;
      this.#rows.markDirty();
    }
    if (workload === 0 || workload === record.workload) return;
    if (record.workload === 0) record.workload = workload;
    else record.flags |= severalWorkloads;
    this.#rows.markDirty();
  }

  #rename(known: KnownIdentity, event: TokenEvent): void {
    known.name ??= event.identityName;
    if (known.kind === 'unknown' && event.identityKind !== null) known.kind = event.identityKind;
    this.#save(known);
  }

  #save({ number, id, kind, name, account }: KnownIdentity): void {
    this.#texts.set(String(number), JSON.stringify([id, kind, name, account]));
  }
}

function parse(number: number, text: string): KnownIdentity {
  const [id, kind, name, account] = JSON.parse(text) as [string, IdentityKind, string | null, string | null];
  return { number, id, kind, name, account };
}
