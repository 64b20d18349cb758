import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const prefix = 'whsec_';
const maxKeys = 4;

/**
 * The keys in a secret's file: one `whsec_` + base64 of 24 to 64 bytes per line, the newest first. While a secret is
 * being changed both stand there, and every message is signed with both. Throws an `Error` that does not quote the file.
 */
export function readSigningKeys(file: string): Buffer[] {
  const lines = readFileSync(file, 'utf8').split('\n').map((text) => text.trim()).filter((text) => text !== '');
  if (lines.length === 0 || lines.length > maxKeys) throw new Error(`${file} must hold one to ${maxKeys} secrets, one per line`);
  return lines.map((line) => {
    const key = Buffer.from(line.slice(prefix.length), 'base64');
    const isWhole = line.replace(/=+$/, '') === prefix + key.toString('base64').replace(/=+$/, '');
    if (!isWhole || key.length < 24 || key.length > 64) throw new Error(`${file} must hold ${prefix} and 24 to 64 bytes in base64`);
    return key;
  });
}

/**
 * Headers that prove a message: Standard Webhooks 1.0 (standardwebhooks.com), HMAC-SHA-256 over id, time and body. The
 * id stays the same over all attempts, the time is that of the attempt, in seconds.
 */
export function signedHeaders(messageId: string, timeSeconds: number, body: string, keys: readonly Buffer[]): Record<string, string> {
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(`${messageId}.${timeSeconds}.${body}`).digest('base64')}`);
  return { 'webhook-id': messageId, 'webhook-timestamp': String(timeSeconds), 'webhook-signature': signatures.join(' ') };
}
