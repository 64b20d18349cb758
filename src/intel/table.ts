/**
 * The compact table of address ranges: ASN, organization and country of every routed address.
 * Layout in the file, all as one zstd frame of varints and texts, written by `encodeTable`:
 * header, organizations, facts (ASN, organization, country), then for v4 and v6 the column of
 * range starts (each as its distance from the one before) and the column of fact numbers.
 */
import { zstdDecompressSync } from 'node:zlib';
import { VarintReader } from './varint.ts';

/** What is known of an address. `null` where the table does not say. Objects are shared: never change one. */
export interface Facts {
  readonly asNumber: number | null;
  readonly asOrganization: string | null;
  readonly country: string | null;
}

export const noFacts: Facts = { asNumber: null, asOrganization: null, country: null };
export const tableFormat = 'tokenward networks 1';
/** Decompressed tables larger than this are not ours: the real one has about 6 MB. */
const maxBytes = 64 * 1024 * 1024;
const maxRows = 4_000_000;

/** Rows of one address family, sorted by start. A row holds from its start to the next one's. */
interface RowsV4 { readonly starts: Uint32Array; readonly facts: Uint32Array }
interface RowsV6 { readonly high: Uint32Array; readonly low: Uint32Array; readonly facts: Uint32Array }

export class NetworkTable {
  /** Day the data is from, `YYYY-MM-DD`. */
  readonly date: string;
  readonly #text: Buffer;
  readonly #organizationAt: Uint32Array;
  readonly #asNumbers: Uint32Array;
  readonly #organizations: Uint32Array;
  readonly #countries: readonly string[];
  readonly #countryOf: Uint16Array;
  readonly #known: (Facts | undefined)[];
  readonly #v4: RowsV4;
  readonly #v6: RowsV6;

  /** Reads a compressed table. Throws when it is damaged or of another format. */
  constructor(compressed: Uint8Array) {
    const bytes = zstdDecompressSync(compressed, { maxOutputLength: maxBytes });
    const reader = new VarintReader(bytes);
    if (reader.text() !== tableFormat) throw new Error('the network table has another format; build it again');
    this.date = reader.text();
    const countries = Array.from({ length: count(reader) }, () => reader.text());
    this.#countries = countries;
    ({ text: this.#text, at: this.#organizationAt } = readOrganizations(reader, bytes));
    const size = count(reader);
    this.#asNumbers = new Uint32Array(size);
    this.#organizations = new Uint32Array(size);
    this.#countryOf = new Uint16Array(size);
    for (let i = 0; i < size; i++) {
      this.#asNumbers[i] = reader.number();
      this.#organizations[i] = reader.number();
      this.#countryOf[i] = reader.number();
    }
    this.#known = Array.from<Facts | undefined>({ length: size });
    this.#v4 = readV4(reader);
    this.#v6 = readV6(reader);
  }

  /** Ranges of both families, unrouted gaps included. */
  get size(): number {
    return this.#v4.starts.length + this.#v6.high.length;
  }

  findV4(address: number): Facts {
    const { starts, facts } = this.#v4;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? noFacts : this.#facts(facts[low - 1]!);
  }

  /** Goes by the first 64 bits, given as two 32-bit words: nothing smaller is routed. */
  findV6(highWord: number, lowWord: number): Facts {
    const { high, low, facts } = this.#v6;
    let from = 0;
    let to = high.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const word = high[middle]!;
      if (word < highWord || (word === highWord && low[middle]! <= lowWord)) from = middle + 1;
      else to = middle;
    }
    return from === 0 ? noFacts : this.#facts(facts[from - 1]!);
  }

  #facts(index: number): Facts {
    return this.#known[index] ?? this.#read(index);
  }

  /** Texts are decoded at first use: most of the 80,000 names are never asked for. */
  #read(index: number): Facts {
    const asNumber = this.#asNumbers[index]!;
    const organization = this.#organizations[index]!;
    const name = this.#text.toString('utf8', this.#organizationAt[2 * organization], this.#organizationAt[2 * organization + 1]);
    const facts = { asNumber: asNumber || null, asOrganization: name || null, country: this.#countries[this.#countryOf[index]!] || null };
    this.#known[index] = facts;
    return facts;
  }
}

function count(reader: VarintReader): number {
  const value = reader.number();
  if (value > maxRows) throw new RangeError('the network table is damaged');
  return value;
}

/** Names stay as bytes, copied so that the rest of the decompressed table can be freed. */
function readOrganizations(reader: VarintReader, bytes: Buffer): { text: Buffer; at: Uint32Array } {
  const size = count(reader);
  const at = new Uint32Array(2 * size);
  for (let i = 0; i < size; i++) {
    const { from, to } = reader.skipText();
    at[2 * i] = from;
    at[2 * i + 1] = to;
  }
  const first = at[0] ?? 0;
  const text = Buffer.from(bytes.subarray(first, at[2 * size - 1] ?? 0));
  for (let i = 0; i < at.length; i++) at[i] = at[i]! - first;
  return { text, at };
}

function readV4(reader: VarintReader): RowsV4 {
  const starts = new Uint32Array(count(reader));
  let start = 0;
  for (let i = 0; i < starts.length; i++) {
    start += reader.number();
    starts[i] = start;
  }
  return { starts, facts: readColumn(reader, starts.length) };
}

function readV6(reader: VarintReader): RowsV6 {
  const high = new Uint32Array(count(reader));
  const low = new Uint32Array(high.length);
  for (let i = 0; i < high.length; i++) {
    const step = reader.number();
    const rest = reader.number();
    high[i] = (i === 0 ? 0 : high[i - 1]!) + step;
    low[i] = step === 0 && i > 0 ? low[i - 1]! + rest : rest;
  }
  return { high, low, facts: readColumn(reader, high.length) };
}

function readColumn(reader: VarintReader, length: number): Uint32Array {
  const column = new Uint32Array(length);
  for (let i = 0; i < length; i++) column[i] = reader.number();
  return column;
}
