import { describe, expect, it } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import type { Origin } from '../../src/ingest/record.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { Token } from '../../src/model/token.ts';
import {
  at, userKey, sessionKey, ciKey, crossKey, leasedKey, jwtId, roleArn, pool, trail, user, role, assumed, use, google, vault, trustId, jobTrustId, entra, inventory, leasedUser, keycloak, spiffe,
} from './chain-records.ts';
import { Bench } from './support.ts';

const prints = new Fingerprinter(replayKey);
const normalizer = new Normalizer(formats, { fingerprinter: prints });
const origin: Origin = { path: 'chain.log', identity: 'chain', place: 0, source: null, modifiedMs: null };

function read(record: object, ordinal: number): TokenEvent {
  const bytes = Buffer.from(JSON.stringify(record));
  const outcome = normalizer.normalize({ origin, bytes, offset: ordinal * 10_000, index: null, ordinal, originalPosition: null, envelopeTimeMs: null });
  if (outcome.kind !== 'event') throw new Error(`${outcome.kind}: ${JSON.stringify(outcome)}`);
  return outcome.event;
}

interface Chain { readonly records: readonly object[]; readonly leaf: string; readonly root: string; readonly middle?: number }
const fingerprint = (issuer: string, id: string): string => prints.fingerprint(issuer, id);

/** Each chain: its records in the order of the acts, the last token and the first. */
const chains: Record<string, Chain> = {
  'user key, role session, outbound web identity token, session in another cloud': {
    records: [
      trail(0, 'AssumeRole', user, assumed(sessionKey)),
      trail(5, 'GetWebIdentityToken', role(sessionKey), { responseElements: { webIdentityTokenId: jwtId, expiration: 'Sep 14, 2026, 10:35:00 AM' } }),
      google(6, 'google.identity.sts.v1.SecurityTokenService.ExchangeToken', { principalSubject: roleArn }, { metadata: { mapped_principal: pool + roleArn } }),
      google(9, 'storage.objects.get', { principalEmail: 'exporter@data.iam.gserviceaccount.com', serviceAccountDelegationInfo: [{ principalSubject: pool + roleArn }] }),
    ],
    leaf: fingerprint('gcp', `session:${pool}${roleArn}|exporter@data.iam.gserviceaccount.com`), root: fingerprint('aws', userKey), middle: 1,
  },
  'user key, role session, outbound web identity token, sign-in at a directory that names only its trust': {
    records: [
      trail(0, 'AssumeRole', user, assumed(sessionKey)),
      trail(5, 'GetWebIdentityToken', role(sessionKey), { responseElements: { webIdentityTokenId: jwtId, expiration: 'Sep 14, 2026, 10:35:00 AM' } }),
      entra(6, trustId),
    ],
    leaf: fingerprint('https://sts.windows.net/t-1/', 'uti-6'), root: fingerprint('aws', userKey), middle: 1,
  },
  'a role of another account, by the call that both trails share': {
    records: [
      trail(0, 'AssumeRole', user, { sharedEventID: 'shared-1', responseElements: null }),
      trail(0, 'AssumeRole', { type: 'AWSAccount', principalId: 'AIDAUSER000000000001', accountId: '111122223333' }, { sharedEventID: 'shared-1', recipientAccountId: '444455556666',
        ...assumed(crossKey) }),
      use(4, crossKey),
    ],
    leaf: fingerprint('aws', crossKey), root: fingerprint('aws', userKey),
  },
  'service account of a cluster, cloud session': {
    records: [
      {
        kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata', auditID: 'a-1', stage: 'ResponseComplete', verb: 'create', requestURI: '/api/v1/namespaces/shop/serviceaccounts/cart/token',
        user: { username: 'system:node:n1', groups: ['system:nodes'] }, sourceIPs: ['10.2.0.1'], objectRef: { resource: 'serviceaccounts', namespace: 'shop', name: 'cart', subresource: 'token' },
        responseStatus: { code: 201 }, requestReceivedTimestamp: at(0), stageTimestamp: at(0), annotations: { 'authentication.kubernetes.io/issued-credential-id': 'JTI=k8s-jti-1' },
      },
      trail(2, 'AssumeRoleWithWebIdentity', {
        type: 'WebIdentityUser', principalId: 'arn:aws:iam::111122223333:oidc-provider/oidc.eks.example/id/1:sts.amazonaws.com:system:serviceaccount:shop:cart',
        userName: 'system:serviceaccount:shop:cart', identityProvider: 'arn:aws:iam::111122223333:oidc-provider/oidc.eks.example/id/1',
      }, assumed(ciKey)),
      use(7, ciKey),
    ],
    leaf: fingerprint('aws', ciKey), root: fingerprint('kubernetes', 'k8s-jti-1'),
  },
  'Vault token, dynamic cloud credential by its lease': {
    records: [
      vault(1, 'aws/creds/deploy', { response: { secret: { lease_id: 'aws/creds/deploy/L1' }, data: { access_key: leasedKey } } }),
      use(3, leasedKey),
    ],
    leaf: fingerprint('aws', leasedKey), root: fingerprint('vault', 'accessor:accessor-1'),
  },
  'Vault token, dynamic database user by its lease': {
    records: [
      vault(1, 'database/creds/orders', { response: { secret: { lease_id: 'database/creds/orders/L2' }, data: { username: leasedUser.toLowerCase(), password: 'hmac-sha256:bb' } } }),
      {
        EVENT_TIMESTAMP_UTC: at(3), DBUSERNAME: leasedUser, ACTION_NAME: 'SELECT', RETURN_CODE: 0, SESSIONID: 77, AUDIT_TYPE: 'Standard', OBJECT_SCHEMA: 'SHOP',
        OBJECT_NAME: 'ORDERS', AUTHENTICATION_TYPE: '(TYPE=(DATABASE));(CLIENT ADDRESS=((ADDRESS=(PROTOCOL=tcp)(HOST=10.1.0.9)(PORT=50123))));',
      },
    ],
    leaf: fingerprint('database-user', leasedUser), root: fingerprint('vault', 'accessor:accessor-1'),
  },
  'refresh token, access token of the next hour': {
    records: [
      keycloak(0, 'CODE_TO_TOKEN', { token_id: 'onrtac:a1', refresh_token_id: 'rt-1', grant_type: 'authorization_code' }),
      keycloak(5, 'REFRESH_TOKEN', { token_id: 'trrtrt:a2', refresh_token_id: 'rt-1', updated_refresh_token_id: 'rt-2', refresh_token_type: 'Refresh' }),
      { start_time: at(6), method: 'GET', path: '/orders', response_code: 200, response_flags: '-', bytes_sent: 10, downstream_remote_address: '10.1.0.9:5',
        jwt_payload: { iss: 'keycloak:r-1', sub: 'u-1', azp: 'web', jti: 'trrtrt:a2' } },
    ],
    leaf: fingerprint('keycloak:r-1', 'trrtrt:a2'), root: fingerprint('keycloak:r-1', 'onrtac:a1'), middle: 1,
  },
  'SPIFFE ID, JWT-SVID, gateway': {
    records: [
      { type: 'audit', time: at(0), status: 'success', request_id: 'q1', service: 'svid.v1.SVID', method: 'NewJWTSVID', caller_id: 'spiffe://prod.example/agent', spiffe_id: spiffe,
        expires_at: at(30) },
      {
        start_time: at(4), method: 'GET', path: '/orders', response_code: 200, response_flags: '-', bytes_sent: 10, downstream_remote_address: '10.1.0.9:5', token_sha256: 'ab'.repeat(32),
        jwt_payload: { iss: 'https://spire.example', sub: spiffe, aud: 'orders' },
      },
    ],
    leaf: fingerprint('https://spire.example', 'ab'.repeat(32)), root: fingerprint('spire', `session:jwt:${spiffe}`),
  },
};

