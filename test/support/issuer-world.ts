import { Coverage } from '../../src/engine/coverage.ts';
import { Issuances, type IssuanceTables, type Missing } from '../../src/engine/issuances.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { PlaceBefore } from '../../src/model/fate.ts';
import { EntityMap } from '../../src/state/entities.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const startMs = Date.UTC(2026, 2, 2);

function copyOf<T>(entities: EntityMap<T>): EntityMap<T> {
  const copy = new EntityMap<T>(entities.kind);
  for (const [key, value] of entities.all()) copy.set(key, structuredClone(value));
  return copy;
}

/** An issuer whose log is read, and a gateway at which its tokens are shown; times in ms from the start. */
export class IssuerWorld {
  readonly coverage = new Coverage(new EntityMap('coverage'));
  readonly seen = new Set<string>();
  tables: IssuanceTables = { issuers: new EntityMap('issuer'), waiting: new EntityMap('unissued'), mints: new EntityMap('mint'), makers: new EntityMap('maker') };
  place: PlaceBefore = 'own';
  issuances: Issuances;

  constructor() {
    this.issuances = this.open();
  }

  open(): Issuances {
    const fates = { formerUseMs: null, placeBefore: () => this.place } as never;
    return new Issuances(this.tables, this.coverage, { issueSeen: (token) => this.seen.has(token), fates });
  }

  /** As after a restart: with what was saved, and nothing else. */
  restart(): void {
    const { issuers, waiting, mints, makers } = this.tables as { [K in keyof IssuanceTables]: EntityMap<never> };
    this.tables = { issuers: copyOf(issuers), waiting: copyOf(waiting), mints: copyOf(mints), makers: copyOf(makers) } as never;
    this.issuances = this.open();
  }

  issue(token: string, atMs: number): void {
    this.seen.add(token);
    const event = Object.assign(emptyEvent('idp', startMs + atMs), {
      issued: token, issuedKind: 'jwt', tokenIssuer: 'https://idp', outcome: 'success', authenticated: true, vantage: 'iam', issuedExpiresAtMs: startMs + atMs + hourMs,
    });
    this.coverage.see('idp', startMs + atMs, token, 'iam');
    this.issuances.see(event);
  }

  use(token: string, atMs: number, more: Partial<TokenEvent> = {}): TokenEvent {
    const issuedAtMs = startMs + atMs - minuteMs;
    const event = Object.assign(emptyEvent('gateway', startMs + atMs), {
      token, tokenKind: 'jwt', tokenIssuer: 'https://idp', outcome: 'success', authenticated: true, identityId: 'shop', issuedAtMs, expiresAtMs: issuedAtMs + hourMs, keyId: 'k1',
    }, more);
    this.issuances.see(event);
    return event;
  }

  /** One token each few minutes, issued and used. */
  traffic(fromMs: number, untilMs: number, everyMs = 3 * minuteMs): void {
    for (let atMs = fromMs; atMs < untilMs; atMs += everyMs) {
      this.issue(`t${atMs}`, atMs);
      this.use(`t${atMs}`, atMs + minuteMs);
    }
  }

  ripe(atMs: number): readonly Missing[] {
    return this.issuances.ripe(startMs + atMs);
  }

  /** A day of traffic with one use in it of a token that was never issued; what is found in the end. */
  story(more: Partial<TokenEvent>): readonly Missing[] {
    this.traffic(0, 20 * hourMs);
    this.use('forged', 20 * hourMs, more);
    this.traffic(20 * hourMs, 22 * hourMs);
    return this.ripe(22 * hourMs);
  }
}

/** Under a key that the issuer never used. */
export const strange = { keyId: 'k9' };

/** A day and more of a token each minute, and in it at once one of each owner that was never issued. */
export function longStory(owners: readonly string[], more: Partial<TokenEvent> = {}): { readonly world: IssuerWorld; readonly found: readonly Missing[] } {
  const world = new IssuerWorld();
  world.traffic(0, 30 * hourMs, minuteMs);
  for (const owner of owners) world.use(`of ${owner}`, 30 * hourMs, { ...more, identityId: owner });
  world.traffic(30 * hourMs, 32 * hourMs, minuteMs);
  return { world, found: world.ripe(32 * hourMs) };
}
