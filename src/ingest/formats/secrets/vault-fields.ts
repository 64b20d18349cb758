import { each, firstOf, path } from '../../paths.ts';
import type { SecretView, Values } from '../format.ts';

const auth = (...keys: string[]) => path('auth', ...keys);
const request = (...keys: string[]) => path('request', ...keys);
const issued = (...keys: string[]) => path('response', 'auth', ...keys);

/**
 * What is read of a record. What was written to or read from secrets (`data`) is not among it,
 * but for the public names of a credential that came with a lease.
 */
export const vaultFields = {
  time: path('time'), type: path('type'), error: path('error'),
  accessor: firstOf(auth('accessor'), request('client_token_accessor')), entity: auth('entity_id'), displayName: auth('display_name'),
  policies: each(['auth', 'policies']),
  issueTime: auth('token_issue_time'), tokenType: auth('token_type'),
  roleName: firstOf(auth('metadata', 'role_name'), auth('metadata', 'role')), userName: auth('metadata', 'username'),
  serviceAccount: auth('metadata', 'service_account_name'), serviceAccountNamespace: auth('metadata', 'service_account_namespace'),
  requestId: request('id'), operation: request('operation'), path: request('path'), mountType: request('mount_type'),
  mountClass: request('mount_class'),
  namespace: request('namespace', 'path'), address: request('remote_address'), port: request('remote_port'),
  userAgent: request('headers', 'user-agent', '0'), revokedAccessor: request('data', 'accessor'),
  newAccessor: firstOf(issued('accessor'), path('response', 'wrap_info', 'wrapped_accessor')), newEntity: issued('entity_id'),
  newTtl: issued('token_ttl'),
  newDisplayName: issued('display_name'), newRoleName: firstOf(issued('metadata', 'role_name'), issued('metadata', 'role')),
  lease: path('response', 'secret', 'lease_id'), leasedKey: path('response', 'data', 'access_key'),
  leasedUser: path('response', 'data', 'username'),
  revokedLease: firstOf(request('data', 'lease_id'), request('data', 'url_lease_id')),
  newPolicies: each(['response', 'auth', 'policies']),
};
/** Hashes by default, the tokens themselves where the audit device is set to log_raw. */
export const vaultSecrets = { authToken: auth('client_token'), requestToken: request('client_token'), newToken: issued('client_token') };
export type VaultFields = Values<typeof vaultFields>;
export type VaultSecrets = { readonly [K in keyof typeof vaultSecrets]: SecretView | null };
