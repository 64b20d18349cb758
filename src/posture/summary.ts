import { useTraits, type Credential, type CredentialUse } from '../model/credential.ts';
import { environmentIn, production } from '../model/environment.ts';
import { unusedScopes } from './scopes.ts';

const dayMs = 24 * 3_600_000;
/** Of each list that is shown. */
const maxShown = 16;

/** How it is known which workload shows a credential, the best last: `inferred` by earlier records or the inventory alone. */
export const proofs = ['unknown', 'inferred', 'asserted', 'claimed', 'attested'] as const;
export type Proof = (typeof proofs)[number];

/** The weakest proof that a use went through with: a thief needs no better one. */
export function proofOf({ uses, identity, entry }: Credential): Proof {
  const told = uses.map(({ traits }) => traits).filter((traits) => (traits & (useTraits.attested | useTraits.claimed | useTraits.asserted)) !== 0);
  if (told.length === 0) return (identity?.workloadId ?? entry?.workload ?? null) === null ? 'unknown' : 'inferred';
  if (told.some((traits) => (traits & useTraits.asserted) !== 0)) return 'asserted';
  return told.some((traits) => (traits & useTraits.claimed) !== 0) ? 'claimed' : 'attested';
}

/** Who was seen to use a credential and what they touched, for people. */
export interface UseSummary {
  readonly callsPerDay: number | null;
  readonly networks: readonly string[];
  readonly resources: readonly string[];
  readonly dependents: readonly string[];
}

export function summarizeUses(uses: readonly CredentialUse[]): UseSummary {
  if (uses.length === 0) return { callsPerDay: null, networks: [], resources: [], dependents: [] };
  let [calls, firstMs, lastMs] = [0, Infinity, 0];
  const [networks, resources, dependents] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const use of uses) {
    calls += use.calls;
    firstMs = Math.min(firstMs, use.firstMs);
    lastMs = Math.max(lastMs, use.lastMs);
    if (use.network !== null) networks.add(use.network);
    for (const resource of use.resources) resources.add(resource);
    dependents.add(use.workloadId ?? `${use.user} from ${use.network ?? 'an unknown network'}`);
  }
  const shown = (names: ReadonlySet<string>): string[] => [...names].sort().slice(0, maxShown);
  return {
    callsPerDay: Math.round(10 * calls / Math.max(1, (lastMs - firstMs) / dayMs)) / 10,
    networks: shown(networks), resources: shown(resources), dependents: shown(dependents),
  };
}

/** Scopes that are granted and those of them that were exercised, by their words; `null` where no log told any. */
export function scopesOf({ scopes, growth, uses }: Credential): { readonly granted: readonly string[]; readonly used: readonly string[] } | null {
  const granted = [...new Set([...scopes ?? [], ...growth.flatMap((grown) => grown.scopes)])];
  if (granted.length === 0) return null;
  const unused = uses.length === 0 ? granted : unusedScopes(granted, uses);
  return { granted, used: granted.filter((scope) => !unused.includes(scope)) };
}

/** As the inventory says, else as the names of its workload and identity tell. */
export function environmentOf({ entry, identity }: Credential): string | null {
  if (entry?.environment !== undefined) return entry.environment;
  for (const name of [identity?.workloadId, entry?.workload, identity?.name, identity?.id]) {
    const found = name === null || name === undefined ? 0 : environmentIn(name);
    if (found !== 0) return found === production ? 'production' : 'before production';
  }
  return null;
}
