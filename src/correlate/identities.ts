import type { IdentityKind, TokenEvent } from '../model/event.ts';
import type { Identity } from '../model/token.ts';
import type { Entities, Rows } from '../state/port.ts';
import { part, toSeconds, type identityLayout, type IdentityRecord, type Totals } from './state.ts';

/** What an identity is called, which is an entity, and the part of its row that most events ask for. */
export interface KnownIdentity {
  readonly number: number;
  readonly id: string;
  kind: IdentityKind;
  name: string | null;
  account: string | null;
  /** As in the row. */
  lastSeenSeconds: number;
  /** Number of its only workload, 0 for none or several. */
  workload: number;
  /** There is a record of what became of it. */
  hasFate: boolean;
  /** Its row, while the table is of that generation. */
  row: number;
  generation: number;
}

/** Identities at hand: a power of two. */
const cacheSize = 16_384;
/** Set once two workloads were seen with one identity: then it says nothing of a token's workload. */
const severalWorkloads = 1;
const fateNoted = 2;

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

  /**
   * Number of the event's identity, registered and noted as seen. `event.identityId` must be there;
   * `expected` is a number that it is likely to have, or 0, and spares a look-up.
   */
  see(event: TokenEvent, workload: number, expected: number): number {
    const id = event.identityId as string;
    const likely = expected === 0 ? null : this.get(expected);
    const known = likely !== null && likely.id === id ? likely : this.#meet(id, event.identityKind ?? 'unknown', event.identityName, event);
    this.#note(known, event, workload);
    const namesIt = known.name === null && event.identityName !== null;
    const tellsKind = known.kind === 'unknown' && event.identityKind !== null && event.identityKind !== 'unknown';
    if (namesIt || tellsKind) this.#rename(known, event);
    return known.number;
  }

  /** Number of an identity that an event tells of without being its own. */
  meet(id: string, event: TokenEvent): number {
    return this.#meet(id, 'unknown', null, event).number;
  }

  /** Notes that a token of this identity was seen, where the event itself did not name the identity. */
  touch(number: number, event: TokenEvent, workload: number): void {
    this.#note(this.get(number), event, workload);
  }

  /** From here on there is a record of what became of it. */
  noteFate(number: number): void {
    const known = this.get(number);
    if (known.hasFate) return;
    this.#bind(known);
    known.hasFate = true;
    this.#record.flags |= fateNoted;
    this.#rows.markDirty();
  }

  /** Was it seen with more than one workload? */
  hasSeveralWorkloads(number: number): boolean {
    this.#bind(this.get(number));
    return (this.#record.flags & severalWorkloads) !== 0;
  }

  addToken(number: number, count: 1 | -1): void {
    if (number === 0) return;
    this.#bind(this.get(number));
    this.#record.tokens += count;
    this.#rows.markDirty();
  }

  /** The number of an identity that was seen, else 0. */
  numberOf(id: string): number {
    const row = this.#rows.find(id);
    if (row < 0) return 0;
    this.#rows.bind(row);
    return this.#record.number;
  }

  /** When an identity was first seen, ms in whole seconds; `null`: it was not. */
  sinceMs(id: string): number | null {
    const row = this.#rows.find(id);
    if (row < 0) return null;
    this.#rows.bind(row);
    return this.#record.firstSeenSeconds * 1000;
  }

  get(number: number): KnownIdentity {
    const slot = number & cacheSize - 1;
    const cached = this.#cache[slot];
    if (cached !== undefined && cached.number === number) return cached;
    return this.#cache[slot] = this.#load(number);
  }

  find(id: string, workloadOf: (number: number) => { id: string; kind: string | null } | null): Identity | null {
    const number = this.numberOf(id);
    return number === 0 ? null : this.#describe(number, workloadOf);
  }

  *all(workloadOf: (number: number) => { id: string; kind: string | null } | null): Iterable<Identity> {
    for (let number = 1; number <= this.#totals.identities; number++) yield this.#describe(number, workloadOf);
  }

  /** Everything that is known of one, for people. */
  #describe(number: number, workloadOf: (number: number) => { id: string; kind: string | null } | null): Identity {
    const { id, kind, name, account } = this.get(number);
    this.#rows.bind(this.#rows.row(id));
    const { firstSeenSeconds, lastSeenSeconds, tokens, workload, flags } = this.#record;
    const runs = (flags & severalWorkloads) === 0 ? workloadOf(workload) : null;
    return {
      id, kind, name, account, firstSeenMs: firstSeenSeconds * 1000, lastSeenMs: lastSeenSeconds * 1000, tokenCount: tokens,
      workloadId: runs?.id ?? null, workloadKind: runs?.kind ?? null, workloadEvidence: runs === null ? null : 'registry',
    };
  }

  #meet(id: string, kind: IdentityKind, name: string | null, event: TokenEvent): KnownIdentity {
    this.#rows.bind(this.#rows.row(id));
    return this.#record.number === 0 ? this.#create(id, kind, name, event) : this.get(this.#record.number);
  }

  /** Expects the new row to be bound. */
  #create(id: string, kind: IdentityKind, name: string | null, event: TokenEvent): KnownIdentity {
    const number = ++this.#totals.identities;
    const seconds = toSeconds(event.timeMs);
    this.#record.number = number;
    this.#record.firstSeenSeconds = this.#record.lastSeenSeconds = seconds;
    const account = event.cloudAccount ?? event.organization;
    const known = { number, id, kind, name, account, lastSeenSeconds: seconds, workload: 0, hasFate: false, row: -1, generation: -1 };
    this.#save(known);
    return this.#cache[number & cacheSize - 1] = known;
  }

  #load(number: number): KnownIdentity {
    const text = this.#texts.get(String(number));
    if (text === undefined) throw new Error(`identity ${number} has no entity`);
    const [id, kind, name, account] = JSON.parse(text) as [string, IdentityKind, string | null, string | null];
    this.#rows.bind(this.#rows.row(id));
    const { lastSeenSeconds, workload, flags } = this.#record;
    const only = (flags & severalWorkloads) === 0 ? workload : 0;
    return { number, id, kind, name, account, lastSeenSeconds, workload: only, hasFate: (flags & fateNoted) !== 0, row: -1, generation: -1 };
  }

  #bind(known: KnownIdentity): void {
    if (known.generation !== this.#rows.generation) {
      known.row = this.#rows.row(known.id);
      known.generation = this.#rows.generation;
    }
    this.#rows.bind(known.row);
  }

  /** Most events bring nothing new within a second: then the row is not touched. */
  #note(known: KnownIdentity, event: TokenEvent, workload: number): void {
    const seconds = toSeconds(event.timeMs);
    if (seconds === known.lastSeenSeconds && (workload === 0 || workload === known.workload)) return;
    const record = this.#record;
    this.#bind(known);
    record.lastSeenSeconds = known.lastSeenSeconds = Math.max(seconds, record.lastSeenSeconds);
    if (seconds < record.firstSeenSeconds) record.firstSeenSeconds = seconds;
    if (workload !== 0 && record.workload === 0) record.workload = workload;
    else if (workload !== 0 && workload !== record.workload) record.flags |= severalWorkloads;
    known.workload = (record.flags & severalWorkloads) === 0 ? record.workload : 0;
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
