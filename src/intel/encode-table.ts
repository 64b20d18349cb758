/** Builds the file that `NetworkTable` reads. Only used when a release is made, and by tests. */
import { constants, zstdCompressSync } from 'node:zlib';
import type { Row } from './overlay.ts';
import { tableFormat } from './table.ts';
import { VarintWriter } from './varint.ts';

export interface TableSource {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly organizations: ReadonlyMap<number, string>;
  readonly v4: readonly Row[];
  readonly v6: readonly Row[];
}

export function encodeTable(source: TableSource): Uint8Array {
  const writer = new VarintWriter();
  writer.text(tableFormat);
  writer.text(source.date);
  const facts = rankFacts(source);
  const countries = new Numbering<string>();
  const names = new Numbering<string>();
  const triples = facts.map(({ asNumber, country }) =>
    [asNumber, names.of(source.organizations.get(asNumber) ?? ''), countries.of(country)] as const);
  for (const list of [countries.items, names.items]) {
    writer.number(list.length);
    for (const text of list) writer.text(text);
  }
  writer.number(triples.length);
  for (const value of triples.flat()) writer.number(value);
  const numbers = new Map(facts.map((row, index) => [factKey(row), index]));
  writeV4(writer, source.v4, numbers);
  writeV6(writer, source.v6, numbers);
  const { ZSTD_c_compressionLevel, ZSTD_c_windowLog } = constants;
  return zstdCompressSync(writer.finish(), { params: { [ZSTD_c_compressionLevel]: 19, [ZSTD_c_windowLog]: 24 } });
}

/** Gives each text its place in the order of first use. */
class Numbering<T> {
  readonly items: T[] = [];
  readonly #places = new Map<T, number>();
  of(item: T): number {
    let place = this.#places.get(item);
    if (place === undefined) {
      place = this.items.push(item) - 1;
      this.#places.set(item, place);
    }
    return place;
  }
}

function factKey(row: Row): string {
  return `${row.asNumber} ${row.country}`;
}

/** Distinct facts, the most frequent first: they get the shortest numbers. */
function rankFacts(source: TableSource): Row[] {
  const uses = new Map<string, { row: Row; count: number }>();
  for (const row of [...source.v4, ...source.v6]) {
    const use = uses.get(factKey(row));
    if (use === undefined) uses.set(factKey(row), { row, count: 1 });
    else use.count++;
  }
  return [...uses.values()].toSorted((a, b) => b.count - a.count).map((use) => use.row);
}

function writeV4(writer: VarintWriter, rows: readonly Row[], numbers: ReadonlyMap<string, number>): void {
  writer.number(rows.length);
  let last = 0n;
  for (const row of rows) {
    writer.number(Number(row.start - last));
    last = row.start;
  }
  for (const row of rows) writer.number(numbers.get(factKey(row))!);
}

function writeV6(writer: VarintWriter, rows: readonly Row[], numbers: ReadonlyMap<string, number>): void {
  writer.number(rows.length);
  let last = -1n;
  for (const row of rows) {
    const step = (row.start >> 32n) - (last < 0n ? 0n : last >> 32n);
    const low = row.start & 0xffffffffn;
    writer.number(Number(step));
    writer.number(Number(step === 0n && last >= 0n ? low - (last & 0xffffffffn) : low));
    last = row.start;
  }
  for (const row of rows) writer.number(numbers.get(factKey(row))!);
}
