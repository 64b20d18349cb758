/** Scans one JSON value for where it ends, over any number of chunks, without building it. */

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
const listKeys = ['Records', 'records', 'value', 'events', 'logEvents'].map((key) => Buffer.from(key));

const blank = classOf(' \t\r\n');
const scalar = classOf('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-.');
/** Bytes inside a string that neither end nor escape: all but `"`, `\` and the newline, which no string may hold. */
const plain = new Uint8Array(256).fill(1);
plain[QUOTE] = plain[BACKSLASH] = plain[NEWLINE] = 0;

function classOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) table[byte] = 1;
  return table;
}

/** What is expected next. */
const State = { value: 0, valueOrClose: 1, key: 2, keyOrClose: 3, colon: 4, after: 5, string: 6, escape: 7, scalar: 8 } as const;

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
  private listDepth = 0;
  private state: number = State.value;
  private depth = 0;
  private readonly isObject = new Uint8Array(maxScanDepth);
  private stringIsKey = false;
  private keyStart = 0;
  private keyIsList = false;

  reset(): void {
    this.position = this.depth = this.listDepth = 0;
    this.state = State.value;
    this.elements.length = 0;
    this.elementStart = this.listStart = this.listEnd = -1;
    this.keyIsList = false;
  }

  /** Forgets the list: its document turned out to be one record. */
  ignoreList(): void {
    this.listDepth = 0;
    this.listStart = Math.max(this.listStart, 0);
    this.elementStart = -1;
    this.elements.length = 0;
  }

  /** The list is open: elements may still come. */
  get inList(): boolean {
    return this.listDepth > 0 && this.listEnd < 0;
  }

  /** Goes on from `position` to `end`; the value's first byte stands (or stood) at `base`. */
  scan(bytes: Uint8Array, base: number, end: number): Verdict {
    let i = base + this.position;
    let verdict: Verdict = 'more';
    while (i < end) {
      const byte = bytes[i]!;
      const state = this.state;
      if (state === State.string) {
        while (i < end && plain[bytes[i]!] === 1) i++;
        if (i === end) break;
        if (bytes[i] === NEWLINE) { verdict = 'broken'; break; }
        if (bytes[i] === BACKSLASH) this.state = State.escape;
        else this.endString(bytes, base, i + 1);
        i++;
      } else if (state === State.escape) {
        if (byte === NEWLINE) { verdict = 'broken'; break; }
        this.state = State.string;
        i++;
      } else if (state === State.scalar) {
        while (i < end && scalar[bytes[i]!] === 1) i++;
        if (i < end) this.endValue(i - base);
      } else if (blank[byte] === 1) {
        i++;
      } else if (this.structural(byte, i - base)) {
        i++;
        if (this.depth === 0) { verdict = 'done'; break; }
      } else {
        verdict = 'broken';
        break;
      }
    }
    this.position = i - base;
    return verdict;
  }

  /** Takes one byte outside strings and scalars; false when the grammar does not allow it here. */
  private structural(byte: number, at: number): boolean {
    switch (this.state) {
      case State.after: return this.afterValue(byte, at);
      case State.colon:
        this.state = State.value;
        return byte === COLON;
      case State.key:
      case State.keyOrClose:
        if (byte === QUOTE) return this.startString(at, true);
        return byte === CLOSE_OBJECT && this.state === State.keyOrClose && this.close(at);
      default:
        if (byte === CLOSE_LIST) return this.state === State.valueOrClose && this.close(at);
        return this.startValue(byte, at);
    }
  }

  private startValue(byte: number, at: number): boolean {
    if (this.depth === this.listDepth && this.listDepth > 0) this.elementStart = at;
    if (byte === QUOTE) return this.startString(at, false);
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) return this.open(byte === OPEN_OBJECT, at);
    this.state = State.scalar;
    return scalar[byte] === 1;
  }

  private open(isObject: boolean, at: number): boolean {
    if (this.depth === maxScanDepth) return false;
    if (!isObject && this.listStart < 0 && (this.depth === 0 || (this.depth === 1 && this.keyIsList))) {
      this.listDepth = this.depth + 1;
      this.listStart = at;
    }
    this.isObject[this.depth++] = isObject ? 1 : 0;
    this.state = isObject ? State.keyOrClose : State.valueOrClose;
    return true;
  }

  private afterValue(byte: number, at: number): boolean {
    const inObject = this.isObject[this.depth - 1] === 1;
    if (byte === COMMA) {
      this.state = inObject ? State.key : State.value;
      return true;
    }
    return byte === (inObject ? CLOSE_OBJECT : CLOSE_LIST) && this.close(at);
  }

  private close(at: number): boolean {
    if (this.depth === this.listDepth && this.listEnd < 0) {
      this.listEnd = at + 1;
      this.listDepth = 0;
    }
    this.depth--;
    this.endValue(at + 1);
    return true;
  }

  private endValue(at: number): void {
    this.state = State.after;
    if (this.elementStart >= 0 && this.depth === this.listDepth) {
      this.elements.push(this.elementStart, at);
      this.elementStart = -1;
    }
  }

  private startString(at: number, isKey: boolean): boolean {
    this.stringIsKey = isKey;
    this.keyStart = at;
    this.state = State.string;
    return true;
  }

  private endString(bytes: Uint8Array, base: number, end: number): void {
    if (!this.stringIsKey) return this.endValue(end - base);
    this.state = State.colon;
    if (this.depth === 1 && this.listStart < 0) this.keyIsList = isListKey(bytes, base + this.keyStart + 1, end - 1);
  }
}

function isListKey(bytes: Uint8Array, start: number, end: number): boolean {
  for (const key of listKeys) {
    if (key.length === end - start && key.compare(bytes, start, end) === 0) return true;
  }
  return false;
}
