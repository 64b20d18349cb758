import { createHash, createHmac } from 'node:crypto';

/**
 * The key that `replay` uses when nobody gave one. It is published, so it protects nothing:
 * whoever knows a token id can compute its fingerprint. It only makes two replays agree.
 */
export const replayKey: Uint8Array = Buffer.from('tokenward published replay key 1');

type Cache = Map<string, Map<string, string>>;

/**
 * Turns a token id into a fingerprint: HMAC-SHA-256 under the operator's key over the issuer, a
 * NUL and the id, cut to 128 bits. The key's own id stands in front, so that
 * fingerprints made under an old and a new key can be told apart.
 */
export class Fingerprinter {
  readonly keyId: string;
  readonly #key: Uint8Array;
  // Issuer -> id -> fingerprint, so that a hit builds no string. Two generations: full means the older one goes.
  #young: Cache = new Map();
  #old: Cache = new Map();
  #youngSize = 0;

  readonly #generationSize: number;

  /** The cache holds two generations of at most `generationSize` fingerprints. */
  constructor(key: Uint8Array, generationSize = 65_536) {
    this.#generationSize = generationSize;
    this.#key = Uint8Array.from(key);
    this.keyId = createHash('sha256').update(this.#key).digest('base64url').slice(0, 4);
  }

  /** `<key id>.<22 characters>`, the same for the same issuer and id. */
  fingerprint(issuer: string, id: string): string {
    const known = this.#young.get(issuer)?.get(id);
    if (known !== undefined) return known;
    const made = this.#old.get(issuer)?.get(id) ?? this.#compute(issuer, id);
    this.#remember(issuer, id, made);
    return made;
  }

  #compute(issuer: string, id: string): string {
    const digest = createHmac('sha256', this.#key).update(`${issuer}\0${id}`).digest();
    return `${this.keyId}.${digest.toString('base64url', 0, 16)}`;
  }

  #remember(issuer: string, id: string, made: string): void {
    if (this.#youngSize >= this.#generationSize) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    let ids = this.#young.get(issuer);
    if (ids === undefined) this.#young.set(issuer, ids = new Map());
    ids.set(id, made);
    this.#youngSize += 1;
  }
}
