import { maxDays, type RawException } from './exceptions.ts';
import type { Complaint } from './issues.ts';
import type { Configurable, RawConfiguration } from './schema.ts';
import { didYouMean } from './suggest.ts';

const dayMs = 86_400_000;
/** Leading bits of the widest block that still names a place. */
const widest = { v4: 16, v6: 32 } as const;

/** What no schema can say of an exception: two people, an end in time, places rather than ranges, detectors that may be silenced. */
export function checkExceptions({ exceptions }: RawConfiguration, detectors: readonly Configurable[]): Complaint[] {
  return exceptions.flatMap((one, place) => {
    const complain = (key: string, message: string, hint: string | null, at: readonly number[] = []): Complaint =>
      ({ path: ['exceptions', place, key, ...at], message, hint });
    return [
      ...sameName(one.author, one.approver) ? [complain('approver', `"${one.approver}" is also its author`, 'somebody else must agree')] : [],
      ...lasting(one, complain), ...wrongDetectors(one, detectors, complain), ...wrongNetworks(one, complain),
    ];
  });
}

type Complain = (key: string, message: string, hint: string | null, at?: readonly number[]) => Complaint;

function sameName(left: string, right: string): boolean {
  return left.trim().toLowerCase() === right.trim().toLowerCase();
}

function lasting({ from, expires }: RawException, complain: Complain): Complaint[] {
  const fromMs = Date.parse(from);
  const days = (Date.parse(expires) - fromMs) / dayMs;
  if (days <= 0) return [complain('expires', 'it ends before it begins', null)];
  if (days <= maxDays) return [];
  return [complain('expires', `it lasts ${Math.ceil(days)} days`, `${maxDays} at most: ${new Date(fromMs + maxDays * dayMs).toISOString().slice(0, 10)}`)];
}

function wrongDetectors({ detectors }: RawException, known: readonly Configurable[], complain: Complain): Complaint[] {
  return detectors.flatMap((id, at) => {
    const detector = known.find((one) => one.id === id);
    if (detector === undefined) return [complain('detectors', `unknown detector "${id}"`, didYouMean(id, known.map((one) => one.id)), [at])];
    return detector.neverHidden === true ? [complain('detectors', `what "${id}" finds is never hidden`, 'leave it out', [at])] : [];
  });
}

function wrongNetworks({ kind, networks }: RawException, complain: Complain): Complaint[] {
  if (kind === 'migration' && networks.length === 0) return [complain('kind', 'a migration needs "networks"', 'networks: [old/24, new/24]')];
  return networks.flatMap((network, at) => {
    const least = network.includes(':') ? widest.v6 : widest.v4;
    const isWide = Number(network.slice(network.indexOf('/') + 1)) < least;
    return isWide ? [complain('networks', `"${network}" is no place but a range`, `name its subnets, each /${least} or narrower`, [at])] : [];
  });
}
