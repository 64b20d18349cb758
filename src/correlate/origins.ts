import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { NameRecord, Taking } from './kept.ts';
import type { Lineage } from './lineage.ts';
import type { Totals } from './state.ts';

/** The logs of two systems may be so far apart. */
const waitMs = 3_600_000;
/** Clocks of two systems. */
const skewMs = 5_000;
const maxNames = 20_000;
const maxOffers = 4;
const maxTakings = 8;

/**
 * Lineage across systems whose logs share a name and no token id: the subject of an outbound token and the session that another cloud
 * opened for it, the two records of a call across accounts. Whichever comes first waits for an hour. A taking is linked to the newest
 * offer that was alive then; where two authorities offer one subject and the taking does not tell whose it was, to none.
 */
export class Origins {
  readonly #entities: Entities<NameRecord>;
  readonly #lineage: Lineage;
  readonly #totals: Totals;
  /** By name, the one untouched for longest first. */
  readonly #names = new Map<string, NameRecord>();

  constructor(entities: Entities<NameRecord>, lineage: Lineage, totals: Totals) {
    this.#entities = entities;
    this.#lineage = lineage;
    this.#totals = totals;
    for (const [name, record] of [...entities.all()].sort(([, a], [, b]) => a.touchedMs - b.touchedMs)) this.#names.set(name, record);
  }

  /** `token` is the presented one's own fingerprint; `event.issued` that of the issued one. */
  learn(event: TokenEvent, token: string | null): void {
    const about = event.issued ?? token;
    if (about === null || event.authenticated !== true || event.outcome === 'failure') return;
    if (event.offers !== null) this.#offer(event.offers, about, event);
    if (event.takes !== null) this.#take(event.takes, about, event);
  }

  #offer(name: string, token: string, event: TokenEvent): void {
    const record = this.#touch(name, event.orderMs);
    const untilMs = (event.issued === null ? event.expiresAtMs : event.issuedExpiresAtMs) ?? event.timeMs + waitMs;
    const others = record.offers.filter((known) => known.token !== token);
    const offers = [...others, { token, fromMs: event.timeMs, untilMs, issuer: authority(event.linkIssuer) }];
    record.offers = offers.sort((a, b) => a.fromMs - b.fromMs).slice(-maxOffers);
    for (const taking of record.takings) this.#link(record, taking);
    this.#entities.set(name, record);
  }

  #take(name: string, token: string, event: TokenEvent): void {
    const record = this.#touch(name, event.orderMs);
    let taking = record.takings.find((known) => known.token === token);
    if (taking === undefined) {
      taking = { token, atMs: event.timeMs, issuer: authority(event.linkIssuer), parentMs: 0 };
      record.takings = [...record.takings, taking].slice(-maxTakings);
    } else if (event.issued === null && event.timeMs > taking.atMs) {
      // A session that goes on under one name may by now rest on a newer offer.
      const later = { ...taking, atMs: event.timeMs };
      record.takings = record.takings.map((known) => (known === taking ? later : known));
      taking = later;
    }
    this.#link(record, taking);
    this.#entities.set(name, record);
  }

  #link({ offers }: NameRecord, taking: Taking): void {
    const alive = offers.filter(({ token, fromMs, untilMs, issuer }) => token !== taking.token && fromMs <= taking.atMs + skewMs
      && untilMs >= taking.atMs && (issuer === null || taking.issuer === null || issuer === taking.issuer));
    if (taking.issuer === null && new Set(alive.flatMap(({ issuer }) => issuer ?? [])).size > 1) return;
    const newest = alive.at(-1);
    if (newest === undefined || newest.fromMs <= taking.parentMs) return;
    taking.parentMs = newest.fromMs;
    this.#lineage.link(taking.token, newest.token);
  }

  #touch(name: string, nowMs: number): NameRecord {
    const record = this.#names.get(name) ?? { offers: [], takings: [], touchedMs: nowMs };
    record.touchedMs = Math.max(record.touchedMs, nowMs);
    record.offers = record.offers.filter(({ untilMs }) => nowMs - untilMs <= waitMs);
    record.takings = record.takings.filter(({ atMs }) => nowMs - atMs <= waitMs);
    this.#names.delete(name);
    this.#names.set(name, record);
    this.#makeRoom(nowMs);
    return record;
  }

  #makeRoom(nowMs: number): void {
    for (const [name, { touchedMs }] of this.#names) {
      const isOver = this.#names.size > maxNames;
      if (!isOver && nowMs - touchedMs <= 2 * waitMs) return;
      this.#names.delete(name);
      this.#entities.delete(name);
      if (isOver) this.#totals.linksDropped++;
    }
  }
}

/** One authority, however a log writes it: `https://host/path/`, `host/path`, or an AWS provider's ARN that ends in it. */
function authority(issuer: string | null): string | null {
  if (issuer === null) return null;
  const provider = issuer.indexOf(':oidc-provider/');
  const bare = provider >= 0 ? issuer.slice(provider + 15) : issuer.replace(/^https?:\/\//, '');
  return bare.endsWith('/') ? bare.slice(0, -1) : bare;
}
