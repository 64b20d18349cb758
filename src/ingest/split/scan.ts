/** Scans one JSON value for where it ends, over any number of chunks, without building it. */

import { endOfPlain, ViewCache } from './plain.ts';

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Nesting beyond this is a broken value here; records are refused far earlier. */
export const maxScanDepth = 4096;

/** Keys whose array holds the records of an enclosing document. */
const listKeys = [
  'Records', 'records', 'value', 'events', 'Events', 'entries', 'logEvents', 'resourceLogs', 'items', 'decoratedAuditLogEntries', 'data', 'results',
  'authlogs', 'activities',
].map((key) => Buffer.from(key));
/** Its opening brace and quote, the longest key, and what ends it. */
const longestKey = 3 + Math.max(...listKeys.map((key) => key.length));

const blank = classOf(' \t\r\n');
const scalar = classOf('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-.');

function classOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}

/** What is expected next, or what the scan is within. An escape's state follows that of its string. */
const State = {
  value: 0, valueOrClose: 1, key: 2, keyOrClose: 3, colon: 4, after: 5, scalar: 6, string: 7, escape: 8, keyString: 9, keyEscape: 10,
} as const;

/** Depth of the list's elements where there is no list. */
const noList = -1;

export type Verdict = 'more' | 'done' | 'broken';

/**
 * A pushdown scanner for the structure of JSON: brackets, strings, commas, colons. It notes
 * where the elements of a record list stand (the outermost array, or the array under a list key of
 * the outermost object). What scalars and strings hold is left to whoever reads the record.
 * All positions are relative to the value's first byte, so the buffer may move between calls.
 */
export class ValueScanner {
  /** Bytes scanned so far; after `done` the value's length, after `broken` the place of the error. */
  position = 0;
  /** Starts and ends of the list's complete elements, in turn. Whoever takes them empties it. */
  elements: number[] = [];
  /** Start of the list element being scanned, or -1. */
  elementStart = -1;
  /** Where the record list opens and ends, or -1. */
  listStart = -1;
  listEnd = -1;
  private listDepth = noList;
  private state: number = State.value;
  private depth = 0;
  private readonly isObject = new Uint8Array(maxScanDepth + 1);
  private readonly views = new ViewCache();
  private keyStart = 0;
  private keyIsList = false;

  reset(): void {
    this.position = this.depth = 0;
    this.listDepth = noList;
    this.state = State.value;
    this.elements.length = 0;
    this.elementStart = this.listStart = this.listEnd = -1;
    this.keyIsList = false;
  }

  /** Forgets the list: its document turned out to be one record. */
  ignoreList(): void {
    this.listDepth = noList;
    this.listStart = Math.max(this.listStart, 0);
    this.elementStart = -1;
    this.elements.length = 0;
  }

