import type { Correlator } from '../correlate/correlator.ts';
import { useOf } from '../correlate/describe-uses.ts';
import type { Intel } from '../intel/intel.ts';
import { weekSeconds, type CredentialUse } from '../model/credential.ts';
import type { NetworkView, UseView } from '../server/api/shapes.ts';

const weekMs = weekSeconds * 1000;
const wordBits = 32;
const keptWeeks = 2 * wordBits;
/** Of one identity; those used last. */
const maxUses = 100;

/** Whose uses deviate: from these networks, or first seen since then. */
export interface Suspected { readonly networks: ReadonlySet<string>; readonly sinceMs: number }

/** What is known of a block of addresses now. */
export function networkView(block: string, intel: Intel): NetworkView {
  const { asNumber, asOrganization, country, class: networkClass, name } = intel.lookup(block.split('/')[0] as string);
  return { block, name, asNumber, asOrganization, country, class: networkClass };
}

/** Every use of an identity: of its short-lived tokens, of its lasting ones, and of `tokens` where those live long. */
export function usesOf(correlator: Pick<Correlator, 'dependents' | 'token'>, identityId: string, tokens: readonly string[]): CredentialUse[] {
  const { dependents } = correlator;
  const own = new Set([...dependents.kin.lasting(identityId) ?? [], ...tokens.map((token) => correlator.token(token)?.fingerprint ?? token)]);
  return [...dependents.sharedUses(identityId), ...[...own].flatMap((token) => dependents.ownUses(token))].map(useOf);
}

/** Uses for people, the last used first. */
export function useViews(uses: readonly CredentialUse[], { networks, sinceMs }: Suspected, intel: Intel): UseView[] {
  // First uses are known to the second.
  const since = Math.floor(sinceMs / 1000) * 1000;
  return [...uses].sort((left, right) => right.lastMs - left.lastMs).slice(0, maxUses).map((use) => ({
    user: use.user, isWorkload: use.workloadId !== null, network: use.network === null ? null : networkView(use.network, intel),
    calls: use.calls, firstMs: use.firstMs, lastMs: use.lastMs, weeks: weeksOf(use), resources: use.resources,
    suspect: use.firstMs >= since || use.network !== null && networks.has(use.network),
  }));
}

/** Beginnings of the weeks in which a use went on, the oldest first. */
export function weeksOf({ lastMs, weeks: [newer, older] }: Pick<CredentialUse, 'lastMs' | 'weeks'>): number[] {
  const newest = Math.floor(lastMs / weekMs);
  const starts: number[] = [];
  for (let back = keptWeeks - 1; back >= 0; back--) {
    const bits = back < wordBits ? newer >>> back : older >>> back - wordBits;
    if (back === 0 || (bits & 1) !== 0) starts.push((newest - back) * weekMs);
  }
  return starts;
}
