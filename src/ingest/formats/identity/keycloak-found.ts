import { configuredIssuer } from '../../token-id.ts';
import type { NormalizeContext, Value } from '../format.ts';

/** By REST the details are an object of their own; in the log all keys stand side by side. */
export const keycloakNames = {
  type: 'type', realmId: 'realmId', clientId: 'clientId', userId: 'userId', sessionId: 'sessionId', ipAddress: 'ipAddress', error: 'error',
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

/** The issuer URL that the operator configured, which is the `iss` of the tokens; the log itself names only the realm. */
export function issuerOf(realm: string | null, context: NormalizeContext): string {
  return configuredIssuer(context.source) ?? (realm === null ? 'keycloak' : `keycloak:${realm}`);
}
