import { BlockList, isIP } from 'node:net';
import type { Alert } from '../model/alert.ts';
import type { Dependent } from '../model/intent.ts';

/** Who was not seen for so long depends on the token no more. */
const idleMs = 90 * 24 * 3_600_000;
/** A place that was in use for so long before the alert is one of the token's own, even where something deviates there now. */
const settledMs = 24 * 3_600_000;
/** A workload with this many known networks may have more. */
const manyNetworks = 8;

/** What a step would break, and what a pin would have to spare. */
export interface BlastRadius {
  /** Observed users other than what deviates. */
  readonly others: readonly Dependent[];
  /**
   * Whom it would take down if the token were refused everywhere: the others, and workloads that had been at work for long where something
   * deviates now. An alert may hold their own network, because it is one of two in which the token is shown at once.
   */
  readonly broken: readonly Dependent[];
  /** Networks from which the token goes on when it is pinned, in CIDR form. */
  readonly keepNetworks: readonly string[];
  /** Workloads that it goes on for. One that also calls from where it deviates is not among them: its name tells nothing. */
  readonly keepWorkloads: readonly string[];
  /** A pin would break nobody, and keep what deviates out. */
  readonly canPin: boolean;
}

/** Pure. `dependents` are all observed users of the token, those of the alert's networks marked. */
export function blastRadius(alert: Alert, dependents: readonly Dependent[]): BlastRadius {
  const seen = dependents.filter(({ lastSeenMs }) => alert.endMs - lastSeenMs <= idleMs);
  const others = seen.filter(({ suspect }) => !suspect);
  const suspects = seen.filter(({ suspect }) => suspect);
  const keepNetworks = [...new Set(others.flatMap(({ networks }) => networks))].sort();
  const suspectWorkloads = new Set(suspects.map(({ workloadId }) => workloadId));
  const keepWorkloads = others.flatMap(({ workloadId }) => (workloadId === null || suspectWorkloads.has(workloadId) ? [] : [workloadId])).sort();
  const settled = suspects.filter(({ firstSeenMs }) => alert.startMs - firstSeenMs >= settledMs);
  const broken = [...others, ...settled.filter(({ workloadId }) => workloadId !== null)];
  const isKnownPlace = settled.length > 0;
  const canPin = keepNetworks.length > 0 && others.every(hasKnownPlaces) && !isKnownPlace && !overlaps(keepNetworks, alert.networks);
  return { others, broken, keepNetworks, keepWorkloads, canPin };
}

function hasKnownPlaces({ networks }: Dependent): boolean {
  return networks.length > 0 && networks.length < manyNetworks;
}

/** Does a kept network hold a suspect one? */
function overlaps(kept: readonly string[], suspect: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of kept) {
    const { address, prefix, family } = parse(network);
    if (family !== null) list.addSubnet(address, prefix, family);
  }
  return suspect.some((network) => {
    const { address, family } = parse(network);
    return family !== null && list.check(address, family);
  });
}

function parse(network: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' | null } {
  const [address = '', prefix = ''] = network.split('/');
  const version = isIP(address);
  return { address, prefix: prefix === '' ? version === 4 ? 32 : 128 : Number(prefix), family: version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : null };
}