function correlated(records: readonly object[]): Bench {
  const bench = new Bench({ inventory });
  for (const [ordinal, record] of records.entries()) bench.correlator.correlate(read(record, ordinal));
  return bench;
}
const known = (bench: Bench, print: string): Token => bench.correlator.token(print) as Token;

describe.each(Object.entries(chains))('%s', (_, { records, leaf, root, middle }) => {
  it.each([['in the order of the acts', [...records]], ['the other way round', records.toReversed()]])('is one lineage %s', (_order, ordered) => {
    const bench = correlated(ordered);
    const first = known(bench, root).fingerprint;
    expect(bench.correlator.lineageOf(leaf)).toBe(first);
    expect(known(bench, leaf)).not.toBeNull();
  });

  it('without its first record is not tied to what nobody told', () => {
    const bench = correlated(records.slice(1));
    expect(bench.correlator.token(root)).toBeNull();
    expect(bench.correlator.lineageOf(leaf)).not.toBe(root);
  });

  it.runIf(middle !== undefined)('without a record in the middle falls into two', () => {
    const bench = correlated(records.toSpliced(middle as number, 1));
    expect(bench.correlator.lineageOf(leaf)).not.toBe(root);
  });

  it('is found after a restart between any two of its records', async () => {
    for (const ordered of [[...records], records.toReversed()]) {
      const bench = new Bench({ inventory });
      for (const [ordinal, record] of ordered.entries()) {
        bench.correlator.correlate(read(record, ordinal));
        await bench.restart();
      }
      expect(bench.correlator.lineageOf(leaf)).toBe(known(bench, root).fingerprint);
    }
  });
});

