import type { Credential, CredentialUse } from '../model/credential.ts';
import type { ListedCredential } from '../model/listing.ts';
import type { PosturePolicy } from '../model/posture.ts';
import type { Placed } from './estate.ts';
import { lastingKinds } from './policy.ts';

export const dayMs = 24 * 3_600_000;

/** One credential as it is judged: what is known of it, what its provider lists, and when. */
export interface Subject {
  readonly credential: Credential;
  readonly placed: Placed;
  readonly policy: PosturePolicy;
  readonly atMs: number;
  /** When it was issued, else first seen. */
  readonly bornMs: number;
  readonly endMs: number | null;
  /** From issuance to end; `null`: the end is not known. */
  readonly lifetimeMs: number | null;
  readonly ageMs: number;
  readonly lastUsedMs: number | null;
  /** Made to last, or it lives for more than a day. */
  readonly isLasting: boolean;
}

export function subjectOf(credential: Credential, placed: Placed, policy: PosturePolicy, atMs: number): Subject {
  const { token, uses } = credential;
  const bornMs = Math.min(token.issuedAtMs ?? placed.listed?.createdMs ?? token.firstSeenMs, atMs);
  const endMs = token.expiresAtMs ?? placed.listed?.expiresMs ?? null;
  const lifetimeMs = endMs === null ? null : endMs - bornMs;
  const ageMs = atMs - bornMs;
  const isLasting = lastingKinds.has(token.kind) || Math.max(lifetimeMs ?? 0, ageMs) > dayMs;
  return { credential, placed, policy, atMs, bornMs, endMs, lifetimeMs, ageMs, isLasting, lastUsedMs: lastUse(credential, uses, placed.listed, atMs) };
}

function lastUse({ token }: Credential, uses: readonly CredentialUse[], listed: ListedCredential | null, atMs: number): number | null {
  let last = token.lastUsedMs ?? 0;
  for (const { lastMs } of uses) last = Math.max(last, lastMs);
  const ofListing = listed?.lastUsedMs;
  if (typeof ofListing === 'number' && ofListing <= atMs) last = Math.max(last, ofListing);
  return last === 0 ? null : last;
}

/** Has it come to an end by then? */
export function hasEnded({ credential: { token, rotatedMs }, placed: { listed }, endMs, atMs }: Subject): boolean {
  return token.revokedAtMs !== null && token.revokedAtMs <= atMs || endMs !== null && endMs <= atMs
    || rotatedMs !== null && rotatedMs <= atMs || listed?.isActive === false;
}

/** A duration in the largest unit that leaves a whole number of two digits at least, else in the next. */
export function durationText(ms: number): string {
  const units: readonly (readonly [number, string])[] = [[dayMs, 'd'], [3_600_000, 'h'], [60_000, 'min']];
  const [unit, name] = units.find(([size]) => ms >= 2 * size) ?? [1000, 's'];
  return `${Math.round(ms / unit)} ${name}`;
}
