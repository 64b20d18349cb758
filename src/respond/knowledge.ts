import type { Alert } from '../model/alert.ts';
import type { Dependent } from '../model/intent.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import type { Identity, Token } from '../model/token.ts';
import type { Knowledge } from './port.ts';

/** What of the registry of tokens is asked. */
interface Registry {
  token(fingerprint: string): Token | null;
  identity(id: string): Identity | null;
  entryOf(handle: string | null, identity: Pick<Identity, 'id' | 'name'> | null): InventoryEntry | null;
  lineageOf(fingerprint: string): string;
  readonly dependents: {
    of(fingerprint: string, suspect: ReadonlySet<string>): Dependent[];
    ofIdentity(identityId: string, suspect: ReadonlySet<string>): Dependent[] | null;
    readonly kin: { minted(parent: string): readonly string[]; lasting(identityId: string): readonly string[] | null };
  };
}

export function knowledgeOf(registry: Registry): Knowledge {
  return {
    token: (fingerprint) => registry.token(fingerprint),
    dependents: (fingerprint, alert) => registry.dependents.of(fingerprint, new Set(alert.networks)).map((user) => marked(user, alert)),
    identityUsers: (identityId, alert) => registry.dependents.ofIdentity(identityId, new Set(alert.networks))?.map((user) => marked(user, alert)) ?? null,
    entry: ({ handle, identityId }) => registry.entryOf(handle, identityId === null ? null : registry.identity(identityId)),
    minted: (fingerprint) => registry.dependents.kin.minted(fingerprint),
    successor: (identityId, handle) =>
      registry.dependents.kin.lasting(identityId)?.find((fingerprint) => registry.token(fingerprint)?.handle === handle) ?? null,
    newUsers: (fingerprint, alert) => registry.dependents.of(fingerprint, new Set(alert.networks)),
    lineage: (fingerprint) => registry.lineageOf(fingerprint),
  };
}

/**
 * Who first came after the deviation began is a suspect as well: a thief who goes on through ever more networks must not make a crowd of
 * users that nobody dares to cut off. First uses are known to the second.
 */
function marked(user: Dependent, { startMs }: Alert): Dependent {
  return user.suspect || user.firstSeenMs < Math.floor(startMs / 1000) * 1000 ? user : { ...user, suspect: true };
}
