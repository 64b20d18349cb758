import type { IdentityKind, TokenEvent } from '../../../model/event.ts';
import { text } from '../../values.ts';
import type { VaultFields } from './vault-fields.ts';

/** Whom the token of the record's auth block belongs to, and the pod that logged in with it. */
export function describeIdentity(event: TokenEvent, values: VaultFields, policies: readonly string[] | null, issuer: string): void {
  const displayName = text(values.displayName);
  const roleName = text(values.roleName);
  event.userId = text(values.entity);
  event.userName = text(values.userName) ?? displayName;
  event.identityId = identityOf(issuer, event.userId, displayName, roleName, policies);
  if (event.identityId === null) return;
  event.identityName = roleName ?? event.userName;
  event.identityKind = kindOf(displayName, roleName);
  const account = text(values.serviceAccount);
  const namespace = text(values.serviceAccountNamespace);
  if (account === null || namespace === null) return;
  event.workloadId = `system:serviceaccount:${namespace}:${account}`;
  event.workloadKind = 'kubernetes_service_account';
  event.workloadEvidence = 'event';
}

/** The entity, which logins by several methods share; root; else the login method's name with its role. A bare `token` names nobody. */
export function identityOf(
  issuer: string, entity: string | null, displayName: string | null, roleName: string | null, policies: readonly string[] | null,
): string | null {
  const cluster = issuer === 'vault' ? issuer : `vault:${issuer}`;
  if (entity !== null) return `${cluster}|entity:${entity}`;
  if (policies?.includes('root') === true) return `${cluster}|root`;
  if (displayName === null || displayName === 'token' && roleName === null) return null;
  return roleName === null ? `${cluster}|${displayName}` : `${cluster}|${displayName}:${roleName}`;
}

/** Display names begin with the path of the login method, which is its name unless the operator chose another. */
function kindOf(displayName: string | null, roleName: string | null): IdentityKind {
  if (displayName !== null && /^(?:ldap|userpass|okta|github|radius)(?:-|$)/.test(displayName)) return 'human';
  const isMachine = roleName !== null || displayName !== null && /^(?:approle|kubernetes|aws|azure|gcp|cert)(?:-|$)/.test(displayName);
  return isMachine ? 'service' : 'unknown';
}
