import { createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sealing } from '../model/sealed.ts';
import type { SealedStore } from '../store/denial-port.ts';
import type { OpenToken } from './actions/perform.ts';

/** What stands before an X25519 key in its DER form (RFC 8410). */
const derPrefix = Buffer.from('302a300506032b656e032100', 'hex');

export interface OpenerParts {
  readonly store: SealedStore;
  /** The fingerprint that a token goes by, of any of its fingerprints: it may have been sealed under another. */
  readonly canonical: (fingerprint: string) => string;
  readonly now?: () => number;
}

/**
 * Opens sealed tokens with the private key in a PEM file. What it answers is for one request and goes nowhere else.
 * Throws an `Error` that does not quote the file.
 */
export function tokenOpener(file: string, { store, canonical, now = Date.now }: OpenerParts): OpenToken {
  const key = readKey(file);
  return (fingerprint) => {
    store.forgetEnded(now());
    const box = store.get(fingerprint, now());
    if (box !== null) return openBox(box, fingerprint, key);
    for (const alias of store.tokens(now())) {
      if (canonical(alias) === fingerprint) return openBox(store.get(alias, now()) ?? new Uint8Array(), alias, key);
    }
    return null;
  };
}

/** `null` for a box that was closed to another key, for another token, or is damaged. */
export function openBox(box: Uint8Array, fingerprint: string, key: KeyObject): string | null {
  const { version, publicKeyBytes, tagBytes, nonceBytes, cipher } = sealing;
  const sealedAt = 1 + publicKeyBytes;
  if (box[0] !== version || box.length <= sealedAt + tagBytes) return null;
  try {
    const sender = createPublicKey({ key: Buffer.concat([derPrefix, box.subarray(1, sealedAt)]), format: 'der', type: 'spki' });
    const decipher = createDecipheriv(cipher, sharedKey(key, sender, box.subarray(1, sealedAt)), Buffer.alloc(nonceBytes), { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(fingerprint));
    decipher.setAuthTag(box.subarray(-tagBytes));
    return Buffer.concat([decipher.update(box.subarray(sealedAt, -tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

function sharedKey(privateKey: KeyObject, publicKey: KeyObject, sender: Uint8Array): Buffer {
  const { hash, keyBytes, purpose } = sealing;
  const own = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(derPrefix.length);
  return Buffer.from(hkdfSync(hash, diffieHellman({ privateKey, publicKey }), Buffer.concat([sender, own]), purpose, keyBytes));
}

function readKey(file: string): KeyObject {
  const advice = `openssl genpkey -algorithm x25519 -out ${file}`;
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(file));
  } catch {
    throw new Error(`${file} holds no private key: ${advice}`);
  }
  if (key.asymmetricKeyType !== 'x25519') throw new Error(`${file} holds no X25519 key: ${advice}`);
  return key;
}
