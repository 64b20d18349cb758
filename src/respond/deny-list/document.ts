import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Denial, DeniedBy } from '../../model/denial.ts';

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

interface PublishedEntry {
  readonly intent: string; readonly by: DeniedBy; readonly value: string; readonly issuer?: string; readonly keep?: Denial['keep']; readonly until?: string;
}
interface PublishedList { readonly list: string; readonly number: number; readonly changed: string; readonly entries: readonly PublishedEntry[] }

/** What `signedList` made of a list; `null` for any text that this key did not sign as one. */
export function readSignedList(text: string, key: KeyObject): DenyListContent | null {
  const parts = text.trim().split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || !verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))) return null;
  const { alg, typ } = parsed<{ alg: string; typ: string }>(header);
  if (alg !== 'EdDSA' || typ !== 'tokenward-deny-list') return null;
  // By its signature it is ours, so its form is.
  const { list, number, changed, entries } = parsed<PublishedList>(payload);
  return { name: list, number, changedMs: Date.parse(changed), entries: entries.map((entry) => denialOf(entry, number)) };
}

/** `number` is then that of the list: which one first held the entry is not published. */
function denialOf({ intent: intentId, by, value, issuer, keep, until }: PublishedEntry, number: number): Denial {
  return { intentId, number, by, value, issuer: issuer ?? null, keep: keep ?? null, untilMs: until === undefined ? null : Date.parse(until) };
}

function parsed<T>(part: string): T {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as T;
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
