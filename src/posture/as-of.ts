import { weekSeconds, type Credential, type CredentialUse } from '../model/credential.ts';

const weekMs = weekSeconds * 1000;
const dayMs = 24 * 3_600_000;
const wordBits = 32;

/**
 * What was true of a credential at an earlier time, as far as records tell; `null` where it did not exist yet. Issuance, end, revocation,
 * rotation, leaks, first uses, resources and grown scopes have their times. When a use went on is known to the week, 64 weeks back; how often, only
 * over the whole time, so calls are in proportion. What the inventory and listings say is as of today, but for the dates in them.
 */
export function asOf(credential: Credential, atMs: number): Credential | null {
  const { token } = credential;
  if ((token.issuedAtMs ?? token.firstSeenMs) > atMs) return null;
  const uses = credential.uses.flatMap((use) => useAsOf(use, atMs) ?? []);
  const workloads = new Set(uses.map(({ workloadId }) => workloadId));
  const { owner } = credential;
  return {
    ...credential, uses,
    token: {
      ...token, revokedAtMs: until(token.revokedAtMs, atMs), firstSeenMs: Math.min(token.firstSeenMs, atMs),
      lastUsedMs: token.lastUsedMs === null || token.lastUsedMs <= atMs ? token.lastUsedMs : lastOf(uses),
    },
    growth: credential.growth.filter((growth) => growth.atMs <= atMs),
    sightings: credential.sightings.filter(({ firstMs }) => firstMs <= atMs)
      .map((sighting) => (sighting.lastMs <= atMs ? sighting : { ...sighting, count: 1, lastMs: sighting.firstMs })),
    rotatedMs: until(credential.rotatedMs, atMs), leakedMs: until(credential.leakedMs, atMs),
    owner: {
      offboardedMs: until(owner.offboardedMs, atMs), goneMs: until(owner.goneMs, atMs), replacedMs: until(owner.replacedMs, atMs),
      newestKeyMs: until(owner.newestKeyMs, atMs), widenedMs: owner.widenedMs.filter((ms) => ms <= atMs),
    },
    claims: credential.claims.filter(({ evidence, id }) => evidence !== 'event' || workloads.has(id)),
  };
}

function until(timeMs: number | null, atMs: number): number | null {
  return timeMs !== null && timeMs <= atMs ? timeMs : null;
}

function lastOf(uses: readonly CredentialUse[]): number | null {
  return uses.length === 0 ? null : Math.max(...uses.map(({ lastMs }) => lastMs));
}

function useAsOf(use: CredentialUse, atMs: number): CredentialUse | null {
  if (use.firstMs > atMs) return null;
  if (use.lastMs <= atMs) return use;
  const resources = use.resources.filter((_, place) => (use.resourceDays[place] ?? 0) * dayMs <= atMs);
  const lastMs = lastBefore(use, atMs);
  const share = (lastMs - use.firstMs) / (use.lastMs - use.firstMs);
  return { ...use, resources, lastMs, calls: Math.max(1, Math.round(use.calls * share)) };
}

/** The end of the newest week of use up to that time, at most that time itself; the first use where no week is remembered. */
function lastBefore({ firstMs, lastMs, weeks: [newer, older] }: CredentialUse, atMs: number): number {
  const [newest, wanted] = [Math.floor(lastMs / weekMs), Math.floor(atMs / weekMs)];
  for (let back = newest - wanted; back < 2 * wordBits; back++) {
    const isSet = back < wordBits ? newer >>> back & 1 : older >>> back - wordBits & 1;
    if (isSet === 1) return Math.max(firstMs, Math.min(atMs, (newest - back + 1) * weekMs - 1));
  }
  return firstMs;
}
