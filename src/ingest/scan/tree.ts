import type { Json } from '../paths.ts';
import { quote, skipNumber, skipSpace, skipString } from './lexer.ts';
import { numberIn } from './number.ts';
import type { ReadProblem } from './scanner.ts';

const comma = 0x2c, colon = 0x3a, openBrace = 0x7b, closeBrace = 0x7d, openBracket = 0x5b, closeBracket = 0x5d;
const repeatedKey: ReadProblem = { reason: 'duplicate_field', detail: 'A key stands twice in a declared value.' };
export const halfSurrogate: ReadProblem = { reason: 'bad_field', detail: 'A declared value holds half of a surrogate pair.' };

/** A text with escapes, quotes included; it may hold half of a surrogate pair. */
export function unescape(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(bytes.utf8Slice(start, end)) as string;
}

/**
 * Builds the objects of a JSON value that a scanner found good. Objects have no prototype, numbers
 * beyond 2^53 stay text. Recursive: the scanner has bounded the depth.
 */
export class TreeBuilder {
  /** A repeated key or half a surrogate: what makes the tree unfit to be used. */
  problem: ReadProblem | null = null;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Buffer, view: DataView, start: number) {
    this.#bytes = bytes;
    this.#view = view;
    this.#at = start;
  }

  build(): Json {
    switch (this.#next()) {
      case openBrace: return this.#object();
      case openBracket: return this.#array();
      case quote: return this.#text();
      case 0x74: return this.#word(true, 4);
      case 0x66: return this.#word(false, 5);
      case 0x6e: return this.#word(null, 4);
      default: return this.#number();
    }
  }

  /** The next byte that is no white space. */
  #next(): number {
    this.#at = skipSpace(this.#bytes, this.#at);
    return this.#bytes[this.#at]!;
  }

  #object(): Json {
    const built = Object.create(null) as Record<string, Json>;
    this.#at += 1;
    while (this.#next() !== closeBrace) {
      const key = this.#text();
      if (this.#next() === colon) this.#at += 1;
      if (Object.hasOwn(built, key)) this.problem ??= repeatedKey;
      built[key] = this.build();
      if (this.#next() === comma) this.#at += 1;
    }
    this.#at += 1;
    return built;
  }

  #array(): Json {
    const built: Json[] = [];
    this.#at += 1;
    while (this.#next() !== closeBracket) {
      built.push(this.build());
      if (this.#next() === comma) this.#at += 1;
    }
    this.#at += 1;
    return built;
  }

  #text(): string {
    const start = this.#at;
    const found = skipString(this.#bytes, this.#view, start + 1);
    this.#at = (found < 0 ? ~found : found) + 1;
    if (found >= 0) return this.#bytes.utf8Slice(start + 1, found);
    const text = unescape(this.#bytes, start, this.#at);
    if (!text.isWellFormed()) this.problem ??= halfSurrogate;
    return text;
  }

  #number(): Json {
    const start = this.#at;
    this.#at = skipNumber(this.#bytes, start);
    return numberIn(this.#bytes, start, this.#at);
  }

  #word(value: boolean | null, length: number): Json {
    this.#at += length;
    return value;
  }
}
