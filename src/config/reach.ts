import type { ActionSection } from './respond-schema.ts';

/**
 * `token`: the call ends that token or what was issued with it. `identity`: others of its identity's may end as well. `keys`: all lasting credentials of
 * its owner are bound to the places of this one. `machine`: whatever runs on one is cut off, of which no log tells all.
 */
export type Reach = 'token' | 'identity' | 'keys' | 'machine';

/** Calls that end, or keep from being renewed, what else their identity, client or role shows. */
const wide: ReadonlySet<string> = new Set([
  'keycloak.user_logout', 'keycloak.client_not_before', 'keycloak.client_disable', 'aws.role_sessions', 'aws.session', 'aws.outbound_federation',
  'aws.secret_rotation', 'entra.service_principal', 'entra.application', 'entra.password', 'entra.key', 'entra.federated', 'entra.sign_in_sessions',
  'okta.user_sessions', 'okta.app', 'okta.secret', 'vault.leases', 'vault.secret_id', 'kubernetes.secret', 'kubernetes.service_account',
  'google.service_account', 'google.apigee_app', 'google.apigee_key', 'kong.consumer', 'oci.oauth_client', 'oci.user_api_keys',
  'oci_domain.oauth_client', 'ords.client', 'ords.secret', 'shared_signals.credential_change', 'spire.entry',
]);

/** Calls that nobody can take back. What is not known here is not judged. */
const final: ReadonlySet<string> = new Set([
  'oauth_revocation', 'keycloak.session', 'keycloak.user_logout', 'keycloak.client_not_before', 'aws.secret_rotation', 'entra.password', 'entra.key',
  'entra.federated', 'entra.sign_in_sessions', 'okta.session', 'okta.user_sessions', 'okta.api_token', 'vault.token', 'vault.leases',
  'vault.secret_id', 'kubernetes.secret', 'kubernetes.service_account', 'kubernetes.pod', 'github', 'kong.key_auth', 'ping_one', 'ords.client', 'ords.secret',
  'ping_federate.session', 'ping_federate.grant', 'shared_signals.session_revoked', 'shared_signals.credential_change',
]);

/** What a configured call cuts, as far as it goes beyond the one token. */
export function reachOf(action: ActionSection): Reach {
  if (action.type === 'deny_list') return action.by.some((by) => by === 'subject' || by === 'client') ? 'identity' : 'token';
  if (action.type === 'rotation') return action.credential.type === 'aws_access_key' ? 'token' : 'identity';
  if (action.type === 'shared_signals' && action.subject === 'iss_sub') return 'identity';
  if (typeOf(action) === 'aws.user_keys') return 'keys';
  if (typeOf(action) === 'spire.agent') return 'machine';
  return wide.has(typeOf(action)) ? 'identity' : 'token';
}

export function isFinal(action: ActionSection): boolean {
  return final.has(typeOf(action));
}

/** Such as `keycloak.session`. */
function typeOf(action: ActionSection): string {
  return 'call' in action ? `${action.type}.${action.call}` : action.type;
}
