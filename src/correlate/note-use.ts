import type { TokenEvent } from '../model/event.ts';
import { toSeconds } from './state.ts';
import { tokenFlags, type Tokens } from './tokens.ts';

/** Notes in the bound token's record what an event says of its times. Only a verified success is a use. */
export function noteUse(tokens: Tokens, event: TokenEvent): void {
  const { record } = tokens;
  const seconds = toSeconds(event.timeMs);
  tokens.formerUseMs = record.lastUsedMs;
  if (seconds < record.firstSeenSeconds) record.firstSeenSeconds = seconds;
  if (record.issuedMs === 0 && event.issuedAtMs !== null) record.issuedMs = event.issuedAtMs;
  if (record.expiresSeconds === 0 && event.expiresAtMs !== null) record.expiresSeconds = toSeconds(event.expiresAtMs);
  if (event.outcome !== 'failure' && event.lifecycle !== null) noteLifecycle(tokens, event, seconds);
  if (isUse(event) && event.timeMs > record.lastUsedMs) record.lastUsedMs = event.timeMs;
  tokens.markDirty();
}

function noteLifecycle({ record }: Tokens, event: TokenEvent, seconds: number): void {
  const isRevoked = event.lifecycle === 'revoked' && event.revoked === null;
  if (isRevoked && (record.revokedSeconds === 0 || seconds < record.revokedSeconds)) record.revokedSeconds = seconds;
  if (event.lifecycle === 'rotated') record.flags |= tokenFlags.rotated;
  if (event.lifecycle === 'expired' && record.expiresSeconds === 0) record.expiresSeconds = seconds;
}

/** Presenting a token to get or to revoke another one is a use of it; being revoked, expired or found leaked is none. */
export function isUse({ authenticated, outcome, lifecycle, revoked }: TokenEvent): boolean {
  if (authenticated !== true || outcome !== 'success') return false;
  return lifecycle === null || lifecycle === 'used' || lifecycle === 'issued' || lifecycle === 'granted' || revoked !== null;
}
