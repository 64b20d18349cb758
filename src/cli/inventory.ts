import type { Command } from 'commander';
import type { Identity, Token, WorkloadClaim } from '../model/token.ts';
import { withKnown, type Known, type KnownOptions } from './known.ts';
import { table } from './table.ts';

interface Options extends KnownOptions { readonly json?: true }

/** A token with its owner, as one line of the inventory. */
export interface InventoryLine {
  readonly token: Token;
  readonly identity: Identity | null;
  readonly owner: string | null;
  /** Where they contradict each other. */
  readonly claims: readonly WorkloadClaim[];
}

export function register(program: Command): void {
  program.command('inventory')
    .description('every token known: whose it is, what it runs, when it was issued and last used')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the folder that replay keeps its state in')
    .option('--json', 'one JSON line for each token')
    .action((options: Options) => withKnown(options, ({ correlator }) => {
      const identities = new Map([...correlator.identities()].map((identity) => [identity.id, identity]));
      const lines = [...correlator.tokens()].map((token) => lineOf(token, identities, correlator));
      const text = options.json ? lines.map((line) => JSON.stringify(document(line))).join('\n') : inventoryTable(lines.sort(byLastUse));
      if (text !== '') process.stdout.write(`${text}\n`);
    }));
}

function lineOf(token: Token, identities: ReadonlyMap<string, Identity>, correlator: Known['correlator']): InventoryLine {
  const identity = token.identityId === null ? null : identities.get(token.identityId) ?? null;
  return { token, identity, owner: identity === null ? null : correlator.ownerOf(identity.id), claims: correlator.contradictions(token.fingerprint) };
}

/** The same facts under the names that events and alerts use. */
function document({ token, identity, owner, claims }: InventoryLine): object {
  return {
    tokenward: {
      token: {
        fingerprint: token.fingerprint, kind: token.kind, handle: token.handle, issuer: token.issuer, parent: token.parent,
        issued_at: iso(token.issuedAtMs), expires_at: iso(token.expiresAtMs), issue_seen: token.issueSeen,
        first_seen: iso(token.firstSeenMs), last_used: iso(token.lastUsedMs), revoked_at: iso(token.revokedAtMs),
      },
      identity: identity === null ? null : { id: identity.id, kind: identity.kind, name: identity.name, owner },
      workload: workloadOf(identity),
      ...claims.length === 0 ? {} : { workload_contradictions: claims },
    },
  };
}

function workloadOf(identity: Identity | null): object | null {
  if (identity === null || identity.workloadId === null) return null;
  return { id: identity.workloadId, kind: identity.workloadKind, evidence: identity.workloadEvidence };
}

/** Newest use first; tokens never seen in use last. */
function byLastUse(a: InventoryLine, b: InventoryLine): number {
  return (b.token.lastUsedMs ?? 0) - (a.token.lastUsedMs ?? 0) || (a.token.fingerprint < b.token.fingerprint ? -1 : 1);
}

export function inventoryTable(lines: readonly InventoryLine[]): string {
  const rows = lines.map(({ token, identity, owner, claims }) => [
    identity?.name ?? identity?.id ?? 'unknown', identity?.kind ?? '', token.kind, token.handle ?? token.fingerprint,
    day(token.issuedAtMs), minute(token.lastUsedMs), token.revokedAtMs === null ? day(token.expiresAtMs) : 'revoked',
    claims.length === 0 ? identity?.workloadId ?? '' : claims.map(({ evidence, id }) => `${id} (${evidence})`).join(' / '), owner ?? '',
  ]);
  return table(['identity', 'kind', 'token', 'handle', 'issued', 'last used', 'expires', 'workload', 'owner'], rows);
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

function day(timeMs: number | null): string {
  return iso(timeMs)?.slice(0, 10) ?? 'unknown';
}

function minute(timeMs: number | null): string {
  return iso(timeMs)?.slice(0, 16).replace('T', ' ') ?? 'never seen';
}
