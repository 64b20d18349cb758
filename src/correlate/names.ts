import { FingerprintCache } from './fingerprint-cache.ts';
import type { Links } from './links.ts';
import type { Tokens } from './tokens.ts';

/** Aliases followed, at most, from an id to its token. */
const maxSteps = 8;
/** Other ids looked at, of those that one event names. */
export const maxAliases = 16;
const cacheSize = 65_536;

/** Which token an id belongs to. The id that was seen first is the token's own; the others are aliases of it. */
export class Names {
  /** Raised when an id came to mean another token than before. */
  changes = 0;
  readonly #tokens: Tokens;
  readonly #aliases: Links;
  readonly #resolved = new FingerprintCache<string>(cacheSize);

  constructor(tokens: Tokens, aliases: Links) {
    this.#tokens = tokens;
    this.#aliases = aliases;
  }

  /** The token that an id belongs to, which is then bound; `null`, and nothing changed, when nobody knows it. */
  resolve(id: string): string | null {
    if (this.#tokens.bind(id)) return id;
    const cached = this.#resolved.get(id);
    if (cached !== undefined && this.#tokens.bind(cached)) return cached;
    let at = this.#aliases.get(id);
    for (let step = 0; step < maxSteps && at !== null; step++) {
      if (this.#tokens.bind(at)) {
        this.#resolved.set(id, at);
        return at;
      }
      at = this.#aliases.get(at);
    }
    return null;
  }

  /** The token of an id or, when nobody knows that, of the first known of its aliases. */
  resolveAny(id: string, aliases: readonly string[] | null): string | null {
    let token = this.resolve(id);
    const count = aliases === null ? 0 : Math.min(aliases.length, maxAliases);
    for (let i = 0; token === null && i < count; i++) token = this.resolve(aliases?.[i] as string);
    return token;
  }

  /** True when the id was lately found to be an alias of the token: spares `resolve`. */
  isKnownAlias(id: string, token: string): boolean {
    return this.#resolved.get(id) === token;
  }

  /** From now on `id` means `token`. */
  alias(id: string, token: string): void {
    if (id === token) return;
    if (this.#aliases.get(id) !== null) this.changes++;
    this.#aliases.set(id, token);
    this.#resolved.set(id, token);
    this.#tokens.rememberAlias(token, id);
  }

  /** Makes `id` stand for a token of its own again, because it was issued apart. */
  split(id: string): void {
    this.#aliases.delete(id);
    this.#resolved.clear();
    this.changes++;
  }
}
