import { isAscii, isUtf8 } from 'node:buffer';
import type { QuarantineReason } from '../../model/quarantine.ts';
import { Kind, bareKind, blank, letterF, quote, skipNumber, skipSpace, skipString, skipWord } from './lexer.ts';
import { findChild, nowhere, root } from './trie.ts';
import type { Trie, TrieLayout } from './trie.ts';
import { viewOf, wordSlack } from './words.ts';

/** Why a record could not be read. The detail never quotes the record. */
export interface ReadProblem { readonly reason: QuarantineReason; readonly detail: string }

export interface Limits { readonly bytes: number; readonly depth: number; readonly keys: number }
export const defaultLimits: Limits = { bytes: 1_048_576, depth: 32, keys: 2048 };

const comma = 0x2c, colon = 0x3a, openBrace = 0x7b, closeBrace = 0x7d, openBracket = 0x5b, closeBracket = 0x5d;
const inObject = -1;

/**
 * One pass over the bytes of a JSON record: checks it as strictly as `JSON.parse` (RFC 8259), keeps the
 * limits, and notes where the values stand that the trie's paths lead to. It builds no
 * objects. `kinds`, `starts` and `ends` are indexed by trie node and speak of the last record scanned;
 * what leads nowhere is noted at node `nowhere`, which nobody asks. Positions are in `bytes`, where a
 * zero byte follows the record so that no loop needs to look at the length.
 */
export class Scanner {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** True when the record holds no byte above 127. */
  ascii = true;
  readonly #trie: Trie;
  readonly #layout: TrieLayout;
  readonly #limits: Limits;
  readonly #outerNodes: Int32Array;
  readonly #outerPlaces: Int32Array;
  #length = 0;

  constructor(trie: Trie, limits: Limits = defaultLimits) {
    this.#trie = trie;
    this.#layout = trie.freeze();
    this.#limits = limits;
    this.bytes = Buffer.alloc(limits.bytes + wordSlack);
    this.view = viewOf(this.bytes);
    this.kinds = new Uint8Array(trie.size);
    this.starts = new Int32Array(trie.size);
    this.ends = new Int32Array(trie.size);
    this.#outerNodes = new Int32Array(limits.depth + 1);
    this.#outerPlaces = new Int32Array(limits.depth + 1);
  }

  /** Takes up the next record: copies it, then walks it. `null` when it is good. */
  scan(record: Uint8Array): ReadProblem | null {
    this.kinds.fill(Kind.absent);
    if (record.length > this.#limits.bytes) return problem('too_large', `The record is longer than ${this.#limits.bytes} bytes.`);
    this.ascii = isAscii(record);
    if (!this.ascii && !isUtf8(record)) return problem('invalid_utf8', 'The record is not valid UTF-8.');
    this.bytes.set(record);
    this.bytes[record.length] = 0;
    this.#length = record.length;
    return this.#walk();
  }

  /**
   * The loop over values. It is one function because what it carries from byte to byte has to stay in registers:
   * `container` and `place` describe the innermost open object or array, its trie node and the index of
   * the next element (`inObject` for an object).
   */
  #walk(): ReadProblem | null {
    const { bytes, view, kinds, starts, ends } = this;
    const layout = this.#layout;
    let at = 0, depth = 0, container = nowhere, place = 0, keysLeft = this.#limits.keys;
    for (;;) {
      if (bytes[at]! <= blank) at = skipSpace(bytes, at);
      let node = root;
      if (place === inObject) {
        if ((keysLeft -= 1) < 0) return this.#beyond('too_many_keys', 'keys');
        if (bytes[at] !== quote) return this.#malformed(at);
        const found = skipString(bytes, view, at + 1);
        const end = found < 0 ? ~found : found;
        if (bytes[end] !== quote) return this.#malformed(end);
        if (container === nowhere) node = nowhere;
        else node = found < 0 ? this.#findEscaped(container, at, end + 1) : findChild(layout, container, view, at + 1, end);
        if (node !== nowhere && kinds[node] !== Kind.absent) return this.#twice(node);
        at = end + 1;
        if (bytes[at]! <= blank) at = skipSpace(bytes, at);
        if (bytes[at] !== colon) return this.#malformed(at);
        at += 1;
        if (bytes[at]! <= blank) at = skipSpace(bytes, at);
      } else if (depth > 0) {
        node = container === nowhere ? nowhere : this.#trie.place(container, place);
      }
      const first = bytes[at]!;
      starts[node] = at;
      if (first === quote) {
        const found = skipString(bytes, view, at + 1);
        kinds[node] = found < 0 ? Kind.escapedText : Kind.text;
        at = found < 0 ? ~found : found;
        if (bytes[at] !== quote) return this.#malformed(at);
        ends[node] = at += 1;
      } else if (first === openBrace || first === openBracket) {
        if (depth === this.#limits.depth) return this.#beyond('too_deep', 'depth');
        this.#outerNodes[depth] = container;
        this.#outerPlaces[depth] = place;
        depth += 1;
        container = node;
        place = first === openBrace ? inObject : 0;
        kinds[node] = place === inObject ? Kind.object : Kind.array;
        at += 1;
        if (bytes[at]! <= blank) at = skipSpace(bytes, at);
        if (bytes[at] !== (place === inObject ? closeBrace : closeBracket)) continue;
      } else {
        kinds[node] = bareKind[first]!;
        at = first >= letterF ? skipWord(bytes, at) : skipNumber(bytes, at);
        if (at < 0) return this.#malformed(~at);
        ends[node] = at;
      }
      // What ends here: a comma leads on to the next value, a bracket ends one more.
      for (;;) {
        if (bytes[at]! <= blank) at = skipSpace(bytes, at);
        if (depth === 0) return at === this.#length ? null : this.#malformed(at);
        if (bytes[at] === comma) break;
        if (bytes[at] !== (place === inObject ? closeBrace : closeBracket)) return this.#malformed(at);
        ends[container] = at += 1;
        depth -= 1;
        container = this.#outerNodes[depth]!;
        place = this.#outerPlaces[depth]!;
      }
      at += 1;
      if (place !== inObject) place += 1;
    }
  }

  /** A key written with escapes is the key that it stands for. */
  #findEscaped(container: number, start: number, end: number): number {
    const key = Buffer.from(JSON.parse(this.bytes.utf8Slice(start, end)) as string);
    return findChild(this.#layout, container, viewOf(Buffer.concat([key, Buffer.alloc(wordSlack)])), 0, key.length);
  }

  #twice(node: number): ReadProblem {
    return problem('duplicate_field', `The key ${this.#trie.describe(node)} stands there twice.`);
  }

  #beyond(reason: QuarantineReason, limit: 'keys' | 'depth'): ReadProblem {
    return problem(reason, `The record has more than ${this.#limits[limit]} ${limit === 'keys' ? 'keys' : 'levels'}.`);
  }

  #malformed(at: number): ReadProblem {
    return at >= this.#length
      ? problem('truncated', 'The record ends before its JSON does.')
      : problem('invalid_json', `The record is not valid JSON at byte ${at}.`);
  }
}

function problem(reason: QuarantineReason, detail: string): ReadProblem {
  return { reason, detail };
}
