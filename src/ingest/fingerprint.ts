import { createHash, hash } from 'node:crypto';

/**
 * The key that `replay` uses when nobody gave one. It is published, so it protects nothing:
 * whoever knows a token id can compute its fingerprint. It only makes two replays agree.
 */
export const replayKey: Uint8Array = Buffer.from('tokenward published replay key 1');

type Cache = Map<string, Map<string, string>>;

/** Ids that are looked for in one step; a power of two. */
const places = 65_536;
/** Bytes of a block and of a digest of SHA-256. */
const blockBytes = 64, digestBytes = 32;

/**
 * Turns a token id into a fingerprint: HMAC-SHA-256 under the operator's key over the issuer, a
 * NUL and the id, cut to 128 bits. The key's own id stands in front, so that
 * fingerprints made under an old and a new key can be told apart.
 */
export class Fingerprinter {
  readonly keyId: string;
  /** What HMAC (RFC 2104) hashes: the padded key, and behind it the message or the digest of that. */
  #inner: Buffer = Buffer.alloc(1024);
  readonly #outer: Buffer = Buffer.alloc(blockBytes + digestBytes);
  // Issuer -> id -> fingerprint, so that a hit builds no string. Two generations: full means the older one goes.
  #young: Cache = new Map();
  #old: Cache = new Map();
  #youngSize = 0;
  /** Id, issuer and fingerprint in turn, direct-mapped before the maps, which lie all over the memory: a newer id of a place takes it over. */
  readonly #met: (string | null)[] = Array.from({ length: 3 * places }, () => null);

  readonly #generationSize: number;

  /** The cache holds two generations of at most `generationSize` fingerprints. */
  constructor(key: Uint8Array, generationSize = 65_536) {
    this.#generationSize = generationSize;
    this.keyId = createHash('sha256').update(key).digest('base64url').slice(0, 4);
    const block = Buffer.alloc(blockBytes);
    block.set(key.length > blockBytes ? createHash('sha256').update(key).digest() : key);
    this.#inner.set(block.map((byte) => byte ^ 0x36));
    this.#outer.set(block.map((byte) => byte ^ 0x5c));
  }

  /** `<key id>.<22 characters>`, the same for the same issuer and id. */
  fingerprint(issuer: string, id: string): string {
    const met = this.#met;
    const at = 3 * placeOf(id);
    if (met[at] === id && met[at + 1] === issuer) return met[at + 2] as string;
    const made = this.#find(issuer, id);
    met[at] = id;
    met[at + 1] = issuer;
    return met[at + 2] = made;
  }

  #find(issuer: string, id: string): string {
    const known = this.#young.get(issuer)?.get(id);
    if (known !== undefined) return known;
    const made = this.#old.get(issuer)?.get(id) ?? this.#compute(issuer, id);
    this.#remember(issuer, id, made);
    return made;
  }

  /** By one-shot hashes: an `Hmac` object for each id takes five times as long. */
  #compute(issuer: string, id: string): string {
    const message = `${issuer}\0${id}`;
    const needed = blockBytes + message.length * 3;
    if (needed > this.#inner.length) this.#inner = Buffer.concat([this.#inner.subarray(0, blockBytes)], needed * 2);
    const end = blockBytes + this.#inner.write(message, blockBytes);
    hash('sha256', this.#inner.subarray(0, end), 'buffer').copy(this.#outer, blockBytes);
    // The id may be a secret.
    this.#inner.fill(0, blockBytes, end);
    return `${this.keyId}.${hash('sha256', this.#outer, 'buffer').toString('base64url', 0, 16)}`;
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

/** By the last characters, in which ids of one issuer differ. */
function placeOf(id: string): number {
  let hash = id.length;
  for (let at = Math.max(0, id.length - 12); at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x0100_0193);
  return (hash ^ hash >>> 15) & places - 1;
}
