import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../../../src/model/event.ts';
import { eventOf, reader } from '../support.ts';

const read = reader();
const event = (record: object): TokenEvent => eventOf(read(JSON.stringify(record)));

describe('Google Cloud', () => {
  const keys = 'projects/shop/serviceAccounts/rates@shop.iam.gserviceaccount.com/keys/';
  const call = (payload: object) => event({
    insertId: 'i', timestamp: '2026-11-22T02:14:00Z', logName: 'projects/shop/logs/cloudaudit.googleapis.com%2Factivity',
    protoPayload: { '@type': 'type.googleapis.com/google.cloud.audit.AuditLog', serviceName: 'iam.googleapis.com', methodName: 'x.List', ...payload },
  });
  const made = call({ methodName: 'google.iam.admin.v1.CreateServiceAccountKey', authenticationInfo: { principalEmail: 'ada@example.com' }, response: { name: `${keys}abc` } });
  const used = call({ authenticationInfo: { principalEmail: 'rates@shop.iam.gserviceaccount.com', serviceAccountKeyName: `//iam.googleapis.com/${keys}abc` } });

  test('a key is one token when it is made, used and deleted, and belongs to its account', () => {
    const deleted = call({
      methodName: 'google.iam.admin.v1.DeleteServiceAccountKey', authenticationInfo: { principalEmail: 'ada@example.com' },
      request: { name: 'projects/-/serviceAccounts/114885146936855121342/keys/abc' },
    });
    expect([made.issued, deleted.revoked]).toEqual([used.token, used.token]);
    expect(made.issuedIdentityId).toBe(used.identityId);
    expect([made.lifecycle, used.lifecycle, deleted.lifecycle]).toEqual(['issued', 'used', 'revoked']);
  });

  test('a key that was not made is none', () => {
    const refused = call({
      methodName: 'google.iam.admin.v1.CreateServiceAccountKey', authenticationInfo: { principalEmail: 'ada@example.com' }, status: { code: 7 }, response: { name: `${keys}abc` },
    });
    expect(refused).toMatchObject({ outcome: 'failure', code: '7', issued: null, authenticated: true });
  });

  test.each([
    ['gce-internal-ip', 'gce-internal-ip', null], ['private', 'private', null], ['', null, null], ['2001:DB8::7', '2001:DB8::7', '2001:db8::7'], ['203.0.113.7', '203.0.113.7', '203.0.113.7'],
  ])('a caller at %j', (callerIp, address, ip) => {
    const { sourceAddress, sourceIp } = call({ authenticationInfo: { principalEmail: 'a@b.c' }, requestMetadata: { callerIp } });
    expect([sourceAddress, sourceIp]).toEqual([address, ip]);
  });

  test.each([
    ['service-123@compute-system.iam.gserviceaccount.com', 'provider'], ['123@cloudservices.gserviceaccount.com', 'provider'], ['system@google.com', 'provider'],
    ['rates@shop.iam.gserviceaccount.com', 'service'], ['ada@example.com', 'human'], ['system:serviceaccount:shop:rates', 'workload'],
    ['principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/subject/x', 'workload'], ['system:gke-controller', 'provider'],
  ])('%s is a %s', (principalEmail, kind) => {
    expect(call({ authenticationInfo: { principalEmail } }).identityKind).toBe(kind);
  });
});

test('GitLab: the number of a token is the same in the event that made it and in the request', () => {
  const about = { author_id: 3, author_name: 'Ada', entity_type: 'User', created_at: '2026-11-22T02:14:00Z' };
  const made = event({ ...about, event_name: 'personal_access_token_created', details: { custom_message: 'Created personal access token with id 4711', target_type: 'User' } });
  const used = event({
    time: '2026-11-22T02:14:00Z', duration_s: 1, method: 'GET', path: '/api/v4/x', status: 200, route: '/x', host: 'h', user_id: 3, token_type: 'PersonalAccessToken', token_id: '4711',
  });
  expect(made.issued).toBe(used.token);
  expect(made.identityId).toBe(used.identityId);
});

test('Databricks and Snowflake: numbers as text, nobody\'s address, one row in two spellings', () => {
  const row = {
    EVENT_ID: '1', EVENT_TIMESTAMP: '2026-11-22 02:14:00.061000000', EVENT_TYPE: 'LOGIN', USER_NAME: 'R', CLIENT_IP: '0.0.0.0', REPORTED_CLIENT_TYPE: 'OTHER',
    FIRST_AUTHENTICATION_FACTOR: 'PROGRAMMATIC_ACCESS_TOKEN', FIRST_AUTHENTICATION_FACTOR_ID: 'c4', IS_SUCCESS: 'YES', ERROR_CODE: null,
  };
  const small = Object.fromEntries(Object.entries(row).map(([key, value]) => [key.toLowerCase(), value]));
  expect({ ...event(small), offset: 0 }).toEqual({ ...event(row), offset: 0 });
  expect(event(row)).toMatchObject({ sourceAddress: null, sourceIp: null, tokenHandle: 'c4', authenticated: true });
  const call = { serviceName: 'accounts', actionName: 'tokenLogin', timestamp: '1795312440123', workspaceId: '1', userIdentity: { email: 'a@b.c' }, response: { statusCode: '403' } };
  expect(event({ ...call, sourceIPAddress: '', requestParams: { tokenId: 'x' } })).toMatchObject({ sourceAddress: null, status: 403, authenticated: false, timeMs: 1_795_312_440_123 });
});

test('Azure DevOps: the id behind the mechanism, and nobody behind zeros', () => {
  const record = (authenticationMechanism: string, actorCUID: string) => event({ actionId: 'Git.CreateRepo', actorCUID, authenticationMechanism, timestamp: '2026-11-22T02:14:00.7367453Z', id: 'i' });
  expect(record('PAT_Unscoped authorizationId: f5729c3d-951b-4a52-88d9-a5729c3d951b', 'fe950802')).toMatchObject({ tokenHandle: 'f5729c3d-951b-4a52-88d9-a5729c3d951b', authenticated: true });
  expect(record('PAT_Unscoped authorizationId: 00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000')).toMatchObject({ token: null, identityId: null, authenticated: null });
});

test('Teleport: what went to the client left the resource', () => {
  const session = { event: 'session.data', code: 'T2006I', uid: 'u', time: '2026-11-22T02:14:00.123Z', user: 'ada', tx: '84700000', rx: 5, 'addr.remote': '[2001:db8::7]:65123' };
  expect(event(session)).toMatchObject({ bytesOut: 84_700_000, sourceIp: '2001:db8::7', sourcePort: 65_123 });
});
