import { hash } from 'node:crypto';

/**
 * A stable id from its parts: 128 bits of SHA-256 in base64url. The parts are joined with NUL, which
 * none of them holds, so that different parts never give one text.
 */
export function stableId(...parts: readonly string[]): string {
  return hash('sha256', parts.join('\0'), 'base64url').slice(0, 22);
}
