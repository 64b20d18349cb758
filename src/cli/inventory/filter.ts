import { durationMs } from '../../config/units.ts';
import { postureKindNames } from '../../posture/kinds.ts';
import { UsageError } from '../usage-error.ts';
import type { InventoryLine } from './lines.ts';

/** What narrows the inventory; all that is given must hold. */
export interface FilterOptions {
  readonly kind?: string;
  readonly identity?: string;
  readonly owner?: string;
  readonly vendor?: string;
  readonly workload?: string;
  readonly environment?: string;
  readonly posture?: string;
  readonly unusedFor?: string;
  readonly live?: true;
}

/** Says which lines are wanted. Throws `UsageError` for what no line can be. */
export function filterOf(options: FilterOptions, atMs: number): (line: InventoryLine) => boolean {
  const { kind, identity, owner, vendor, workload, environment, posture, unusedFor, live } = options;
  if (posture !== undefined && !postureKindNames.some((name) => name === posture)) {
    throw new UsageError(`no kind of posture is called ${posture}`, `known are ${postureKindNames.join(', ')}`);
  }
  const unusedMs = unusedFor === undefined ? null : durationMs(unusedFor);
  if (unusedFor !== undefined && unusedMs === null) throw new UsageError('--unused-for takes a duration such as 90d');
  return (line) => {
    const { token, identity: whose } = line.credential;
    return (kind === undefined || token.kind === kind)
      && (identity === undefined || whose?.id === identity || whose?.name === identity)
      && (owner === undefined || line.owner === owner) && (vendor === undefined || line.vendor === vendor)
      && (workload === undefined || line.workload === workload || line.credential.uses.some(({ workloadId }) => workloadId === workload))
      && (environment === undefined || line.environment === environment)
      && (posture === undefined || line.flaws.some((flaw) => flaw.kind === posture))
      && (unusedMs === null || atMs - (token.lastUsedMs ?? 0) >= unusedMs)
      && (live !== true || isLive(line, atMs));
  };
}

export function isLive({ credential: { token }, placed: { listed } }: InventoryLine, atMs: number): boolean {
  return token.revokedAtMs === null && (token.expiresAtMs === null || token.expiresAtMs > atMs) && listed?.isActive !== false;
}
