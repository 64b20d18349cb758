import { hash } from 'node:crypto';
import type { Fingerprinter } from './fingerprint.ts';
import type { SecretView } from './formats/format.ts';

/** Longest token whose claims are looked at. */
const maxTokenLength = 8192;

/** A secret that a record held. Only fingerprints and a JWT's public claims leave it. */
export class Secret implements SecretView {
  readonly #rawToken: string;
  readonly #fingerprinter: Fingerprinter;

  constructor(presented: string, fingerprinter: Fingerprinter) {
    this.#rawToken = presented.slice(0, 7).toLowerCase() === 'bearer ' ? presented.slice(7).trim() : presented;
    this.#fingerprinter = fingerprinter;
  }

  fingerprint(issuer: string): string {
    return this.#fingerprinter.fingerprint(issuer, this.#rawToken);
  }

  sha256Fingerprint(issuer: string): string {
    return this.#fingerprinter.fingerprint(issuer, hash('sha256', this.#rawToken, 'hex'));
  }

  get claims(): Readonly<Record<string, unknown>> | null {
    return claimsOf(this.#rawToken);
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
