import { isAscii, isUtf8 } from 'node:buffer';
import type { QuarantineReason } from '../../model/quarantine.ts';
import { Kind, literalKind, quote, skipNumber, skipSpace, skipString, startsNumber } from './lexer.ts';
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
  #keyCount = 0;
  #keyNode = nowhere;
  #failure: ReadProblem | null = null;

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
    this.#keyCount = 0;
    return this.#walk();
  }

  /**
   * The loop over values. What it carries from byte to byte has to stay in registers: `container` and
   * `place` describe the innermost open object or array, its trie node and the index of the
   * next element (`inObject` for an object).
   */
  #walk(): ReadProblem | null {
    const { bytes, kinds, starts, ends } = this;
    let at = 0, depth = 0, container = nowhere, place = 0;
    for (;;) {
      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
      let node = root;
      if (place === inObject) {
        at = this.#key(at, container);
        if (at < 0) return this.#failure;
        node = this.#keyNode;
      } else if (depth > 0) {
        node = container === nowhere ? nowhere : this.#trie.place(container, place);
      }
      const first = bytes[at]!;
      if (first === openBrace || first === openBracket) {
        if (depth === this.#limits.depth) return problem('too_deep', `The record is nested deeper than ${this.#limits.depth}.`);
        this.#outerNodes[depth] = container;
        this.#outerPlaces[depth] = place;
        depth += 1;
        container = node;
        place = first === openBrace ? inObject : 0;
        kinds[node] = first === openBrace ? Kind.object : Kind.array;
        starts[node] = at;
        at += 1;
        if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
        if (bytes[at] !== (place === inObject ? closeBrace : closeBracket)) continue;
      } else {
        at = this.#scalar(at, first, node);
        if (at < 0) return this.#failure;
      }
      // Whatever ends here: a comma leads on, a bracket ends one more.
      for (;;) {
        if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
        if (depth === 0) return at === this.#length ? null : this.#malformed(at);
        const byte = bytes[at]!;
        at += 1;
        if (byte === comma) break;
        if (byte !== (place === inObject ? closeBrace : closeBracket)) return this.#malformed(at - 1);
        ends[container] = at;
        depth -= 1;
        container = this.#outerNodes[depth]!;
        place = this.#outerPlaces[depth]!;
      }
      if (place !== inObject) place += 1;
    }
  }

  /** Reads a key and its colon. Position of the value, or -1 with `#failure`; `#keyNode` is where the key leads. */
  #key(from: number, container: number): number {
    const { bytes, view, kinds } = this;
    this.#keyCount += 1;
    if (this.#keyCount > this.#limits.keys) {
      return this.#fail(problem('too_many_keys', `The record has more than ${this.#limits.keys} keys.`));
    }
    if (bytes[from] !== quote) return this.#fail(this.#malformed(from));
    const found = skipString(bytes, view, from + 1);
    const end = found < 0 ? ~found : found;
    if (bytes[end] !== quote) return this.#fail(this.#malformed(end));
    let node = nowhere;
    if (container !== nowhere) {
      node = found < 0 ? this.#findEscaped(container, from, end + 1) : findChild(this.#layout, container, view, from + 1, end);
      if (node !== nowhere && kinds[node] !== Kind.absent) {
        return this.#fail(problem('duplicate_field', `The key ${this.#trie.describe(node)} stands there twice.`));
      }
    }
    this.#keyNode = node;
    let at = end + 1;
    if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
    if (bytes[at] !== colon) return this.#fail(this.#malformed(at));
    at += 1;
    return bytes[at]! <= 0x20 ? skipSpace(bytes, at) : at;
  }

  /** Reads a text, number or word and notes it at its node. Position after it, or -1 with `#failure`. */
  #scalar(start: number, first: number, node: number): number {
    const { bytes } = this;
    let end: number, kind: number;
    if (first === quote) {
      const found = skipString(bytes, this.view, start + 1);
      kind = found < 0 ? Kind.escapedText : Kind.text;
      end = found < 0 ? ~found : found;
      if (bytes[end] !== quote) return this.#fail(this.#malformed(end));
      end += 1;
    } else if (startsNumber(first)) {
      kind = Kind.number;
      end = skipNumber(bytes, start);
      if (end < 0) return this.#fail(this.#malformed(~end));
    } else {
      kind = literalKind(bytes, start);
      if (kind === Kind.absent) return this.#fail(this.#malformed(this.#endOfLetters(start)));
      end = start + (kind === Kind.false ? 5 : 4);
    }
    this.kinds[node] = kind;
    this.starts[node] = start;
    this.ends[node] = end;
    return end;
  }

  #fail(failure: ReadProblem): -1 {
    this.#failure = failure;
    return -1;
  }

  /** A key written with escapes is the key that it stands for. */
  #findEscaped(container: number, start: number, end: number): number {
    const key = Buffer.from(JSON.parse(this.bytes.utf8Slice(start, end)) as string);
    return findChild(this.#layout, container, viewOf(Buffer.concat([key, Buffer.alloc(wordSlack)])), 0, key.length);
  }

  #endOfLetters(at: number): number {
    const rest = this.bytes.toString('latin1', at, Math.min(this.#length, at + 5));
    return rest !== '' && ['true', 'false', 'null'].some((word) => word.startsWith(rest)) ? this.#length : at;
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
