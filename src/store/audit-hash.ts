import { hash } from 'node:crypto';

/** What the first entry of the chain follows. */
export const auditStart = '0'.repeat(64);

/** The hash of an entry: SHA-256 over its number, the hash before it and the note's text, joined with line feeds, in hex. */
export function auditHash(number: number, previous: string, note: string): string {
  return hash('sha256', `${number}\n${previous}\n${note}`, 'hex');
}
