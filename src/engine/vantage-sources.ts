import type { TokenEvent, Vantage } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { rankOf } from './hops.ts';

/** What is known of the logs of one rank: how many of their records named somebody, and how many did not. */
interface RankRecord { named: number; nameless: number }
/** How often records of a source waited for an outer one, and how often that came. */
interface SourceRecord { waited: number; joined: number }
export interface VantageBook { ranks: RankRecord[]; sources: Record<string, SourceRecord>; remembered: number; lacking: boolean }

const key = 'vantages';
const rankCount = 3;
/** From so many records on it is known whether those of a rank name anybody. */
const enough = 20;
/** Waiting is in vain where, of so many that waited, fewer than one in twenty was met. */
const tried = 50;
const worthwhile = 20;
const maxSources = 1_000;
/** Counts are halved there, so that a change is noticed. */
const halvedAt = 1_000;
/** Records remembered while only one vantage is known: should another appear, it finds the requests under way. */
const rememberedAlone = 64;

/** Which vantages there are, whether their logs name tokens, and whose records are worth waiting for. Learned, but for what is configured. */
export class VantageSources {
  readonly #entities: Entities<VantageBook>;
  readonly #book: VantageBook;
  readonly #configured: readonly boolean[];
  #count: number;

  constructor(entities: Entities<VantageBook>, configured: readonly Vantage[]) {
    this.#entities = entities;
    const ranks = Array.from({ length: rankCount }, () => ({ named: 0, nameless: 0 }));
    this.#book = entities.get(key) ?? { ranks, sources: {}, remembered: 0, lacking: false };
    this.#configured = Array.from({ length: rankCount }, (_, rank) => configured.some((vantage) => rankOf(vantage) === rank));
    this.#count = this.#countRanks();
  }

  /** Notes that a log of this rank exists; false where nothing can be joined, as there is no other. */
  see(event: TokenEvent, rank: number): boolean {
    const record = this.#book.ranks[rank] as RankRecord;
    const names = event.token !== null || event.identityId !== null;
    if (names ? record.named < enough : record.nameless < enough) {
      if (names) record.named++;
      else record.nameless++;
      this.#count = this.#countRanks();
      this.#save();
    }
    if (!this.#book.lacking && event.token !== null && event.requestId === null && event.traceId === null && event.urlPath !== null) {
      this.#book.lacking = true;
      this.#save();
    }
    if (this.#count > 1) return true;
    if (this.#book.remembered >= rememberedAlone) return false;
    this.#book.remembered++;
    this.#save();
    return true;
  }

  /** Records came that name a token and no request: then only token, path and time can tell which request they are of. */
  get someLackIds(): boolean {
    return this.#book.lacking;
  }

  /** Is a record of another rank to be expected that says better who called? Outer ones by themselves, inner ones for what names nobody. */
  isWorthWaiting(event: TokenEvent, rank: number): boolean {
    const names = event.token !== null || event.identityId !== null;
    const { waited, joined } = this.#book.sources[event.source] ?? { waited: 0, joined: 0 };
    if (waited >= tried && joined * worthwhile < waited) return false;
    for (let other = 0; other < rankCount; other++) {
      if ((names ? other < rank : other !== rank) && this.#namesTokens(other)) return true;
    }
    return false;
  }

  /** A record of the source waited, and was joined or not. */
  note(source: string, joined: boolean): void {
    const { sources } = this.#book;
    let record = sources[source];
    if (record === undefined) {
      if (Object.keys(sources).length >= maxSources) return;
      record = sources[source] = { waited: 0, joined: 0 };
    }
    record.waited++;
    if (joined) record.joined++;
    if (record.waited >= halvedAt) {
      record.waited >>= 1;
      record.joined >>= 1;
    }
    this.#save();
  }

  #namesTokens(rank: number): boolean {
    const { named, nameless } = this.#book.ranks[rank] as RankRecord;
    return named > 0 || this.#configured[rank] === true && nameless < enough;
  }

  #countRanks(): number {
    return this.#book.ranks.filter(({ named, nameless }, rank) => named + nameless > 0 || this.#configured[rank] === true).length;
  }

  #save(): void {
    this.#entities.set(key, this.#book);
  }
}
