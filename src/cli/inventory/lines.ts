import type { Correlator } from '../../correlate/correlator.ts';
import type { Credential, CredentialUse } from '../../model/credential.ts';
import type { PosturePolicy } from '../../model/posture.ts';
import { asOf } from '../../posture/as-of.ts';
import { Estate, type Placed } from '../../posture/estate.ts';
import type { Flaw } from '../../posture/kinds.ts';
import { listedOnly } from '../../posture/listed-only.ts';
import { postureOf } from '../../posture/posture.ts';
import { environmentOf, proofOf, scopesOf, summarizeUses, type Proof, type UseSummary } from '../../posture/summary.ts';
import type { Listing } from '../../model/listing.ts';

/** One credential of the inventory with everything that is shown of it. */
export interface InventoryLine {
  readonly credential: Credential;
  readonly placed: Placed;
  readonly owner: string | null;
  readonly vendor: string | null;
  readonly environment: string | null;
  readonly workload: string | null;
  readonly proof: Proof;
  readonly summary: UseSummary;
  readonly scopes: ReturnType<typeof scopesOf>;
  readonly flaws: readonly Flaw[];
}

export interface InventoryQuestion {
  readonly policy: PosturePolicy;
  readonly listings: readonly Listing[];
  /** Block of addresses -> the third party whose network it is. */
  readonly vendorNetworks: ReadonlyMap<string, string>;
  /** Time as of which it is told; `null`: that of the newest event. */
  readonly atMs: number | null;
}

export interface InventoryAnswer { readonly atMs: number; readonly newestMs: number; readonly lines: readonly InventoryLine[] }

type Registry = Pick<Correlator, 'credentials' | 'entryOf'>;

/** The whole inventory: every token known, and what only listings name. The latest used first. */
export function inventoryLines(registry: Registry, question: InventoryQuestion): InventoryAnswer {
  const all = [...registry.credentials()];
  const newestMs = all.reduce((newest, { token, identity }) => Math.max(newest, token.lastUsedMs ?? 0, token.firstSeenMs, identity?.lastSeenMs ?? 0), 0);
  const atMs = question.atMs ?? newestMs;
  // At the newest event's time everything is as it is.
  const known = atMs >= newestMs ? all : all.flatMap((credential) => asOf(credential, atMs) ?? []);
  const estate = new Estate(question.listings);
  for (const credential of known) estate.add(credential);
  const lines = known.map((credential) => lineOf(credential, estate.place(credential), question, atMs));
  for (const { listing, credential: listed } of estate.listings.unmatched()) {
    const credential = asOf(listedOnly(listing, listed, (handle, identity) => registry.entryOf(handle, identity)), atMs);
    if (credential !== null) lines.push(lineOf(credential, estate.placeListed(credential, listing, listed), question, atMs));
  }
  return { atMs, newestMs, lines: lines.sort(byLastUse) };
}

function lineOf(credential: Credential, placed: Placed, { policy, vendorNetworks }: InventoryQuestion, atMs: number): InventoryLine {
  const { entry, identity, uses } = credential;
  return {
    credential, placed, owner: entry?.owner ?? placed.listed?.owner ?? null, vendor: entry?.vendor ?? vendorBy(uses, vendorNetworks),
    environment: environmentOf(credential),
    workload: identity?.workloadId ?? uses.find(({ workloadId }) => workloadId !== null)?.workloadId ?? entry?.workload ?? null,
    proof: proofOf(credential), summary: summarizeUses(uses), scopes: scopesOf(credential), flaws: postureOf(credential, placed, policy, atMs),
  };
}

/** The third party from whose networks alone it was used. */
function vendorBy(uses: readonly CredentialUse[], vendorNetworks: ReadonlyMap<string, string>): string | null {
  if (vendorNetworks.size === 0 || uses.length === 0) return null;
  const vendors = new Set(uses.map(({ network }) => (network === null ? null : vendorNetworks.get(network) ?? null)));
  return vendors.size === 1 ? [...vendors][0] as string | null : null;
}

/** Newest use first; tokens never seen in use last. */
function byLastUse({ credential: { token: a } }: InventoryLine, { credential: { token: b } }: InventoryLine): number {
  return (b.lastUsedMs ?? 0) - (a.lastUsedMs ?? 0) || ((a.fingerprint ?? a.handle ?? '') < (b.fingerprint ?? b.handle ?? '') ? -1 : 1);
}
