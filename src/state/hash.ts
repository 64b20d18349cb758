import type { Seed } from '../model/state.ts';

/** Words that wait to be mixed together, which is faster than one by one. */
const wordsAtOnce = 32;

/** Texts whose hash is remembered, each at one place, which the next text of that place takes over. */
const remembered = 4096;
/** Longer ones are not kept, so that what is remembered stays small. */
const longestRemembered = 256;
/** Units at both ends that choose the place: ids differ there. */
const sampledFront = 16;
const sampledBack = 8;

/**
 * Keyed 64-bit hash of a text, as two 32-bit words in `hi` and `lo`: HalfSipHash-2-4 with 64-bit output
 * (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; 32-bit variant of the reference code),
 * over the text's UTF-8 bytes. Unpaired surrogates count as three bytes each, so that texts which
 * differ never become the same bytes. Without the seed nobody can craft keys that collide.
 */
export class KeyHasher {
  hi = 0;
  lo = 0;
  private v0 = 0;
  private v1 = 0;
  private v2 = 0;
  private v3 = 0;
  private readonly seed: Seed;
  private readonly words = new Int32Array(wordsAtOnce);
  /** Text, `hi` and `lo` in turn, the two as signed numbers: together, so that a look touches one place in memory. */
  private readonly known: (string | number)[] = Array.from({ length: 3 * remembered }, (_, at) => (at % 3 === 0 ? '' : 0));

  constructor(seed: Seed) {
    this.seed = { a: seed.a | 0, b: seed.b | 0 };
  }

  /** The same texts come again and again, mostly as the same objects: then comparing is all there is to do. */
  hash(text: string): void {
    const { known } = this;
    const at = 3 * placeOf(text);
    if (known[at] === text && text !== '') {
      this.hi = known[at + 1] as number >>> 0;
      this.lo = known[at + 2] as number >>> 0;
      return;
    }
    this.hashOnce(text);
    if (text.length > longestRemembered) return;
    known[at] = text;
    known[at + 1] = this.hi | 0;
    known[at + 2] = this.lo | 0;
  }

  /** As `hash`, for a text that is not expected again soon. */
  hashOnce(text: string): void {
    this.begin();
    const { words } = this;
    const { length } = text;
    let count = 0;
    let word = 0;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return this.hashBytes(encode(text));
      word |= unit << (i << 3);
      if ((i & 3) !== 3) continue;
      words[count++] = word;
      word = 0;
      if (count < wordsAtOnce - 1) continue;
      this.mix(count);
      count = 0;
    }
    this.finish(word | (length << 24), count);
  }

  hashBytes(bytes: Uint8Array): void {
    this.begin();
    let word = 0;
    for (let i = 0; i < bytes.length; i++) {
      word |= bytes[i]! << (i << 3);
      if ((i & 3) !== 3) continue;
      this.words[0] = word;
      this.mix(1);
      word = 0;
    }
    this.finish(word | (bytes.length << 24), 0);
  }

  private begin(): void {
    const { a, b } = this.seed;
    this.v0 = a;
    this.v1 = b ^ 0xee;
    this.v2 = a ^ 0x6c796765;
    this.v3 = b ^ 0x74656462;
  }

  /** `last` is the last word, which holds the length; `count` words before it still wait. */
  private finish(last: number, count: number): void {
    const { words } = this;
    words[count] = last;
    this.mix(count + 1);
    words[0] = 0;
    words[1] = 0;
    this.v2 ^= 0xee;
    // Four rounds each: as many as two words of zero take.
    this.mix(2);
    this.lo = (this.v1 ^ this.v3) >>> 0;
    this.v1 ^= 0xdd;
    this.mix(2);
    this.hi = (this.v1 ^ this.v3) >>> 0;
  }

  /** Two rounds for each waiting word. */
  private mix(count: number): void {
    const { words } = this;
    let { v0, v1, v2, v3 } = this;
    for (let i = 0; i < 2 * count; i++) {
      const word = words[i >>> 1]!;
      if ((i & 1) === 0) v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      if ((i & 1) === 1) v0 ^= word;
    }
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = v2;
    this.v3 = v3;
  }
}

/** Neither keyed nor of all of the text: a collision only costs that texts are hashed again. */
function placeOf(text: string): number {
  const { length } = text;
  const back = Math.max(0, length - sampledBack);
  const front = Math.min(back, sampledFront);
  let place = length;
  // Two at a time: each step waits for the one before.
  for (let i = 1; i < front; i += 2) place = Math.imul(place ^ text.charCodeAt(i - 1) ^ text.charCodeAt(i) << 11, 0x01000193);
  for (let i = back + 1; i < length; i += 2) place = Math.imul(place ^ text.charCodeAt(i - 1) ^ text.charCodeAt(i) << 11, 0x01000193);
  return (place ^ (place >>> 15)) & (remembered - 1);
}

/** One to three bytes per UTF-16 unit: plain UTF-8 below the surrogates, and never two texts alike. */
function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes[length++] = unit;
    else if (unit < 0x800) {
      bytes[length++] = 0xc0 | (unit >>> 6);
      bytes[length++] = 0x80 | (unit & 0x3f);
    } else {
      bytes[length++] = 0xe0 | (unit >>> 12);
      bytes[length++] = 0x80 | ((unit >>> 6) & 0x3f);
      bytes[length++] = 0x80 | (unit & 0x3f);
    }
  }
  return bytes.subarray(0, length);
}
