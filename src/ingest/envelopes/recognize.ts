import { allKinds, bitsOf, envelopeKeys, envelopeKinds, openKinds } from './kinds.ts';
import type { EnvelopeKey, EnvelopeKind } from './kinds.ts';
import { endOfPlain, ViewCache } from '../split/plain.ts';

const QUOTE = 34;
const BACKSLASH = 92;

const cloudEvent = bitsOf((kind) => kind.name === 'cloudEvent');

/** Envelope keys by length, first and last byte, which tell most other keys apart without reading them. */
const known: ({ readonly key: EnvelopeKey; readonly bytes: Buffer }[] | undefined)[] = Array.from({ length: 4096 });
for (const key of envelopeKeys.values()) {
  const bytes = Buffer.from(key.name);
  (known[sketch(bytes.length, bytes[0]!, bytes.at(-1)!)] ??= []).push({ key, bytes });
}

function sketch(length: number, first: number, last: number): number {
  return ((length * 151) ^ (first * 31) ^ last) & 4095;
}

/** Bytes that mean something to a scan over nested values: quotes and brackets. */
const meaning = new Uint8Array(256);
meaning[QUOTE] = 1;
for (const byte of Buffer.from('{[')) meaning[byte] = 2;
for (const byte of Buffer.from('}]')) meaning[byte] = 3;
const delimiter = new Uint8Array(256);
for (const byte of Buffer.from(', \t\r\n}')) delimiter[byte] = 1;

/**
 * Reads the top-level keys of a JSON object, as far as they could still be an envelope's, and
 * remembers where the values stand. Most records are turned away at their first or second key.
 */
export class EnvelopeRecognizer {
  /** Where the value of each envelope key starts and ends, by the key's id; valid where `seen` has it. */
  private readonly starts = new Float64Array(envelopeKeys.size);
  private readonly ends = new Float64Array(envelopeKeys.size);
  /** The number of the record in which each key was seen last. */
  private readonly seen = new Float64Array(envelopeKeys.size);
  private record = 0;
  private readonly views = new ViewCache();
  private readonly markers = new MarkerSearch();

  /** To be called whenever the window has changed: its buffer, and where its bytes end. */
  windowChanged(window: Buffer, end: number): void {
    this.markers.reset(window, end);
    this.views.of(window);
  }

  /**
   * The kind of envelope that `bytes[start, end)` is, or `null`. `start` is at the opening brace.
   * A list whose place is known already (`listStart` to `listEnd`) is stepped over.
   */
  recognize(bytes: Buffer, start: number, end: number, listStart = -1, listEnd = -1): EnvelopeKind | null {
    let kinds = allKinds;
    let i = skipBlanks(bytes, start + 1, end);
    const view = this.views.of(bytes);
    this.record++;
    while (i < end && bytes[i] === QUOTE) {
      const keyEnd = endOfString(bytes, view, i, end) - 1;
      const key = lookUp(bytes, i + 1, keyEnd);
      kinds &= key === null ? this.openKinds(bytes, start, end) : key.kinds;
      if (kinds === 0) return null;
      const valueStart = skipBlanks(bytes, skipBlanks(bytes, keyEnd + 1, end) + 1, end);
      const valueEnd = valueStart === listStart ? listEnd : endOfValue(bytes, view, valueStart, end);
      if (key !== null) this.note(key, valueStart, valueEnd);
      i = skipBlanks(bytes, valueEnd, end);
      if (bytes[i] !== 44 /* , */) break;
      i = skipBlanks(bytes, i + 1, end);
    }
    return this.choose(kinds);
  }

  /** The kinds that a record with an unknown key can still be: CloudEvents only once their mark was seen. */
  private openKinds(bytes: Buffer, start: number, end: number): number {
    let kinds = openKinds;
    if (!this.has('specversion')) kinds &= ~cloudEvent;
    if (!this.markers.within(bytes, start, end)) kinds &= cloudEvent;
    return kinds;
  }

  /** Where the value of `name` starts and ends, or `null` if the key was not there. */
  span(name: string): { readonly start: number; readonly end: number } | null {
    const key = envelopeKeys.get(name);
    if (key === undefined || this.seen[key.id] !== this.record) return null;
    return { start: this.starts[key.id]!, end: this.ends[key.id]! };
  }

  private note(key: EnvelopeKey, start: number, end: number): void {
    this.seen[key.id] = this.record;
    this.starts[key.id] = start;
    this.ends[key.id] = end;
  }

  private choose(kinds: number): EnvelopeKind | null {
    for (let place = 0; place < envelopeKinds.length; place++) {
      const kind = envelopeKinds[place]!;
      if ((kinds & (1 << place)) === 0) continue;
      if (kind.needs.every((name) => this.has(name)) && kind.carriers.filter((name) => this.has(name)).length === 1) return kind;
    }
    return null;
  }

  private has(name: string): boolean {
    return this.seen[envelopeKeys.get(name)!.id] === this.record;
  }
}

/**
 * Looks whether `"@timestamp"` can stand in a record, which is what open kinds other than CloudEvents need.
 * In the window it is looked for once per chunk, not once per record.
 */
class MarkerSearch {
  /** Without its quote: searching for a rare first byte is many times faster. */
  private readonly marker = Buffer.from('@timestamp"');
  private next = -1;
  private window: Buffer | null = null;
  private windowEnd = 0;

  reset(window: Buffer, windowEnd: number): void {
    this.window = window;
    this.windowEnd = windowEnd;
    this.next = -1;
  }

  within(bytes: Buffer, start: number, end: number): boolean {
    if (bytes !== this.window) return bytes.subarray(start, end).includes(this.marker);
    if (this.next < start) {
      const at = bytes.subarray(start, this.windowEnd).indexOf(this.marker);
      this.next = at < 0 ? Infinity : start + at;
    }
    return this.next < end;
  }
}

function lookUp(bytes: Buffer, start: number, end: number): EnvelopeKey | null {
  if (end <= start) return null;
  const candidates = known[sketch(end - start, bytes[start]!, bytes[end - 1]!)];
  if (candidates === undefined) return null;
  for (const { key, bytes: name } of candidates) {
    if (name.length === end - start && isAt(bytes, start, name)) return key;
  }
  return null;
}

function isAt(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    if (bytes[start + i] !== name[i]) return false;
  }
  return true;
}

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && (bytes[i] === 32 || bytes[i] === 10 || bytes[i] === 13 || bytes[i] === 9)) i++;
  return i;
}

/** One past the closing quote of the string that opens at `start`. */
function endOfString(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let i = endOfPlain(bytes, view, start + 1, end);
  while (i < end && bytes[i] !== QUOTE) i = endOfPlain(bytes, view, Math.min(i + (bytes[i] === BACKSLASH ? 2 : 1), end), end);
  return Math.min(i + 1, end);
}

/** One past the value that begins at `start`; brackets are counted, not checked. */
function endOfValue(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  let i = start;
  if (meaning[bytes[i]!] === 0) {
    while (i < end && delimiter[bytes[i]!] === 0) i++;
    return i;
  }
  let depth = 0;
  while (i < end) {
    const what = meaning[bytes[i]!]!;
    if (what === 0) { i++; continue; }
    if (what === 1) i = endOfString(bytes, view, i, end);
    else { depth += what === 2 ? 1 : -1; i++; }
    if (depth === 0) return i;
  }
  return end;
}
