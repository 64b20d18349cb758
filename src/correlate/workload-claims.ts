import { emptyEvent, type WorkloadEvidence } from '../model/event.ts';
import type { WorkloadClaim } from '../model/token.ts';
import type { Dependents } from './dependents.ts';
import type { Identities } from './identities.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import type { Inventory } from './inventory.ts';
import type { Registry } from './registry.ts';
import type { Workloads } from './workloads.ts';

export interface ClaimParts {
  readonly registry: Registry;
  readonly identities: Identities;
  readonly workloads: Workloads;
  readonly inventory: Inventory;
  readonly dependents: Dependents;
}

const maxClaims = 8;
const noSuspects: ReadonlySet<string> = new Set();

/**
 * What runs with a token by each kind of evidence, the one that counts first: what its verified uses said, what is remembered of it and of
 * its identity, what the operator listed. More than one workload among them is a contradiction, for people to look at. Cold: looks
 * through lists.
 */
function workloadClaims(parts: ClaimParts, fingerprint: string): WorkloadClaim[] {
  const { registry, identities, workloads, inventory, dependents } = parts;
  const { names, tokens } = registry;
  tokens.unbind();
  const token = names.resolve(fingerprint);
  if (token === null) return [];
  const { identity, workload } = tokens.record;
  const { handle } = tokens.texts(token);
  const claims = new Map<string, WorkloadClaim>();
  const claim = (evidence: WorkloadEvidence, id: string | null | undefined): void => {
    if (id !== null && id !== undefined && claims.size < maxClaims) claims.set(`${evidence} ${id}`, { evidence, id });
  };
  for (const { workloadId } of dependents.of(token, noSuspects).toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)) claim('event', workloadId);
  claim('registry', workloads.get(workload)?.id);
  const owner = identity === 0 ? null : identities.get(identity);
  if (owner !== null) claim('registry', workloads.get(owner.workload)?.id);
  claim('inventory', listed(inventory, handle, owner)?.workload);
  return [...claims.values()];
}

/** Secrets in which the operator keeps a token, as the inventory says. */
export function secretsOf({ registry: { names, tokens }, identities, inventory }: ClaimParts, fingerprint: string): readonly string[] {
  tokens.unbind();
  const token = names.resolve(fingerprint);
  if (token === null) return [];
  const { identity } = tokens.record;
  return listed(inventory, tokens.texts(token).handle, identity === 0 ? null : identities.get(identity))?.storedIn ?? [];
}

/** The operator's line on a token. */
export function listed(
  inventory: Inventory, tokenHandle: string | null, owner: { readonly id: string; readonly name: string | null } | null,
): InventoryEntry | null {
  return inventory.find(Object.assign(emptyEvent('', 0), { tokenHandle, identityId: owner?.id ?? null, userName: owner?.name ?? null }));
}

/** The claims of a token where they name more than one workload; else none. Quick where its records alone tell that they agree. */
export function contradictions(parts: ClaimParts, fingerprint: string): readonly WorkloadClaim[] {
  const { registry: { names, tokens }, identities, workloads, inventory } = parts;
  tokens.unbind();
  const token = names.resolve(fingerprint);
  if (token === null) return [];
  const { identity, workload } = tokens.record;
  if (identity !== 0 && !identities.hasSeveralWorkloads(identity)) {
    const owner = identities.get(identity);
    const known = workloads.get(workload === 0 ? owner.workload : workload)?.id ?? null;
    const told = inventory.isEmpty ? null : listed(inventory, tokens.texts(token).handle, owner)?.workload ?? null;
    if (told === null || known === null || told === known) return [];
  }
  const claims = workloadClaims(parts, token);
  return new Set(claims.map(({ id }) => id)).size > 1 ? claims : [];
}
