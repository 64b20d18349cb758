import { FingerprintCache } from './fingerprint-cache.ts';
import type { Kin } from './kin.ts';
import type { Links } from './links.ts';
import type { Names } from './names.ts';
import { tokenFlags, type Tokens } from './tokens.ts';

/** Ancestors looked at, at most. A chain of refreshes is longer, but each link knows its first ancestor. */
const maxDepth = 8;
const cacheSize = 4096;
/** Asked of each use while anything is recorded. */
const rootCacheSize = 65_536;

/** What tokens were issued from. */
export class Lineage {
  readonly #tokens: Tokens;
  readonly #names: Names;
  readonly #parents: Links;
  readonly #roots: Links;
  readonly #kin: Kin;
  readonly #parentOf = new FingerprintCache<string>(cacheSize);
  readonly #rootOf = new FingerprintCache<string>(rootCacheSize);
  #seenChanges = 0;

  constructor(tokens: Tokens, names: Names, parents: Links, roots: Links, kin: Kin) {
    this.#tokens = tokens;
    this.#names = names;
    this.#parents = parents;
    this.#roots = roots;
    this.#kin = kin;
  }

  /** Learns what a token was issued from; links that would close a circle are refused. Leaves the token bound. */
  link(token: string, parent: string): void {
    const from = this.#names.resolve(parent) ?? parent;
    const root = this.rootOf(from);
    const closesCircle = from === token || root === token;
    if (!closesCircle) {
      this.#parents.set(token, from);
      this.#kin.noteMinted(from, token);
      this.#parentOf.delete(token);
      this.#forgetRoots(token);
      if (root === from) this.#roots.delete(token);
      else this.#roots.set(token, root);
    }
    this.#tokens.bind(token);
    if (!closesCircle) this.#tokens.setFlag(tokenFlags.hasParent);
  }

  /** Fingerprint of what a token was issued from. Leaves any token bound. */
  parentOf(token: string): string | null {
    if (this.#seenChanges !== this.#names.changes) this.#forgetCached();
    const cached = this.#parentOf.get(token);
    if (cached !== undefined && this.#tokens.bind(cached)) return cached;
    const parent = this.#parents.get(token);
    if (parent === null) return null;
    const resolved = this.#names.resolve(parent) ?? parent;
    // What it was issued from may have turned out to be another name of its own.
    if (resolved === token) return null;
    this.#parentOf.set(token, resolved);
    return resolved;
  }

  /** Fingerprint of the first ancestor known; the token itself when it has none. */
  rootOf(fingerprint: string): string {
    if (this.#seenChanges !== this.#names.changes) this.#forgetCached();
    const cached = this.#rootOf.get(fingerprint);
    if (cached !== undefined) return cached;
    const known = this.#names.resolve(fingerprint);
    const root = this.#findRoot(known ?? fingerprint);
    if (known !== null) this.#rootOf.set(fingerprint, root);
    return root;
  }

  #findRoot(from: string): string {
    let at = from;
    for (let step = 0; step < maxDepth; step++) {
      const next = this.#roots.get(at) ?? this.#parents.get(at);
      if (next === null) return at;
      at = this.#names.resolve(next) ?? next;
    }
    return at;
  }

  /** `goes` is about to become an alias of `stays`, which takes over its parent unless it has one. */
  move(goes: string, stays: string): void {
    this.#forgetRoots(goes);
    this.#forgetRoots(stays);
    const parent = this.#parents.get(goes);
    this.#parents.delete(goes);
    for (const child of this.#kin.minted(goes)) this.#kin.noteMinted(stays, child);
    this.#roots.delete(goes);
    const own = this.parentOf(stays);
    if (own === goes) {
      this.#parents.delete(stays);
      this.#roots.delete(stays);
      this.#tokens.bind(stays);
      this.#tokens.clearFlag(tokenFlags.hasParent);
    } else if (own === null && parent !== null) {
      this.link(stays, parent);
    }
    this.#parentOf.clear();
  }

  /** Of a token, and of whatever was issued from it. */
  #forgetRoots(token: string): void {
    this.#rootOf.delete(token);
    if (this.#kin.minted(token).length > 0) this.#rootOf.clear();
  }

  #forgetCached(): void {
    this.#parentOf.clear();
    this.#rootOf.clear();
    this.#seenChanges = this.#names.changes;
  }
}