  /**
   * Goes on from `position` to `end`; the value's first byte stands (or stood) at `base`. One loop over local
   * variables, because every byte of documents and lists passes here.
   */
  scan(bytes: Uint8Array, base: number, end: number): Verdict {
    let i = base + this.position;
    let { state, depth } = this;
    const { isObject } = this;
    const view = this.views.of(bytes);
    let verdict: Verdict = 'more';
    scanning: while (i < end) {
      const byte = bytes[i]!;
      if (state >= State.string) {
        if (state === State.escape || state === State.keyEscape) {
          if (byte === NEWLINE) { verdict = 'broken'; break; }
          state--;
          i++;
          continue;
        }
        i = endOfPlain(bytes, view, i, end);
        if (i >= end) break;
        const stop = bytes[i]!;
        if (stop === NEWLINE) { verdict = 'broken'; break; }
        i++;
        if (stop === BACKSLASH) {
          state++;
        } else if (stop !== QUOTE) {
          continue;
        } else if (state === State.keyString) {
          state = State.colon;
          if (depth === 1) this.endKey(bytes, base, i);
          // What nearly always follows is taken at once; whatever else follows goes round the loop.
          if (i < end && bytes[i] === COLON) { state = State.value; i++; }
        } else {
          state = State.after;
          if (depth === this.listDepth) this.endElement(i - base);
          if (i < end && bytes[i] === COMMA) { state = isObject[depth] === 1 ? State.key : State.value; i++; }
        }
        continue;
      }
      if (state === State.scalar) {
        while (scalar[bytes[i]!] === 1 && ++i < end);
        if (i >= end) break;
        state = State.after;
        if (depth === this.listDepth) this.endElement(i - base);
        continue;
      }
      if (blank[byte] === 1) { i++; continue; }
      switch (byte) {
        case QUOTE:
          if (state === State.key || state === State.keyOrClose) {
            state = State.keyString;
            this.keyStart = i + 1 - base;
          } else if (state <= State.valueOrClose) {
            if (depth === this.listDepth) this.elementStart = i - base;
            state = State.string;
          } else {
            verdict = 'broken';
            break scanning;
          }
          break;
        case COMMA:
          if (state !== State.after) { verdict = 'broken'; break scanning; }
          state = isObject[depth] === 1 ? State.key : State.value;
          break;
        case COLON:
          if (state !== State.colon) { verdict = 'broken'; break scanning; }
          state = State.value;
          break;
        case CLOSE_OBJECT:
        case CLOSE_LIST: {
          const closesObject = byte === CLOSE_OBJECT;
          const isEmpty = state === (closesObject ? State.keyOrClose : State.valueOrClose);
          if (!isEmpty && (state !== State.after || (isObject[depth] === 1) !== closesObject)) { verdict = 'broken'; break scanning; }
          if (depth === this.listDepth) this.endList(i + 1 - base);
          state = State.after;
          if (--depth === 0) { i++; verdict = 'done'; break scanning; }
          if (depth === this.listDepth) this.endElement(i + 1 - base);
          break;
        }
        default:
          if (state > State.valueOrClose) { verdict = 'broken'; break scanning; }
          if (depth === this.listDepth) this.elementStart = i - base;
          if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
            if (depth === maxScanDepth) { verdict = 'broken'; break scanning; }
            const opensObject = byte === OPEN_OBJECT;
            if (depth < 2 && !opensObject) this.beginList(depth, i - base);
            isObject[++depth] = opensObject ? 1 : 0;
            state = opensObject ? State.keyOrClose : State.valueOrClose;
          } else if (scalar[byte] === 1) {
            state = State.scalar;
          } else {
            verdict = 'broken';
            break scanning;
          }
      }
      i++;
    }
    this.position = i - base;
    this.state = state;
    this.depth = depth;
    return verdict;
  }

  /** An array opens: it is the list if it is outermost, or stands under a list key of the outermost object. */
  private beginList(depth: number, at: number): void {
    if (this.listStart >= 0 || (depth === 1 && !this.keyIsList)) return;
    this.listDepth = depth + 1;
    this.listStart = at;
  }

  private endList(at: number): void {
    this.listEnd = at;
    this.listDepth = noList;
  }

  private endElement(at: number): void {
    this.elements.push(this.elementStart, at);
    this.elementStart = -1;
  }

  /** A key of the outermost value is complete. */
  private endKey(bytes: Uint8Array, base: number, end: number): void {
    if (this.listStart < 0) this.keyIsList = isListKey(bytes, base + this.keyStart, end - 1);
  }
}

/** Does the object that opens at `start` have a list of records under its first key? Then its elements are worth finding. */
export function beginsList(bytes: Buffer, start: number): boolean {
  if (bytes[start + 1] !== QUOTE) return false;
  let end = start + 2;
  while (end < start + longestKey && bytes[end] !== QUOTE) end++;
  return isListKey(bytes, start + 2, end);
}

function isListKey(bytes: Uint8Array, start: number, end: number): boolean {
  for (const key of listKeys) {
    if (key.length === end - start && key[0] === bytes[start] && key.compare(bytes, start, end) === 0) return true;
  }
  return false;
}
