import type { TokenEvent } from '../src/model/event.ts';
import { classOf } from './action-classes.ts';
import { isSuccessfulUse } from './use.ts';

/**
 * What a change of rights opens. `store`: the one store that it names; `all`: whatever its rights reach, so any store of the same product.
 */
export type Opened = 'store' | 'all';

/** Changes of who may read one secret, vault or key, by their own names. */
const ofStores: ReadonlySet<string> = new Set([
  'PutResourcePolicy', 'DeleteResourcePolicy', 'PutKeyPolicy', 'CreateGrant', 'VaultPatch', 'MICROSOFT.KEYVAULT/VAULTS/ACCESSPOLICIES/WRITE',
  'Microsoft.KeyVault/vaults/accessPolicies/write', 'putAcl', 'createAcl',
]);
/** Changes of the caller's own rights, where the log names whose they are. */
const ofCallers: ReadonlySet<string> = new Set(['AttachUserPolicy', 'PutUserPolicy', 'AddUserToGroup']);
/** Policies, and who logs in with them. */
const vaultRights = /^(?:sys\/polic(?:y|ies)\/|auth\/[^/]+\/(?:role|users|groups)\/|identity\/(?:entity|group)(?:\/|$))/;

/** What an event opens for somebody; `null` for nearly all. */
export function openedBy(event: TokenEvent): Opened | null {
  const { action, module, urlPath } = event;
  if (action === null) return null;
  if (module === 'vault') return isVaultChange(action) && urlPath !== null && vaultRights.test(urlPath) && isSuccessfulUse(event) ? 'all' : null;
  if (module === 'kubernetes') return classOf(event) === 'permits' && isSuccessfulUse(event) ? 'all' : null;
  if (ofStores.has(action) || action.endsWith('.SecretManagerService.SetIamPolicy')) return isSuccessfulUse(event) ? 'store' : null;
  const isOwn = ofCallers.has(action) && event.targetUserName !== null && event.targetUserName === event.userName;
  return isOwn && isSuccessfulUse(event) ? 'all' : null;
}

function isVaultChange(action: string): boolean {
  return action === 'create' || action === 'update' || action === 'patch';
}

const vaultHost = /^([^./]+)\.(?:vault|managedhsm)\./;
/** Secrets Manager appends six characters to the name in its ARNs. */
const arnTail = /-[A-Za-z0-9]{6}$/;

/**
 * The store of a secret by one name, however a log writes it: a vault by its own name, whether the log says where it lies or how it is
 * reached; a secret of AWS by its name, whether the caller gave that or the ARN.
 */
export function storeOf({ resourceId, urlPath, module }: TokenEvent): string | null {
  const resource = resourceId ?? urlPath;
  if (resource === null) return null;
  const lower = resource.toLowerCase();
  const at = lower.indexOf('/vaults/');
  if (at >= 0) return `vault:${lower.slice(at + 8).split('/', 1)[0]}`;
  const host = vaultHost.exec(lower);
  if (host !== null) return `vault:${host[1]}`;
  if (module !== 'aws') return resource;
  const name = resource.slice(resource.lastIndexOf(':') + 1);
  return `aws:${resource.startsWith('arn:') ? name.replace(arnTail, '') : name}`;
}
