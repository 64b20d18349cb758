/** Direct-mapped: each pair has one place, and a newer pair takes it over. */
const places = 4096;
/** Characters of a text that choose its place: few, because a long one is nearly always the one that was there. */
const sampled = 12;

/** One shared text for each pair of texts, so that a hit allocates nothing and what is looked up by it is hashed once. A pure memo. */
export class PairTexts {
  readonly #separator: string;
  /** The two texts and both joined in turn: together, so that a look touches one place in memory. */
  readonly #pairs: string[];

  constructor(separator: string) {
    this.#separator = separator;
    this.#pairs = Array.from({ length: 3 * places }, (_, at) => (at % 3 === 2 ? separator : ''));
  }

  join(first: string, second: string): string {
    const pairs = this.#pairs;
    const at = 3 * ((Math.imul(sample(first), 0x9e3779b1) ^ sample(second)) & (places - 1));
    if (pairs[at] === first && pairs[at + 1] === second) return pairs[at + 2] as string;
    pairs[at] = first;
    pairs[at + 1] = second;
    return pairs[at + 2] = first + this.#separator + second;
  }
}

/** Two characters at a time: each step waits for the one before. */
function sample(text: string): number {
  const step = Math.max(1, Math.floor(text.length / sampled));
  let hash = text.length;
  for (let i = step; i < text.length; i += 2 * step) hash = Math.imul(hash ^ text.charCodeAt(i - step) ^ text.charCodeAt(i) << 11, 0x01000193);
  return hash ^ (hash >>> 15);
}