describe('a CI job', () => {
  it('stands behind the session that its subject opened, whichever log came first', () => {
    const subject = 'repo:acme/shop:ref:refs/heads/main';
    const records = [
      trail(2, 'AssumeRoleWithWebIdentity', { type: 'WebIdentityUser', principalId: `x:${subject}`, userName: subject,
        identityProvider: 'arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com' }, assumed(ciKey)),
      use(7, ciKey),
    ];
    for (const ordered of [records, records.toReversed()]) {
      const bench = correlated(ordered);
      const { event } = bench.correlator.correlate(read(use(9, ciKey), 9));
      expect(event).toMatchObject({ workloadId: subject, workloadKind: 'ci_job', workloadEvidence: 'registry' });
    }
  });
});

it('a CI job is who signs in at a directory by a trust in its subject, where the inventory tells that', () => {
  const record = entra(6, jobTrustId.toUpperCase());
  expect(correlated([record]).correlator.correlate(read(entra(7, jobTrustId), 7)).event).toMatchObject({
    workloadId: 'repo:acme/shop:ref:refs/heads/main', workloadKind: 'ci_job', workloadEvidence: 'inventory', linkIssuer: 'https://token.actions.githubusercontent.com' });
  expect(new Bench().correlator.correlate(read(record, 1)).event).toMatchObject({ workloadId: null, takes: jobTrustId });
});

it('a subject that two authorities offer ties nothing, unless the taker tells whose it was', () => {
  const offer = (issuer: string, jti: string): TokenEvent => Object.assign(read(use(0, userKey), 1), {
    lifecycle: 'issued', issued: fingerprint(issuer, jti), issuedKind: 'jwt', offers: 'svc', linkIssuer: issuer, issuedExpiresAtMs: Date.parse(at(50)) });
  const take = (key: string, linkIssuer: string | null): TokenEvent => Object.assign(read(use(1, key), 2), { takes: 'svc', linkIssuer });
  const bench = new Bench();
  for (const event of [offer('https://a.example/', 'one'), offer('https://b.example', 'two'), take(ciKey, null), take(crossKey,
    'arn:aws:iam::1:oidc-provider/a.example')]) bench.correlator.correlate(event);
  expect(known(bench, fingerprint('aws', ciKey)).parent).toBeNull();
  expect(known(bench, fingerprint('aws', crossKey)).parent).toBe(fingerprint('https://a.example/', 'one'));
});

it('what lies more than an hour apart, or had expired, is not tied', () => {
  const [, jwt, exchange] = chains['user key, role session, outbound web identity token, session in another cloud']!.records as [object, object, object];
  const late = { ...exchange, timestamp: at(40) };
  expect(known(correlated([jwt, late]), fingerprint('gcp', `session:${pool}${roleArn}`)).parent).toBeNull();
});

describe('a client and the tokens that it was given', () => {
  const login = (minute: number, token: string): object => keycloak(minute, 'CLIENT_LOGIN', { token_id: token, grant_type: 'client_credentials', username: 'service-account-web' });
  const call = (minute: number, jti: string): object => ({
    start_time: at(minute), method: 'GET', path: '/orders', response_code: 200, response_flags: '-', bytes_sent: 10, downstream_remote_address: '10.1.0.9:5',
    jwt_payload: { iss: 'keycloak:r-1', sub: 'u-1', azp: 'web', jti },
  });
  const records = [login(0, 'trrtcc:t1'), call(1, 'trrtcc:t1'), login(15, 'trrtcc:t2'), call(16, 'trrtcc:t2')];
  const tokensOf = (bench: Bench): (Token | null)[] => ['trrtcc:t1', 'trrtcc:t2'].map((jti) => bench.correlator.token(fingerprint('keycloak:r-1', jti)));

  it.each([['first', records], ['last', records.toReversed()]])('are one identity\'s, the issuances coming %s', (_order, ordered) => {
    const bench = correlated(ordered);
    expect(tokensOf(bench)).toMatchObject(Array(2).fill({ identityId: 'keycloak:r-1|u-1', issueSeen: true, parent: null }));
    expect([...bench.correlator.identities()]).toMatchObject([{ id: 'keycloak:r-1|u-1', tokenCount: 2 }]);
  });

  it('also the one whose issuance nobody told, which is known as such', () => {
    expect(tokensOf(correlated(records.slice(1)))).toMatchObject([{ identityId: 'keycloak:r-1|u-1', issueSeen: false }, { issueSeen: true }]);
  });
});
