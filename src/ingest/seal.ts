import { createCipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TokenEvent, TokenKind } from '../model/event.ts';
import { sealing, type SealedToken } from '../model/sealed.ts';

/** Bytes before the key itself in the DER form of an X25519 public key (RFC 8410). */
const derPrefixLength = 12;
/** Kinds of token that only the token itself ends. */
const sealable: ReadonlySet<TokenKind> = new Set(['opaque', 'jwt', 'refresh']);
/** Apigee knows a key by nothing but the key. */
const keysKnownByThemselves = 'apigee.access';
/** A token whose end nobody told is kept this long after a use. */
const unknownEndMs = 24 * 3_600_000;
const maxRemembered = 65_536;

/** Reads the executor's X25519 public key from a PEM file. Throws an `Error` that does not quote the file. */
export function readSealKey(file: string): KeyObject {
  const advice = `openssl pkey -in PRIVATE_KEY -pubout -out ${file}`;
  let key: KeyObject;
  try {
    key = createPublicKey(readFileSync(file));
  } catch {
    throw new Error(`${file} holds no public key: ${advice}`);
  }
  if (key.asymmetricKeyType !== 'x25519') throw new Error(`${file} holds no X25519 key: ${advice}`);
  return key;
}

/** Closes a token to a public key, see `sealing`; under another fingerprint the box does not open. */
export function seal(rawToken: string, fingerprint: string, recipient: KeyObject): Uint8Array {
  const { hash, keyBytes, purpose, version, cipher, nonceBytes, tagBytes } = sealing;
  const sender = generateKeyPairSync('x25519');
  const senderBytes = bytesOf(sender.publicKey);
  const shared = diffieHellman({ privateKey: sender.privateKey, publicKey: recipient });
  const key = Buffer.from(hkdfSync(hash, shared, Buffer.concat([senderBytes, bytesOf(recipient)]), purpose, keyBytes));
  // The key is of this box alone, so the nonce may be the same in all.
  const closing = createCipheriv(cipher, key, Buffer.alloc(nonceBytes), { authTagLength: tagBytes });
  closing.setAAD(Buffer.from(fingerprint));
  const closed = Buffer.concat([closing.update(rawToken, 'utf8'), closing.final()]);
  return Buffer.concat([Buffer.of(version), senderBytes, closed, closing.getAuthTag()]);
}

function bytesOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(derPrefixLength);
}

function isSealable({ tokenKind, dataset }: TokenEvent): boolean {
  return sealable.has(tokenKind) || tokenKind === 'api_key' && dataset === keysKnownByThemselves;
}

/** What the sealer asks of a secret of the record at hand. */
export interface Sealable {
  /** Is it the very token that the event names as the presented one? */
  isTokenOf(event: TokenEvent): boolean;
  /** `null` for what is too long. */
  sealedTo(recipient: KeyObject, fingerprint: string): Uint8Array | null;
}

/** Seals each token that was proven in use once, and again where its end is not known and half of its time is over. */
export class Sealer {
  readonly #recipient: KeyObject;
  readonly #keep: (sealed: SealedToken) => void;
  /** Fingerprint -> event time until which a box is kept, in two generations: full means the older one goes. */
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(recipient: KeyObject, keep: (sealed: SealedToken) => void) {
    this.#recipient = recipient;
    this.#keep = keep;
  }

  /** An event and the secrets that its record held. Never throws. */
  offer(event: TokenEvent, secrets: readonly Sealable[]): void {
    const { token, expiresAtMs, orderMs } = event;
    if (token === null || event.authenticated !== true || !isSealable(event)) return;
    const untilMs = expiresAtMs ?? orderMs + unknownEndMs;
    const kept = this.#young.get(token) ?? this.#old.get(token);
    if (untilMs <= orderMs || kept !== undefined && untilMs - kept < unknownEndMs / 2) return;
    const own = secrets.find((secret) => secret.isTokenOf(event));
    const box = own?.sealedTo(this.#recipient, token) ?? null;
    if (box === null) return;
    this.#remember(token, untilMs);
    this.#keep({ token, untilMs, box });
  }

  #remember(token: string, untilMs: number): void {
    if (this.#young.size >= maxRemembered) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(token, untilMs);
  }
}
