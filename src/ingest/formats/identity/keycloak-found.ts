import { configuredIssuer } from '../../token-id.ts';
import type { NormalizeContext, Value } from '../format.ts';

/** By REST the details are an object of their own; in the log all keys stand side by side. */
export const keycloakNames = {
  type: 'type', realmId: 'realmId', realmName: 'realmName',
  clientId: 'clientId', userId: 'userId', sessionId: 'sessionId', ipAddress: 'ipAddress', error: 'error',
  operationType: 'operationType', callerRealm: 'realmId', resourceType: 'resourceType', resourcePath: 'resourcePath',
};
export const keycloakDetails = {
  tokenId: 'token_id', refreshId: 'refresh_token_id', newRefreshId: 'updated_refresh_token_id', lifetime: 'access_token_expiration_time',
  grantType: 'grant_type',
  scope: 'scope', userName: 'username', reason: 'reason', issuedFor: 'token_issued_for', impersonator: 'impersonator',
};
export type Name = keyof typeof keycloakNames | keyof typeof keycloakDetails;
/** What an event holds, whatever the shape it came in. */
export type Found = { readonly [K in Name]: Value };

/** The last part of an issuer URL of Keycloak's own form. */
const realmInUrl = /\/realms\/([^/]+)\/?$/;

/**
 * The issuer URL that the operator configured for this realm, which is the `iss` of its tokens. The log names only the realm, and holds
 * those of others too, of which the administrators' is always one.
 */
export function issuerOf(realm: string | null, name: string | null, { source }: NormalizeContext): string {
  const own = name === null ? undefined : source.issuers.find((issuer) => realmInUrl.exec(issuer)?.[1] === name);
  if (own !== undefined) return own;
  const only = configuredIssuer(source);
  const isAnother = name !== null && only !== null && realmInUrl.test(only);
  return only !== null && !isAnother ? only : realm === null ? 'keycloak' : `keycloak:${realm}`;
}
