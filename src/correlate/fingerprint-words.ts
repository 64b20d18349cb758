import type { Entities } from '../state/port.ts';

const wordsLength = 16;
const textLength = 22;
/** Prefixes remembered; a fingerprint under any further one is stored as foreign text. */
const maxPrefixes = 255;
/** Stands in a record for: these words are a hash, the text itself is an entity. */
const foreign = 0;

/**
 * Turns fingerprints into 128 bits plus a small number for what stands in front of them (the key's
 * id), and back. So a record can point to a token without keeping a text in memory. A fingerprint of another
 * make (read back from foreign `ecs` events) is kept as text, found by its hash.
 * The last result of `read` is left in `words` and `prefix`.
 */
export class FingerprintWords {
  readonly words: Uint32Array;
  prefix = 0;
  readonly #bytes = Buffer.alloc(wordsLength);
  readonly #texts: Entities<string>;
  readonly #prefixes: string[] = [''];
  readonly #numbers = new Map<string, number>();

  /** `texts` holds prefixes (`prefix/<number>`) and foreign fingerprints (`foreign/<hash>`). */
  constructor(texts: Entities<string>) {
    this.words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, wordsLength / 4);
    this.#texts = texts;
    for (let number = 1; number <= maxPrefixes; number++) {
      const prefix = texts.get(`prefix/${number}`);
      if (prefix === undefined) break;
      this.#prefixes.push(prefix);
      this.#numbers.set(prefix, number);
    }
  }

  read(fingerprint: string): void {
    const at = fingerprint.length - textLength;
    if (at >= 0) {
      const own = fingerprint.slice(at);
      this.#bytes.write(own, 'base64url');
      const number = this.#bytes.toString('base64url') === own ? this.#numberOf(fingerprint.slice(0, at)) : foreign;
      if (number !== foreign) {
        this.prefix = number;
        return;
      }
    }
    this.#readForeign(fingerprint);
  }

  /** The fingerprint whose words and prefix were read before. */
  text(a: number, b: number, c: number, d: number, prefix: number): string {
    this.words[0] = a;
    this.words[1] = b;
    this.words[2] = c;
    this.words[3] = d;
    const own = this.#bytes.toString('base64url');
    if (prefix !== foreign) return `${this.#prefixes[prefix] as string}${own}`;
    return this.#texts.get(`foreign/${own}`) ?? own;
  }

  #numberOf(prefix: string): number {
    const known = this.#numbers.get(prefix);
    if (known !== undefined) return known;
    if (this.#prefixes.length > maxPrefixes) return foreign;
    const number = this.#prefixes.push(prefix) - 1;
    this.#numbers.set(prefix, number);
    this.#texts.set(`prefix/${number}`, prefix);
    return number;
  }

  #readForeign(fingerprint: string): void {
    for (let word = 0; word < 4; word++) this.words[word] = hashWord(fingerprint, word);
    this.prefix = foreign;
    const key = `foreign/${this.#bytes.toString('base64url')}`;
    if (this.#texts.get(key) === undefined) this.#texts.set(key, fingerprint);
  }
}

/** FNV-1a with a start of its own for each word, then the finishing steps of MurmurHash3. */
function hashWord(text: string, word: number): number {
  let hash = Math.imul(0x811c9dc5 ^ word, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
