import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Denial } from '../../model/denial.ts';

/** What gateways get, before it is signed. */
export interface DenyListContent {
  readonly name: string;
  readonly number: number;
  readonly changedMs: number;
  readonly entries: readonly Denial[];
}

export interface Signer { readonly keyId: string; sign(bytes: Buffer): Buffer }

/** Reads an Ed25519 key in PEM (PKCS 8). Throws an `Error` that does not quote the file. */
export function readSigner(file: string): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch {
    throw new Error(`${file} holds no private key: openssl genpkey -algorithm ed25519 -out ${file}`);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${file} holds no Ed25519 key: openssl genpkey -algorithm ed25519 -out ${file}`);
  return { keyId: keyIdOf(createPublicKey(key)), sign: (bytes) => sign(null, bytes, key) };
}

/** Thumbprint of the public key (RFC 7638). */
export function keyIdOf(key: KeyObject): string {
  const { crv, kty, x } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/** The list as a compact JWS (RFC 7515) signed with EdDSA (RFC 8037). The same content gives the same bytes. */
export function signedList(content: DenyListContent, signer: Signer): string {
  const header = base64url({ alg: 'EdDSA', kid: signer.keyId, typ: 'tokenward-deny-list' });
  const { name, number, changedMs, entries } = content;
  const payload = base64url({ list: name, number, changed: new Date(changedMs).toISOString(), entries: entries.map(published) });
  const input = `${header}.${payload}`;
  return `${input}.${signer.sign(Buffer.from(input)).toString('base64url')}`;
}

function published({ intentId, by, value, issuer, keep, untilMs }: Denial): Readonly<Record<string, unknown>> {
  const until = untilMs === null ? {} : { until: new Date(untilMs).toISOString() };
  return { intent: intentId, by, value, ...(issuer === null ? {} : { issuer }), ...(keep === null ? {} : { keep }), ...until };
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
