/** A token closed to the executor's public key: whoever has not the private one cannot open it. */
export interface SealedToken {
  /** Fingerprint of the token; the box opens under no other. */
  readonly token: string;
  /** When the box is of no use any more, epoch ms. */
  readonly untilMs: number;
  readonly box: Uint8Array;
}

/**
 * Layout of a box: one byte of version, the sender's X25519 public key made for this box alone, then what AES-256-GCM gave, its tag last.
 * The key is HKDF-SHA-256 (RFC 5869) of the shared secret, salted with both public keys; a key seals once, so the nonce is zero.
 */
export const sealing = {
  version: 1, publicKeyBytes: 32, tagBytes: 16, keyBytes: 32, nonceBytes: 12, hash: 'sha256', cipher: 'aes-256-gcm', purpose: 'tokenward sealed token 1',
  /** Longer tokens are not sealed. */
  maxTokenBytes: 8192,
} as const;
