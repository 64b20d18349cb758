import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../../../src/model/event.ts';
import { eventOf, reader } from '../support.ts';

const secret = 'ghp_notARealTokenJustForThisTest00000000';
const issuer = 'https://sso.example.com/realms/shop';
const claims = { iss: issuer, sub: 'u-1', jti: 'j-1', exp: 1_795_316_040 };
const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
const sha256 = (text: string): string => hash('sha256', text, 'hex');
const read = reader();
const event = (record: object, settings = {}): TokenEvent => eventOf((Object.keys(settings).length === 0 ? read : reader({ settings }))(JSON.stringify(record)));

const finding = (detector: string, raw: string, more = {}) => ({
  SourceMetadata: { Data: { Git: { commit: 'f', repository: 'https://git.example.com/shop/rates', timestamp: '2026-11-22 02:14:00 +0000' } } },
  SourceType: 16, SourceName: 'trufflehog - git', DetectorName: detector, Verified: true, Raw: raw, ...more,
});
const alert = (type: string, found: string) => ({ number: 1, created_at: '2026-11-22T02:14:00Z', state: 'open', secret_type: type, locations_url: 'https://x', secret: found });
const incident = (detector: string, found: string) => ({
  source: 'GitGuardian', timestamp: '2026-11-22T02:15:00Z', action: 'incident_triggered', secret: found,
  incident: { id: 1, date: '2026-11-22T02:14:00Z', detector: { name: detector }, secret_hash: 'x'.repeat(40), gitguardian_url: 'https://x' },
});

describe('a leaked token is the one that other logs name', () => {
  test('GitHub\'s audit log has its SHA-256', () => {
    const digest = Buffer.from('5d44dc0e34cb3e6f1af04ef43f2f5bf4fe6a6a0f7dd4b4b4d58f0c9b9a9d7a2f', 'hex').toString('base64');
    const audit = (hashed: string) => event({ '@timestamp': 1_795_312_440_123, action: 'git.clone', actor: 'ada', org: 'shop', hashed_token: hashed });
    const used = audit(Buffer.from(sha256(secret), 'hex').toString('base64'));
    const leaks = [event(finding('Github', secret)), event(alert('github_personal_access_token', secret)), event(incident('github_access_token', secret))];
    expect(leaks.map(({ token }) => token)).toEqual([used.token, used.token, used.token]);
    expect(audit(digest).token).not.toBe(used.token);
  });

  test('CloudTrail has the access key\'s id', () => {
    const key = 'AKIAIOSFODNN7EXAMPLE';
    const used = event({
      eventVersion: '1.08', eventTime: '2026-11-22T02:14:00Z', eventName: 'ListBuckets', eventSource: 's3.amazonaws.com', awsRegion: 'eu-west-1', eventID: 'e',
      userIdentity: { type: 'IAMUser', accessKeyId: key, accountId: '111122223333', principalId: 'AIDAIOSFODNN7EXAMPLE' },
    });
    const leak = event(finding('AWS', key, { RawV2: `${key}:secret`, Redacted: key }));
    expect([leak.token, event(alert('aws_access_key_id', key)).token]).toEqual([used.token, used.token]);
    expect(leak).toMatchObject({ tokenHandle: key, tokenKind: 'access_key' });
  });

  test('a gateway has the issuer and jti of a JWT', () => {
    const used = event({ start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', jwt_payload: claims });
    expect([event(finding('JWT', jwt)), event(alert('jwt', jwt)), event(incident('jwt', jwt))].map(({ token }) => token)).toEqual([used.token, used.token, used.token]);
  });

  test('a raw log of Vault has the token', () => {
    const used = event({
      time: '2026-11-22T02:14:00Z', type: 'response', auth: { client_token: 'hvs.invented', display_name: 'x' }, request: { id: 'r', operation: 'read', path: 'kv/x', client_token: 'hvs.invented' },
    });
    expect(event(finding('HashiCorpVaultAuth', 'hvs.invented')).token).toBe(used.token);
  });

  test('a gateway that hashes opaque tokens has the digest, under the configured issuer', () => {
    const settings = { issuers: [issuer] };
    const used = event({ start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', token_sha256: sha256('opaque') }, settings);
    expect(event(finding('CustomRegex', 'opaque'), settings).token).toBe(used.token);
  });
});

test('a leak is no use, and whether it counts is for the feed\'s delivery to say', () => {
  const unsigned = event(finding('Github', secret));
  const signed = event(finding('Github', secret), { refusesAnonymous: true });
  expect([unsigned.authenticated, signed.authenticated]).toEqual([null, true]);
  expect([unsigned, signed].map(({ lifecycle, outcome, identityId, sourceIp }) => ({ lifecycle, outcome, identityId, sourceIp })))
    .toEqual([0, 1].map(() => ({ lifecycle: 'leaked', outcome: 'unknown', identityId: null, sourceIp: null })));
});

test('of the secret nothing comes out, however long it is', () => {
  for (const found of [secret, jwt, `${secret}\n${jwt}`, 'x'.repeat(20_000)]) {
    for (const record of [finding('Github', found, { RawV2: found }), alert('github_personal_access_token', found), incident('jwt', found)]) {
      const written = JSON.stringify(read(JSON.stringify(record)));
      expect(written).not.toContain(found.slice(0, 16));
      expect(written).not.toContain('signature');
    }
  }
});

test('what is settled about an alert is heard: revoked, or never a secret', () => {
  const resolved = (resolution: string) => read(JSON.stringify({ action: 'resolved', alert: { ...alert('jwt', jwt), state: 'resolved', resolution } }));
  expect(eventOf(resolved('revoked')).lifecycle).toBe('revoked');
  expect(resolved('false_positive').kind).toBe('ignored');
});
