import { describe, expect, test } from 'vitest';
import { eventOf, reader } from './support.ts';

/** Stands wherever a record of a format can hold a secret. */
const canary = 'CANARY5ecretVa1ueThatMustNeverComeOut';
/** The same as base64url parts of a token. */
const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ sub: canary })).toString('base64url')}.${canary}`;

interface Case { readonly record: unknown; readonly markers: readonly string[] }

const cloudtrail = {
  eventVersion: '1.08', eventTime: '2026-11-22T02:14:00Z', eventID: 'mark-id', eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com', awsRegion: 'mark-region',
  sourceIPAddress: '203.0.113.7', userAgent: 'mark-agent', requestID: 'mark-request', recipientAccountId: '111122223333', eventType: 'AwsApiCall',
  userIdentity: {
    type: 'AssumedRole', principalId: 'AROAMARKMARKMARK0001:i-0a', arn: 'arn:aws:sts::111122223333:assumed-role/mark-role/i-0a', accountId: '111122223333',
    accessKeyId: 'ASIAMARKMARKMARK0001', userName: 'mark-user', secretAccessKey: canary, sessionToken: token,
    sessionContext: {
      sessionIssuer: { principalId: 'AROAMARKMARKMARK0001', arn: 'arn:mark', userName: 'mark-role' }, ec2RoleDelivery: '2.0',
      attributes: { creationDate: '2026-11-22T02:00:00Z', sessionToken: canary },
    },
  },
  requestParameters: {
    roleArn: 'arn:aws:iam::111122223333:role/mark-target', password: canary, masterUserPassword: canary, secretString: canary, sAMLAssertion: canary, webIdentityToken: token,
    userData: canary, environment: { variables: { KEY: canary } }, 'X-Amz-Security-Token': token, headers: { authorization: canary, cookie: canary }, value: canary,
  },
  responseElements: {
    credentials: { accessKeyId: 'ASIAMARKMARKMARK0002', secretAccessKey: canary, sessionToken: token, expiration: 'Nov 22, 2026, 3:14:00 AM' },
    accessKey: { accessKeyId: 'AKIAMARKMARKMARK0003', secretAccessKey: canary }, secretString: canary, privateKey: canary, keyMaterial: canary, plaintext: canary,
    assumedRoleUser: { assumedRoleId: 'AROAMARKMARKMARK0002:s', arn: 'arn:aws:sts::111122223333:assumed-role/mark-target/s' }, tokens: [{ accessToken: token }],
  },
  additionalEventData: { bytesTransferredOut: 4711, 'x-amz-id-2': canary, authorization: canary }, tlsDetails: { clientProvidedHostHeader: 'mark-host' },
  serviceEventDetails: { token: canary },
};
const envoy = {
  start_time: '2026-11-22T02:14:00Z', method: 'GET', path: `/v1/mark-path?access_token=${token}#${canary}`, response_code: 403, response_flags: 'mark-flags', response_code_details: 'mark-details',
  bytes_sent: 4711, duration: 1, downstream_remote_address: '203.0.113.7:44', 'user-agent': 'mark-agent', 'x-request-id': 'mark-request', ':authority': `user:${canary}@mark-host:443`,
  upstream_cluster: 'mark-cluster', downstream_peer_uri_san: ['spiffe://mark/peer'], authorization: `Bearer ${token}`, cookie: canary, 'set-cookie': canary, 'x-api-key': canary,
  request_headers: { authorization: canary }, referer: `https://a.example.com/?code=${canary}`,
  jwt_payload: {
    iss: 'https://mark-issuer', sub: 'mark-sub', azp: 'mark-client', jti: 'mark-jti', iat: 1_795_312_440, exp: 1_795_316_040, scope: 'mark-scope', aud: ['mark-audience'], roles: ['mark-role'],
    cnf: { jkt: 'mark-bound' }, email: canary, nonce: canary, at_hash: canary, secret: { deep: canary },
  },
};
const vault = {
  time: '2026-11-22T02:14:00Z', type: 'response',
  auth: {
    client_token: `hvs.${canary}`, accessor: 'mark-accessor', display_name: 'mark-name', policies: ['mark-policy'], entity_id: 'mark-entity', token_issue_time: '2026-11-22T02:00:00Z',
    metadata: { role_name: 'mark-role', service_account_name: 'mark-sa', service_account_namespace: 'mark-ns', secret: canary, account_token: token },
  },
  request: {
    id: 'mark-request', operation: 'read', path: 'kv/mark-path', mount_class: 'secret', client_token: `hvs.${canary}2`, namespace: { path: 'mark-namespace/' }, remote_address: '203.0.113.7',
    remote_port: 4711,
    data: { password: canary, token, secret_id: canary, nested: { key: canary } },
    headers: { 'user-agent': ['mark-agent'], authorization: [`Bearer ${token}`], 'x-vault-token': [canary], cookie: [canary] },
  },
  response: {
    data: { password: canary, keys: [canary] }, secret: { lease_id: canary }, headers: { 'set-cookie': [canary] }, wrap_info: { token: `hvs.${canary}3`, ttl: 60 },
    auth: { client_token: `hvs.${canary}4`, accessor: 'mark-issued', token_ttl: 60, entity_id: 'mark-new', metadata: { secret: canary } },
  },
};
const keycloak = {
  id: 'mark-id', time: 1_795_312_440_000, type: 'REFRESH_TOKEN', realmId: 'mark-realm', clientId: 'mark-client', userId: 'mark-user', sessionId: 'session-1', ipAddress: '203.0.113.7',
  details: {
    token_id: 'mark-jti', refresh_token_id: 'mark-refresh', updated_refresh_token_id: 'refresh-2', scope: 'mark-scope', username: 'mark-name', access_token_expiration_time: '300',
    client_secret: canary, password: canary, code: canary, code_id: canary, access_token: token, refresh_token: token, id_token_hint: token, redirect_uri: `https://a.example.com/?code=${canary}`,
    assertion: token, subject_token: token, state: canary, cookie: canary,
  },
  representation: `{"secret":"${canary}"}`, client_secret: canary,
};
const keycloakAdmin = {
  id: 'mark-id', time: 1_795_312_440_000, realmId: 'mark-realm', operationType: 'CREATE', resourceType: 'MARK-TYPE', resourcePath: 'users/mark-target', error: 'mark-error',
  authDetails: { realmId: 'master', clientId: 'c', userId: 'mark-user', ipAddress: '203.0.113.7', token: canary }, representation: `{"credentials":[{"value":"${canary}"}],"secret":"${canary}"}`,
};
const keycloakLog = {
  timestamp: '2026-11-22T02:14:00Z', loggerClassName: 'x', loggerName: 'org.keycloak.events', level: 'INFO', 'service.name': 'keycloak',
  message: [
    'type="CODE_TO_TOKEN", realmId="mark-realm", clientId="mark-client", userId="mark-user", ipAddress="203.0.113.7", token_id="mark-jti"',
    `code_id="${canary}", redirect_uri="https://a/?code=${canary}", client_secret="${canary}"`,
  ].join(', '),
  mdc: { token: canary }, exception: { message: canary },
};
const haproxy = {
  time_ms: 1_795_312_440_500, accept: '1795312440.000', request_id: 'mark-request', src: '203.0.113.7', src_port: 4711, method: 'GET', path: `/mark-path?key=${canary}`, status: 403, bytes_out: 4712,
  backend: 'mark-backend', term: 'PR--', kid: 'mark-key', jti: 'mark-jti', sub: 'mark-sub', client_id: 'mark-client', iss: 'https://mark-issuer', scope: 'mark-scope', deny: 'mark-denied',
  ua: 'mark-agent',
  authorization: `Bearer ${token}`, cookie: canary, captured_request_headers: `{${canary}}`,
};
const ecs = {
  '@timestamp': '2026-11-22T02:14:00Z', ecs: { version: '8.17.0' }, event: { kind: 'event', id: 'mark-id', action: 'mark-action', original: canary }, message: canary,
  http: { request: { method: 'mark-method', headers: { authorization: canary }, body: { content: token } }, response: { body: { content: canary } } },
  url: { path: `/mark-path?key=${canary}`, full: `https://u:${canary}@a.example.com/?key=${canary}`, query: canary, password: canary }, labels: { token }, process: { env_vars: [canary] },
  tokenward: { vantage: 'gateway', token: { handle: 'mark-handle', secret: canary } },
};
const lineMarkers = ['mark-realm', 'mark-client', 'mark-user', 'mark-jti'];
const cases: Record<string, Case> = {
  'aws.cloudtrail': {
    record: cloudtrail,
    markers: [
      'mark-id', 'mark-region', 'mark-agent', 'mark-request', 'mark-role', 'mark-user', 'ASIAMARKMARKMARK0001', 'ASIAMARKMARKMARK0002', 'mark-target', '4711', 'mark-host', 'i-0a',
      'AROAMARKMARKMARK0002',
    ],
  },
  'aws.cloudtrail of LookupEvents': { record: { EventId: 'x', AccessKeyId: canary, CloudTrailEvent: JSON.stringify(cloudtrail) }, markers: ['mark-id', 'ASIAMARKMARKMARK0002'] },
  'envoy.access': {
    record: envoy,
    markers: [
      '/v1/mark-path', 'mark-flags', 'mark-details', '4711', 'mark-agent', 'mark-request', 'mark-host', 'mark-cluster', 'spiffe://mark/peer', 'https://mark-issuer', 'mark-sub', 'mark-client',
      'mark-jti', 'mark-scope',
      'mark-audience', 'mark-role', 'mark-bound',
    ],
  },
  'envoy.access line': {
    record: `[2026-11-22T02:14:00.000Z] "GET /mark-path?token=${token} HTTP/1.1" 503 mark-flags 0 4711 50 25 "203.0.113.7" "mark-agent" "mark-request" "mark-host" "10.0.0.9:8080"`,
    markers: ['/mark-path', 'mark-flags', '4711', 'mark-agent', 'mark-request', 'mark-host'],
  },
  'vault.audit': {
    record: vault,
    markers: [
      'mark-accessor', 'mark-name', 'mark-policy', 'mark-entity', 'mark-role', 'mark-sa', 'mark-ns', 'mark-request', 'kv/mark-path', 'mark-namespace', '4711', 'mark-agent', 'mark-issued', 'mark-new',
    ],
  },
  'keycloak.events': { record: keycloak, markers: ['mark-id', 'mark-realm', 'mark-client', 'mark-user', 'mark-jti', 'mark-refresh', 'mark-scope', 'mark-name'] },
  'keycloak.events of the admin API': { record: keycloakAdmin, markers: ['mark-id', 'mark-realm', 'mark-user', 'mark-type', 'mark-target', 'mark-error'] },
  'keycloak.events in the JSON log': { record: keycloakLog, markers: lineMarkers },
  'keycloak.events line': { record: `2026-11-22 02:14:00,123 INFO  [org.keycloak.events] (executor-thread-1) ${keycloakLog.message}`, markers: lineMarkers },
  'haproxy.http': {
    record: haproxy,
    markers: ['mark-request', '4711', '4712', '/mark-path', 'mark-backend', 'mark-key', 'mark-jti', 'mark-sub', 'mark-client', 'https://mark-issuer', 'mark-scope', 'mark-denied', 'mark-agent'],
  },
  ecs: { record: ecs, markers: ['mark-id', 'mark-action', 'mark-method', '/mark-path', 'mark-handle'] },
};

describe.each(Object.entries(cases))('%s', (name, { record, markers }) => {
  const event = eventOf(reader()(typeof record === 'string' ? record : JSON.stringify(record)));
  const written = JSON.stringify(event);

  test('lets no secret out', () => {
    expect(event.dataset).toBe(name.split(' ')[0]);
    expect(written).not.toContain('CANARY');
    expect(written).not.toContain('eyJ');
    expect(written).not.toContain(Buffer.from(canary).toString('base64url').slice(4, 20));
  });

  test('lets every declared value out', () => {
    expect(markers.filter((marker) => !written.includes(marker))).toEqual([]);
  });
});
