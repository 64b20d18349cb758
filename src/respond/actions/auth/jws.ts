import { createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

const leastBits = 2048;

/** Reads an RSA key in PEM. Throws an `Error` that does not quote the file. */
export function readRsaKey(file: string): KeyObject {
  return rsaKey(readFileSync(file, 'utf8'), file);
}

/** `file` is where the PEM came from, for the error. */
export function rsaKey(pem: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Error(`${file} holds no private key in PEM`);
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < leastBits) throw new Error(`${file} must hold an RSA key of at least ${leastBits} bits`);
  return key;
}

/** A compact JWS (RFC 7515) with RS256. */
export function signedJws(header: Readonly<Record<string, string>>, claims: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const input = `${encoded({ alg: 'RS256', ...header })}.${encoded(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

/** The claims of a JWT, unchecked; `null` where it is none. */
export function claimsOf(token: string | null): Readonly<Record<string, unknown>> | null {
  const parts = token?.split('.') ?? [];
  if (parts.length !== 3) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
