import type { Rows } from '../state/port.ts';
import type { FingerprintWords } from './fingerprint-words.ts';
import { part, type linkLayout, type LinkRecord } from './state.ts';

/** From a fingerprint to another one: alias to token, child to parent, descendant to first ancestor. */
export class Links {
  readonly #rows: Rows;
  readonly #link: LinkRecord;
  readonly #words: FingerprintWords;

  constructor(rows: Rows, words: FingerprintWords) {
    this.#rows = rows;
    this.#link = rows.cursor<typeof linkLayout.fields>(part);
    this.#words = words;
  }

  get(from: string): string | null {
    const row = this.#rows.find(from);
    if (row < 0) return null;
    this.#rows.bind(row);
    const { a, b, c, d, prefix } = this.#link;
    return this.#words.text(a, b, c, d, prefix);
  }

  set(from: string, to: string): void {
    this.#words.read(to);
    const { words, prefix } = this.#words;
    this.#rows.bind(this.#rows.row(from));
    this.#link.a = words[0] as number;
    this.#link.b = words[1] as number;
    this.#link.c = words[2] as number;
    this.#link.d = words[3] as number;
    this.#link.prefix = prefix;
    this.#rows.markDirty();
  }

  delete(from: string): void {
    if (this.#rows.find(from) >= 0) this.#rows.delete(from);
  }
}
