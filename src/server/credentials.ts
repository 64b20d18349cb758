import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Longest `Authorization` header that is looked at. */
const maxHeader = 4096;
const maxHashes = 16;

/** A file of credentials that cannot be used. The message names the file and says what to do. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/**
 * Bearer tokens that somebody may present, known only by their SHA-256: what leaks of the file or of memory opens nothing.
 * Tokens must be long and random, since a plain hash is no protection for words that can be guessed.
 */
export class Credentials {
  readonly #hashes: readonly Buffer[];

  constructor(hashes: readonly Buffer[]) {
    this.#hashes = hashes;
  }

  /** Does an `Authorization` header carry one of them? Takes as long for a right one as for a wrong one. */
  accepts(authorization: string | undefined): boolean {
    const token = bearerOf(authorization);
    const presented = secretHash(token ?? '');
    let accepted = false;
    for (const known of this.#hashes) accepted = timingSafeEqual(known, presented) || accepted;
    return accepted && token !== null;
  }

  /** Do two lists have a token in common? Then nobody can tell who speaks. */
  overlaps(other: Credentials): boolean {
    return this.#hashes.some((hash) => other.#hashes.some((theirs) => theirs.equals(hash)));
  }
}

/** The token in an `Authorization` header; `null` where it carries none. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined || authorization.length > maxHeader) return null;
  return authorization.slice(0, 7).toLowerCase() === 'bearer ' ? authorization.slice(7).trim() : null;
}

/** All that is kept of a secret that somebody shows. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * Reads a file of SHA-256 hashes in hex, one a line, as `printf %s "$TOKEN" | sha256sum` writes them; `#` starts a comment.
 * Several lines are several valid tokens, so that one can take over from another. Throws `CredentialsError`.
 */
export function readCredentials(file: string): Credentials {
  const lines = textOf(file).split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const hashes = lines.map((line, place) => {
    const hash = /^(?:sha256:)?([0-9a-f]{64})(?:\s|$)/i.exec(line)?.[1];
    if (hash === undefined) throw new CredentialsError(`entry ${place + 1} of ${file} is no SHA-256 in hex: ${howTo(file)}`);
    return Buffer.from(hash, 'hex');
  });
  if (hashes.length === 0) throw new CredentialsError(`${file} holds no token's hash: ${howTo(file)}`);
  if (hashes.length > maxHashes) throw new CredentialsError(`${file} holds more than ${maxHashes} hashes: remove unused ones`);
  const empty = secretHash('');
  if (hashes.some((hash) => hash.equals(empty))) throw new CredentialsError(`${file} holds the hash of an empty token: ${howTo(file)}`);
  return new Credentials(hashes);
}

function howTo(file: string): string {
  return `printf %s "$TOKEN" | sha256sum > ${file}`;
}

/** What a file of credentials says. Throws `CredentialsError`. */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CredentialsError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`, { cause: error });
  }
}
