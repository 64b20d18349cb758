import type { InventoryEntry } from '../../src/model/inventory.ts';

// Records of several systems, as their logs write them, and the ids in them.

export const at = (minute: number): string => new Date(Date.UTC(2026, 8, 14, 10, minute)).toISOString();
export const [userKey, sessionKey, ciKey, crossKey, leasedKey] = ['AKIAUSERKEY000000001', 'ASIAROLESESSION00001', 'ASIACISESSION0000001', 'ASIACROSSSESSION0001', 'AKIALEASEDKEY0000001'];
export const jwtId = '0f2c7f0e-90f1-4c5e-9d2b-6d1e6f3c0001';
export const roleArn = 'arn:aws:iam::111122223333:role/exporter';
export const pool = 'principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/aws/subject/';

export function trail(minute: number, eventName: string, userIdentity: object, more: object = {}): object {
  return {
    eventVersion: '1.11', eventTime: at(minute), eventSource: 'sts.amazonaws.com', eventName, awsRegion: 'eu-central-1', sourceIPAddress: '10.1.0.7', eventType: 'AwsApiCall',
    eventID: `event-${minute}-${eventName}-${JSON.stringify(more).length}`, recipientAccountId: '111122223333', userIdentity, ...more,
  };
}
export const user = { type: 'IAMUser', principalId: 'AIDAUSER000000000001', arn: 'arn:aws:iam::111122223333:user/ops', accountId: '111122223333', accessKeyId: userKey, userName: 'ops' };
export const role = (accessKeyId: string) => ({
  type: 'AssumedRole', principalId: 'AROAEXPORTER00000001:run', arn: 'arn:aws:sts::111122223333:assumed-role/exporter/run', accountId: '111122223333', accessKeyId,
  sessionContext: { sessionIssuer: { type: 'Role', principalId: 'AROAEXPORTER00000001', arn: roleArn, accountId: '111122223333', userName: 'exporter' } },
});
export const assumed = (accessKeyId: string) => ({
  responseElements: { credentials: { accessKeyId, expiration: 'Sep 14, 2026, 11:00:00 AM' }, assumedRoleUser: { assumedRoleId: 'AROAEXPORTER00000001:run',
    arn: 'arn:aws:sts::111122223333:assumed-role/exporter/run' } },
});
export const use = (minute: number, key: string): object => trail(minute, 'ListBuckets', role(key), { eventSource: 's3.amazonaws.com' });

export function google(minute: number, methodName: string, authenticationInfo: object, more: object = {}): object {
  const protoPayload = {
    '@type': 'type.googleapis.com/google.cloud.audit.AuditLog', authenticationInfo, methodName, requestMetadata: { callerIp: '10.1.0.7' },
    serviceName: methodName.includes('Token') ? 'sts.googleapis.com' : 'storage.googleapis.com', resourceName: 'projects/_/buckets/export', ...more,
  };
  return { protoPayload, insertId: `${methodName}-${minute}`, timestamp: at(minute), logName: 'projects/data/logs/cloudaudit.googleapis.com%2Fdata_access', resource: { type: 'gcs_bucket' } };
}
export const vault = (minute: number, path: string, more: object = {}): object => ({
  time: at(minute), type: 'response', auth: { accessor: 'accessor-1', client_token: 'hmac-sha256:aa', display_name: 'approle', policies: ['app'], metadata: { role_name: 'app' } },
  request: { id: `r-${minute}`, operation: 'read', path, remote_address: '10.1.0.8' }, response: {}, ...more,
});
/** A sign-in by a token of another authority: the log tells the trust by which it was taken, and not the token. */
export const [trustId, jobTrustId] = ['d9b7b9a1-0000-4000-8000-000000000003', 'd9b7b9a1-0000-4000-8000-000000000004'];
export const entra = (minute: number, federatedCredentialId: string): object => ({
  time: at(minute), category: 'ServicePrincipalSignInLogs', operationName: 'Sign-in activity', tenantId: 't-1', resultType: '0', properties: {
    id: `si-${minute}`, createdDateTime: at(minute), appId: '0a0b0c0d-0000-4000-8000-00000000000a', ipAddress: '10.1.0.7', status: { errorCode: 0 }, uniqueTokenIdentifier: `uti-${minute}`,
    servicePrincipalId: '0a0b0c0d-0000-4000-8000-000000000001', servicePrincipalName: 'exporter', federatedCredentialId, clientCredentialType: 'federatedIdentityCredential',
  },
});
export const inventory: readonly InventoryEntry[] = [
  { match: { federation: trustId }, workload: roleArn, kind: null, owner: null, authority: 'https://11112222.tokens.sts.global.api.aws' },
  { match: { federation: jobTrustId }, workload: 'repo:acme/shop:ref:refs/heads/main', kind: 'ci_job', owner: null, authority: 'https://token.actions.githubusercontent.com' },
];
export const leasedUser = 'V_APPROLE_ORDERS_6T2KX0QZ9WJ4';
export const keycloak = (minute: number, type: string, details: object): object => ({
  id: `kc-${minute}-${type}`, time: Date.parse(at(minute)), type, realmId: 'r-1', clientId: 'web', userId: 'u-1', sessionId: 's-1', ipAddress: '10.1.0.9', details,
});
export const spiffe = 'spiffe://prod.example/payments';
