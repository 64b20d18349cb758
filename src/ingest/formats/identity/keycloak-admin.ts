import type { TokenEvent } from '../../../model/event.ts';
import { tokenId } from '../../token-id.ts';
import { table, text } from '../../values.ts';
import type { NormalizeContext } from '../format.ts';
import { issuerOf, type Found } from './keycloak-found.ts';

const iam: readonly string[] = ['iam'];
const types = table<readonly string[]>({
  CREATE: ['creation'], UPDATE: ['change'], DELETE: ['deletion'], ACTION: ['admin'],
});
const other: readonly string[] = ['info'];

/**
 * An event of the admin API: who changed what. The administrator's token is not named. Deleting a session
 * revokes the tokens of that session; other changes that stop tokens name none.
 */
export function describeAdmin(event: TokenEvent, found: Found, issuer: string, context: NormalizeContext): void {
  const operation = text(found.operationType)!;
  const resourcePath = text(found.resourcePath);
  const resourceType = text(found.resourceType);
  event.action = operation;
  event.category = iam;
  event.type = types[operation] ?? other;
  event.authenticated = event.outcome === 'success' ? true : null;
  if (event.userId !== null) {
    // Administrators of one realm may change another: they belong to their own.
    event.identityId = `${issuerOf(text(found.callerRealm), found.callerRealm === found.realmId ? text(found.realmName) : null, context)}|${event.userId}`;
    event.identityKind = 'unknown';
  }
  if (resourcePath === null) return;
  const [collection, target] = resourcePath.split('/', 2);
  event.resourceId = `${issuer}|${resourcePath}`;
  event.resourceKind = resourceType === null ? null : resourceType.toLowerCase();
  if (collection === 'users' && target) event.targetUserId = target;
  if (collection !== 'sessions' || !target || operation !== 'DELETE' || event.outcome !== 'success') return;
  event.revoked = tokenId(context, issuer, 'session', target);
  event.lifecycle = 'revoked';
}
