import { isAscii, isUtf8 } from 'node:buffer';
import type { QuarantineReason } from '../../model/quarantine.ts';
import { findChild, nowhere, root } from './trie.ts';
import type { Trie, TrieLayout } from './trie.ts';
import { endOfPlain, viewOf, wordSlack } from './words.ts';

/** Why a record could not be read. The detail never quotes the record. */
export interface ReadProblem { readonly reason: QuarantineReason; readonly detail: string }

export interface Limits { readonly bytes: number; readonly depth: number; readonly keys: number }
export const defaultLimits: Limits = { bytes: 1_048_576, depth: 32, keys: 2048 };

/** What stands at a node of the current record. `escapedText` holds backslashes. */
export const Kind = { absent: 0, text: 1, escapedText: 2, number: 3, true: 4, false: 5, null: 6, object: 7, array: 8 } as const;

const quote = 0x22, backslash = 0x5c, comma = 0x2c, colon = 0x3a, minus = 0x2d, point = 0x2e, plus = 0x2b, zero = 0x30;
const openBrace = 0x7b, closeBrace = 0x7d, openBracket = 0x5b, closeBracket = 0x5d, letterU = 0x75;

const space = tableOf(' \t\n\r');
const digit = tableOf('0123456789');
const hexDigit = tableOf('0123456789abcdefABCDEF');
const escapable = tableOf('"\\/bfnrtu');

const inObject = -1;

/**
 * One pass over the bytes of a JSON record: checks it as strictly as `JSON.parse` (RFC 8259), keeps the
 * limits, and notes where the values stand that the trie's paths lead to. It builds no
 * objects. `kinds`, `starts` and `ends` are indexed by trie node and speak of the last record scanned;
 * positions are in `bytes`, where a zero byte follows the record so that no loop needs to look at the length.
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
   * The loop over values. It is one function because what it carries from byte to byte has to stay
   * in registers. `container` and `place` describe the innermost open object or array:
   * its trie node, and the index of the next element (`inObject` for an object).
   */
  #walk(): ReadProblem | null {
    const { bytes, view, kinds, starts, ends } = this;
    const trie = this.#trie;
    const layout = this.#layout;
    const maxKeys = this.#limits.keys;
    let at = 0, depth = 0, keys = 0;
    let container = nowhere, place = 0;
    for (;;) {
      let node = root;
      if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
      if (place === inObject) {
        if ((keys += 1) > maxKeys) return problem('too_many_keys', `The record has more than ${this.#limits.keys} keys.`);
        if (bytes[at] !== quote) return this.#malformed(at);
        const start = at + 1;
        const end = skipString(bytes, view, start);
        if (end < 0 && bytes[~end] !== quote) return this.#malformed(~end);
        at = (end < 0 ? ~end : end) + 1;
        node = container === nowhere ? nowhere : end < 0 ? this.#findEscaped(container, start, ~end) : findChild(layout, container, view, start, end);
        if (node !== nowhere && kinds[node] !== Kind.absent) return problem('duplicate_field', `The key ${trie.describe(node)} stands there twice.`);
        if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
        if (bytes[at] !== colon) return this.#malformed(at);
        at += 1;
        if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
      } else if (depth > 0) {
        node = container === nowhere ? nowhere : trie.place(container, place);
      }

      const start = at;
      const first = bytes[at]!;
      let kind: number;
      if (first === quote) {
        const end = skipString(bytes, view, at + 1);
        if (end >= 0) {
          at = end + 1;
          kind = Kind.text;
        } else {
          at = ~end;
          if (bytes[at] !== quote) return this.#malformed(at);
          at += 1;
          kind = Kind.escapedText;
        }
      } else if (first === openBrace || first === openBracket) {
        if (depth === this.#limits.depth) return problem('too_deep', `The record is nested deeper than ${this.#limits.depth}.`);
        this.#outerNodes[depth] = container;
        this.#outerPlaces[depth] = place;
        depth += 1;
        container = node;
        place = first === openBrace ? inObject : 0;
        if (node !== nowhere) {
          kinds[node] = first === openBrace ? Kind.object : Kind.array;
          starts[node] = start;
        }
        at += 1;
        if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
        if (bytes[at] !== (place === inObject ? closeBrace : closeBracket)) continue;
        node = nowhere;
        kind = Kind.absent;
      } else if (digit[first] === 1 || first === minus) {
        const end = skipNumber(bytes, at);
        if (end < 0) return this.#malformed(~end);
        at = end;
        kind = Kind.number;
      } else {
        kind = literalKind(bytes, at);
        if (kind === Kind.absent) return this.#malformed(this.#endOfLetters(at));
        at += kind === Kind.false ? 5 : 4;
      }
      if (node !== nowhere) {
        kinds[node] = kind;
        starts[node] = start;
        ends[node] = at;
      }

      for (;;) {
        if (bytes[at]! <= 0x20) at = skipSpace(bytes, at);
        if (depth === 0) return at === this.#length ? null : this.#malformed(at);
        const byte = bytes[at]!;
        if (byte === comma) break;
        if (byte !== (place === inObject ? closeBrace : closeBracket)) return this.#malformed(at);
        at += 1;
        if (container !== nowhere) ends[container] = at;
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
    const key = Buffer.from(JSON.parse(this.bytes.toString('utf8', start - 1, end + 1)) as string);
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

/** Position of the closing quote; its complement when there were escapes, or when another byte than a quote stands there. */
function skipString(bytes: Uint8Array, view: DataView, from: number): number {
  const at = endOfPlain(view, from);
  return bytes[at] === quote ? at : ~skipEscapes(bytes, view, at);
}

function skipEscapes(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from;
  while (bytes[at] === backslash) {
    at += 1;
    if (escapable[bytes[at]!] !== 1) return at;
    const isUnicode = bytes[at] === letterU;
    at += 1;
    for (let digits = 0; isUnicode && digits < 4; digits += 1, at += 1) {
      // A quote here would pass for the closing one.
      if (hexDigit[bytes[at]!] !== 1) return bytes[at] === quote ? at - 1 : at;
    }
    at = endOfPlain(view, at);
  }
  return at;
}

/** Position after the number, or the complement of the place where it goes wrong. */
function skipNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  if (bytes[at] === minus) at += 1;
  if (bytes[at] === zero) at += 1;
  else if (digit[bytes[at]!] === 1) at = skipDigits(bytes, at);
  else return ~at;
  if (bytes[at] === point) {
    at += 1;
    if (digit[bytes[at]!] !== 1) return ~at;
    at = skipDigits(bytes, at);
  }
  if ((bytes[at]! | 0x20) === 0x65) {
    at += 1;
    if (bytes[at] === plus || bytes[at] === minus) at += 1;
    if (digit[bytes[at]!] !== 1) return ~at;
    at = skipDigits(bytes, at);
  }
  return at;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (digit[bytes[at]!] === 1) at += 1;
  return at;
}

function literalKind(bytes: Uint8Array, at: number): number {
  const word = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  if (word === 0x74727565) return Kind.true;
  if (word === 0x6e756c6c) return Kind.null;
  return word === 0x66616c73 && bytes[at + 4] === 0x65 ? Kind.false : Kind.absent;
}

function problem(reason: QuarantineReason, detail: string): ReadProblem {
  return { reason, detail };
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (space[bytes[at]!] === 1) at += 1;
  return at;
}
