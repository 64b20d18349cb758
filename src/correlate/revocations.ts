import type { TokenKind } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import { FingerprintCache } from './fingerprint-cache.ts';
import type { Lineage } from './lineage.ts';
import type { Names } from './names.ts';
import type { Totals } from './state.ts';
import { tokenFlags, type Tokens } from './tokens.ts';

/** Revoked ids of which no token is known. */
const maxIds = 20_000;
/** Ancestors looked at. */
const maxDepth = 8;
const cacheSize = 4096;
/** What ends with them is all that came of them: `none` is a grant, which is no token itself. Keys only open the door: sessions go on. */
const endsChildren: ReadonlySet<TokenKind> = new Set(['none', 'vault', 'refresh', 'session']);

/**
 * Revocations beyond the token that a record names: those of ids that are no token yet, or never will be (a grant, a lease read later),
 * and those that reach a token through what it was issued from.
 */
export class Revocations {
  /** Raised whenever something was revoked. */
  changes = 1;
  readonly #saved: Entities<number>;
  readonly #tokens: Tokens;
  readonly #names: Names;
  readonly #lineage: Lineage;
  readonly #totals: Totals;
  /** Id -> seconds, oldest first. */
  readonly #ids = new Map<string, number>();
  /** When a token was last found to be no heir of a revocation. */
  readonly #checked = new FingerprintCache<number>(cacheSize);

  constructor(saved: Entities<number>, tokens: Tokens, names: Names, lineage: Lineage, totals: Totals) {
    this.#saved = saved;
    this.#tokens = tokens;
    this.#names = names;
    this.#lineage = lineage;
    this.#totals = totals;
    for (const [id, seconds] of [...saved.all()].sort(([, a], [, b]) => a - b)) this.#ids.set(id, seconds);
  }

  /** An id was revoked; where nobody knows a token by it, it may be told later what that was, if an authenticator vouched for the call. */
  revoke(id: string, seconds: number, proven: boolean): void {
    this.changes++;
    const token = this.#names.resolve(id);
    if (token !== null && this.#tokens.bind(token)) this.#end(seconds);
    else if (proven) this.#keep(id, seconds);
  }

  /** The id turned out to be the bound token's: what was revoked is this token. */
  claim(id: string): void {
    if (this.#ids.size === 0) return;
    const seconds = this.#ids.get(id);
    if (seconds === undefined) return;
    this.#forget(id);
    this.#end(seconds);
  }

  /** The bound token ends with what it was issued from. Cheap where nothing was revoked since it was asked last. Leaves the token bound. */
  inherit(token: string): void {
    const { record } = this.#tokens;
    if (record.revokedSeconds !== 0 || !this.#tokens.flag(tokenFlags.hasParent) || this.#checked.get(token) === this.changes) return;
    const seconds = this.ofAncestors(token);
    this.#tokens.bind(token);
    if (seconds === 0) this.#checked.set(token, this.changes);
    else this.#end(seconds);
  }

  /** When the first ancestor was revoked whose end is the token's as well, in seconds; 0: none was. Leaves any token bound. */
  ofAncestors(token: string): number {
    const { record } = this.#tokens;
    if (!this.#tokens.bind(token) || this.#tokens.kind === 'temporary_key') return 0;
    const bornSeconds = record.issuedMs > 0 ? Math.floor(record.issuedMs / 1000) : record.firstSeenSeconds;
    let at = this.#lineage.parentOf(token);
    for (let step = 0; step < maxDepth && at !== null; step++) {
      const isToken = this.#tokens.bind(at);
      const seconds = isToken ? endsChildren.has(this.#tokens.kind) ? record.revokedSeconds : 0 : this.#ids.get(at) ?? 0;
      // What was issued later belongs to another grant under the same name.
      if (seconds >= bornSeconds && seconds > 0) return seconds;
      at = this.#lineage.parentOf(at);
    }
    return 0;
  }

  #keep(id: string, seconds: number): void {
    const known = this.#ids.get(id);
    if (known !== undefined && known <= seconds) return;
    this.#ids.set(id, seconds);
    this.#saved.set(id, seconds);
    if (this.#ids.size <= maxIds) return;
    const [oldest] = this.#ids.keys();
    this.#forget(oldest as string);
    this.#totals.linksDropped++;
  }

  #end(seconds: number): void {
    const { record } = this.#tokens;
    if (record.revokedSeconds !== 0 && record.revokedSeconds <= seconds) return;
    record.revokedSeconds = seconds;
    this.#tokens.markDirty();
  }

  #forget(id: string): void {
    this.#ids.delete(id);
    this.#saved.delete(id);
  }
}
