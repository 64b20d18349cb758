import type { Token } from '../model/token.ts';
import type { Identities } from './identities.ts';
import type { Registry } from './registry.ts';
import { tokenFlags } from './tokens.ts';

/** Everything that is known of a token, for people. The fingerprint must be a known token's own. */
export function describeToken({ tokens, lineage, revocations }: Registry, identities: Identities, fingerprint: string): Token {
  const parent = lineage.parentOf(fingerprint);
  const inheritedSeconds = parent === null ? 0 : revocations.ofAncestors(fingerprint);
  const { handle, issuer } = tokens.texts(fingerprint);
  tokens.bind(fingerprint);
  const { record, kind } = tokens;
  return {
    fingerprint, kind, handle, issuer, parent,
    identityId: record.identity === 0 ? null : identities.get(record.identity).id,
    issuedAtMs: orNull(record.issuedMs),
    issueSeen: tokens.flag(tokenFlags.issueSeen),
    expiresAtMs: orNull(record.expiresSeconds * 1000),
    revokedAtMs: orNull((record.revokedSeconds || inheritedSeconds) * 1000),
    firstSeenMs: record.firstSeenSeconds * 1000,
    lastUsedMs: orNull(record.lastUsedMs),
    upstream: tokens.flag(tokenFlags.upstream),
  };
}

function orNull(timeMs: number): number | null {
  return timeMs === 0 ? null : timeMs;
}
