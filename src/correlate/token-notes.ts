import type { ScopeGrowth, Sighting } from '../model/credential.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { toSeconds } from './state.ts';
import type { Tokens } from './tokens.ts';

/** Places in logs that are told apart for one holder; scopes that are remembered of one token. */
const maxPlaces = 8;
const maxScopes = 32;

/**
 * Rare facts of tokens, by the holder of their uses (a long-lived token, else the identity): where the secret itself stood in a log, and
 * scopes that a token did not show at first.
 */
export class TokenNotes {
  readonly #sightings: Entities<Sighting[]>;
  readonly #growth: Entities<ScopeGrowth[]>;
  readonly #tokens: Tokens;

  constructor(sightings: Entities<Sighting[]>, growth: Entities<ScopeGrowth[]>, tokens: Tokens) {
    this.#sightings = sightings;
    this.#growth = growth;
    this.#tokens = tokens;
  }

  /** A log held the secret in a field. Beyond the bound, further places are not told apart: they count for the last one. */
  seenIn(holder: string, { source, orderMs }: TokenEvent, field: string): void {
    const timeMs = toSeconds(orderMs) * 1000;
    const places = this.#sightings.get(holder) ?? [];
    let at = places.findIndex((place) => place.source === source && place.field === field);
    if (at < 0 && places.length >= maxPlaces) at = maxPlaces - 1;
    const known = places[at];
    if (known === undefined) places.push({ source, field, count: 1, firstMs: timeMs, lastMs: timeMs });
    else places[at] = { ...known, count: known.count + 1, firstMs: Math.min(known.firstMs, timeMs), lastMs: Math.max(known.lastMs, timeMs) };
    this.#sightings.set(holder, places);
  }

  /** A long-lived token showed these scopes. Mostly they are those that it showed first; false where those are not known. */
  scopes(holder: string, token: string, scopes: readonly string[], timeMs: number): boolean {
    const first = this.#tokens.texts(token).scopes;
    if (first === null) return false;
    if (!scopes.every((scope) => first.includes(scope))) this.#grow(holder, scopes.filter((scope) => !first.includes(scope)), timeMs);
    return true;
  }

  #grow(holder: string, scopes: readonly string[], timeMs: number): void {
    const known = this.#growth.get(holder) ?? [];
    const seen = new Set(known.flatMap((growth) => growth.scopes));
    const added = scopes.filter((scope) => !seen.has(scope)).slice(0, maxScopes - seen.size);
    if (added.length === 0) return;
    known.push({ scopes: added, atMs: toSeconds(timeMs) * 1000 });
    this.#growth.set(holder, known);
  }

  sightingsOf(holder: string): readonly Sighting[] {
    return this.#sightings.get(holder) ?? [];
  }

  growthOf(holder: string): readonly ScopeGrowth[] {
    return this.#growth.get(holder) ?? [];
  }
}
