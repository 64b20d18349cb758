import type { TokenEvent } from '../model/event.ts';
import type { ExactMatch } from '../model/exception.ts';

interface Entry<T> { readonly match: ExactMatch; readonly value: T }

const nothing: readonly never[] = [];

/** Values by whom they are about: an exact handle, identity or client, found with one look-up each. */
export class ExactIndex<T> {
  readonly #byHandle = new Map<string, Entry<T>[]>();
  readonly #byIdentity = new Map<string, Entry<T>[]>();
  readonly #byClient = new Map<string, Entry<T>[]>();
  #isEmpty = true;

  clear(): void {
    for (const map of [this.#byHandle, this.#byIdentity, this.#byClient]) map.clear();
    this.#isEmpty = true;
  }

  /** A match without any key would be everybody, and is left out. */
  add(match: ExactMatch, value: T): void {
    const { handle, identity, client } = match;
    // The most precise key finds the entry; the others are checked when it is found.
    const [map, key] = handle !== undefined ? [this.#byHandle, handle] : identity !== undefined ? [this.#byIdentity, identity] : [this.#byClient, client];
    if (key === undefined) return;
    const entries = map.get(key);
    if (entries === undefined) map.set(key, [{ match, value }]); else entries.push({ match, value });
    this.#isEmpty = false;
  }

  find(event: TokenEvent): readonly T[] {
    if (this.#isEmpty) return nothing;
    const { tokenHandle, identityId, userName, userId } = event;
    const found = joined(this.#byHandle, tokenHandle, joined(this.#byIdentity, identityId, joined(this.#byClient, userName, nothing)));
    const all = userId === userName ? found : joined(this.#byClient, userId, found);
    return all.length === 0 ? nothing : all.filter(({ match }) => isMeant(match, event)).map(({ value }) => value);
  }
}

/** Nearly always nothing is found, and nothing allocated. */
function joined<T>(map: ReadonlyMap<string, readonly T[]>, key: string | null, found: readonly T[]): readonly T[] {
  const entries = key === null ? undefined : map.get(key);
  if (entries === undefined) return found;
  return found.length === 0 ? entries : [...entries, ...found];
}

function isMeant({ handle, identity, client }: ExactMatch, event: TokenEvent): boolean {
  return (handle === undefined || handle === event.tokenHandle) && (identity === undefined || identity === event.identityId)
    && (client === undefined || client === event.userName || client === event.userId);
}
