import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../../../src/model/event.ts';
import { eventOf, reader } from '../support.ts';

const issuer = 'https://oidc.example.com/cluster';
const me = 'system:serviceaccount:shop:rates';
const read = reader({ settings: { issuers: [issuer, 'aws'] } });
const own = reader({ settings: { issuers: [issuer] } });
const audit = (record: object) => JSON.stringify({
  apiVersion: 'audit.k8s.io/v1', kind: 'Event', stage: 'ResponseComplete', auditID: 'a', verb: 'get', requestReceivedTimestamp: '2026-11-22T02:14:00.763960Z',
  user: { username: me, extra: { 'authentication.kubernetes.io/credential-id': ['JTI=j-1'] } }, responseStatus: { code: 200 }, ...record,
});
const event = (record: object, by = own): TokenEvent => eventOf(by(audit(record)));
const tokenRequest = {
  verb: 'create', objectRef: { resource: 'serviceaccounts', namespace: 'shop', name: 'rates', subresource: 'token' }, responseStatus: { code: 201 },
  user: { username: 'system:node:n' },
};

describe('service account tokens', () => {
  const used = event({});

  test('a TokenRequest makes the token that is used later, for the account', () => {
    const made = event({ ...tokenRequest, annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=j-1' } });
    expect([made.issued, made.issuedIdentityId]).toEqual([used.token, used.identityId]);
    expect([made.identityKind, used.identityKind]).toEqual(['provider', 'workload']);
  });

  test('or by the answer, whose token is not kept', () => {
    const token = `e30.${Buffer.from(JSON.stringify({ jti: 'j-1', exp: 1_795_316_040 })).toString('base64url')}.sig`;
    const made = event({ ...tokenRequest, responseObject: { status: { token } } });
    expect(made).toMatchObject({ issued: used.token, issuedExpiresAtMs: 1_795_316_040_000 });
    expect(JSON.stringify(made)).not.toContain(token.slice(4, 20));
  });

  test('a TokenRequest that was refused makes none', () => {
    expect(event({ ...tokenRequest, responseStatus: { code: 403 }, annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=j-1' } })).toMatchObject({ issued: null, lifecycle: null });
  });

  test('a gateway that sees the token names it and its owner alike', () => {
    const atGateway = eventOf(read(JSON.stringify({ start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', jwt_payload: { iss: issuer, sub: me, jti: 'j-1' } })));
    expect([atGateway.token, atGateway.identityId, atGateway.workloadId]).toEqual([used.token, used.identityId, used.workloadId]);
  });

  test('stale and legacy tokens say so', () => {
    const reasons = ['stale-token', 'legacy-token'].map((name) => event({ annotations: { [`authentication.k8s.io/${name}`]: me } }).reason);
    expect(reasons.map((reason) => reason?.split(':')[0])).toEqual(['stale token', 'legacy token']);
  });
});

test('on EKS the caller and the key are CloudTrail\'s', () => {
  const extra = { accessKeyId: ['ASIAIOSFODNN7EXAMPLE'], principalId: ['AROAIOSFODNN7EXAMPLE:ada'], canonicalArn: ['arn:aws:iam::111122223333:role/admin'] };
  const atCluster = event({ user: { username: 'admin', extra } }, read);
  const atAws = eventOf(reader()(JSON.stringify({
    eventVersion: '1.08', eventTime: '2026-11-22T02:14:00Z', eventName: 'DescribeCluster', eventSource: 'eks.amazonaws.com', awsRegion: 'eu-west-1', eventID: 'e',
    userIdentity: {
      type: 'AssumedRole', accessKeyId: 'ASIAIOSFODNN7EXAMPLE', accountId: '111122223333', principalId: 'AROAIOSFODNN7EXAMPLE:ada',
      arn: 'arn:aws:sts::111122223333:assumed-role/admin/ada',
    },
  })));
  expect([atCluster.token, atCluster.identityId, atCluster.identityKind]).toEqual([atAws.token, atAws.identityId, atAws.identityKind]);
});

test('one request is one event: its beginning is ignored, a running one is partial', () => {
  expect(own(audit({ stage: 'RequestReceived' })).kind).toBe('ignored');
  expect(event({ stage: 'ResponseStarted' }).partial).toBe(true);
  expect(event({ stage: 'ResponseStarted' }).requestId).toBe(event({}).requestId);
});

test('Azure\'s record is the same event as the one inside', () => {
  const inner = audit({});
  const outer = eventOf(own(JSON.stringify({ category: 'kube-audit', properties: { log: inner } })));
  expect({ ...outer, offset: 0 }).toEqual({ ...eventOf(own(inner)), offset: 0 });
});

test('the anonymous are nobody', () => {
  expect(event({ user: { username: 'system:anonymous' }, responseStatus: { code: 200 } })).toMatchObject({ authenticated: false, identityId: null });
});

test.each([
  [['203.0.113.7'], '203.0.113.7'], [['203.0.113.7', '10.0.0.1'], '203.0.113.7'], [['198.51.100.9', '203.0.113.7', '10.0.0.1'], '203.0.113.7'],
  [['198.51.100.9', '203.0.113.7'], '203.0.113.7'], [['10.0.0.9', '10.0.0.1'], '10.0.0.9'], [[], null], [[null, 'x'], null],
])('of the addresses %j the client is %s: what stands left of it can be forged', (sourceIPs, ip) => {
  expect(event({ sourceIPs }).sourceIp).toBe(ip);
});
