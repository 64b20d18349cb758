import { hash, type KeyObject } from 'node:crypto';
import type { TokenEvent } from '../model/event.ts';
import { sealing } from '../model/sealed.ts';
import type { Fingerprinter } from './fingerprint.ts';
import type { SecretView } from './formats/format.ts';
import { seal, type Sealable } from './seal.ts';

/** Longest token whose claims are looked at. */
const maxTokenLength = 8192;

/** What loggers write where a secret was, or where there was none: taken for a token it would be one that everybody shows. */
const placeholders: ReadonlySet<string> = new Set([
  '', '-', '*', '***', '****', '******', 'REDACTED', '[REDACTED]', '<redacted>', '(not set)', 'null',
  'Bearer', 'Bearer REDACTED', 'Bearer [REDACTED]', 'Bearer ***',
]);

export function isPlaceholder(text: string): boolean {
  return placeholders.has(text);
}

/** A secret that a record held. Only fingerprints, a JWT's public claims and a sealed box leave it. */
export class Secret implements SecretView, Sealable {
  /** Where it stood in the record. */
  readonly field: string;
  readonly #rawToken: string;
  readonly #fingerprinter: Fingerprinter;
  /** Fingerprints that were asked of it: of the secret, and of its digest. */
  #given: string | null = null;
  #givenDigest: string | null = null;

  constructor(presented: string, fingerprinter: Fingerprinter, field: string) {
    this.field = field;
    this.#rawToken = presented.slice(0, 7).toLowerCase() === 'bearer ' ? presented.slice(7).trim() : presented;
    this.#fingerprinter = fingerprinter;
  }

  /** The log holds a digest in the place of the secret. */
  get isDigest(): boolean {
    return this.#rawToken.startsWith('hmac-sha256:');
  }

  fingerprint(issuer: string): string {
    return this.#given = this.#fingerprinter.fingerprint(issuer, this.#rawToken);
  }

  sha256Fingerprint(issuer: string): string {
    return this.#givenDigest = this.#fingerprinter.fingerprint(issuer, hash('sha256', this.#rawToken, 'hex'));
  }

  get claims(): Readonly<Record<string, unknown>> | null {
    return claimsOf(this.#rawToken);
  }

  /** By a fingerprint that the format took from it, or by the `jti` inside, which is the token's handle then. */
  isTokenOf({ token, aliases, tokenHandle, tokenIssuer }: TokenEvent): boolean {
    for (const given of [this.#given, this.#givenDigest]) {
      if (given !== null && (given === token || aliases?.includes(given) === true)) return true;
    }
    const claims = tokenHandle === null ? null : this.claims;
    return claims !== null && claims['jti'] === tokenHandle && claims['iss'] === tokenIssuer;
  }

  sealedTo(recipient: KeyObject, fingerprint: string): Uint8Array | null {
    return Buffer.byteLength(this.#rawToken) > sealing.maxTokenBytes ? null : seal(this.#rawToken, fingerprint, recipient);
  }
}

/** Claims of an unverified JWT, without a prototype; `null` when the text is none. Never throws. */
function claimsOf(token: string): Readonly<Record<string, unknown>> | null {
  if (token.length > maxTokenLength) return null;
  const parts = token.split('.');
  if (parts.length !== 3) return null;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(parts[1]!, 'base64url'));
    const claims: unknown = JSON.parse(text);
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return null;
    return Object.assign(Object.create(null), claims) as Record<string, unknown>;
  } catch {
    return null;
  }
}
