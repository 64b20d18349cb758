/** What the detectors of minting and secrets say at the edges. Their stories are in `test/scenarios`. */
import { describe, expect, it } from 'vitest';
import forgedToken from '../../detectors/forged-token.ts';
import { mintingOf, mintings } from '../../detectors/minting-actions.ts';
import { isSecretRead } from '../../detectors/secret-reads.ts';
import secretSweep from '../../detectors/secret-sweep.ts';
import { openedBy, storeOf } from '../../detectors/store-changes.ts';
import suspiciousMinting from '../../detectors/suspicious-minting.ts';
import type { Context, Detector, Mint, Unissued } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { PlaceBefore } from '../../src/model/fate.ts';
import type { Finding } from '../../src/model/finding.ts';
import { Harness } from '../support/detector-harness.ts';

const nowMs = Date.UTC(2026, 2, 2);
const minute = 60_000;
const day = 1440 * minute;

function event(more: Partial<TokenEvent> = {}): TokenEvent {
  return Object.assign(emptyEvent('aws.cloudtrail', nowMs), {
    id: 'e', module: 'aws', token: 't', tokenHandle: 'AKIA1', tokenKind: 'access_key', identityId: 'me', identityKind: 'service', userName: 'rates', authenticated: true,
    outcome: 'success', lifecycle: 'used', networkBlock: 'n', sourceIp: '203.0.113.9', cloudAccount: '1',
  }, more);
}

function find(detector: unknown, context: Partial<Context>, of: TokenEvent): Finding | null {
  return new Harness(detector as Detector, {}, { outages: [], issued: new Map(), more: context }).observe(of)?.finding ?? null;
}

const kindOf = (more: Partial<TokenEvent>): string | undefined => mintings[mintingOf(event(more))]?.id;

describe('what was minted', () => {
  it.each([
    [{ action: 'CreateAccessKey', targetUserName: 'backup' }, 'for-other'], [{ action: 'CreateAccessKey', targetUserName: 'rates' }, 'for-self'],
    [{ action: 'CreateAccessKey' }, 'for-self'], [{ action: 'CreateLoginProfile', targetUserName: 'backup' }, 'for-other'],
    [{ action: 'google.iam.admin.v1.CreateServiceAccountKey', issuedIdentityId: 'gcp|x' }, 'for-other'], [{ action: 'google.iam.admin.v1.SetIAMPolicy' }, 'stand-in'],
    [{ action: 'google.storage.v1.SetIAMPolicy' }, undefined], [{ action: 'UpdateAssumeRolePolicy' }, 'trust'], [{ action: 'GetObject' }, undefined], [{ action: null }, undefined],
    [{ action: 'create', module: 'kubernetes', resourceKind: 'serviceaccounts', resourceId: 'shop/serviceaccounts/a/token' }, 'cluster-token'],
    [{ action: 'create', module: 'kubernetes', resourceKind: 'serviceaccounts', resourceId: 'shop/serviceaccounts/a' }, undefined],
    [{ action: 'CREATE', module: 'keycloak', resourceKind: 'identity_provider' }, 'trust'], [{ action: 'DELETE', module: 'keycloak', resourceKind: 'identity_provider' }, undefined],
    [{ action: 'anything', issued: 'k', issuedKind: 'api_key', issuedIdentityId: 'other' }, 'for-other'], [{ action: 'anything', issued: 'k', issuedKind: 'temporary_key' }, undefined],
    [{ action: 'SignJwt', identityId: 'gcp|a@one.iam.gserviceaccount.com', targetUserId: 'b@two.iam.gserviceaccount.com' }, 'act-as'],
    [{ action: 'SignJwt', identityId: 'gcp|a@one.iam.gserviceaccount.com', targetUserId: 'b@one.iam.gserviceaccount.com' }, undefined],
    [{ action: 'SignJwt', cloudAccount: 'two', targetUserId: 'b@two.iam.gserviceaccount.com' }, undefined],
  ] as const)('%j is %s', (more, expected) => {
    expect(kindOf(more)).toBe(expected);
  });

  it.each([
    ['by a machine known for months', 'CreateAccessKey', 'service', 100, 47], ['by a machine known for two weeks', 'CreateAccessKey', 'service', 14, undefined],
    ['a trust, by a machine known for years', 'UpdateAssumeRolePolicy', 'role', 3000, 73],
    ['by a person, where nobody ever did so', 'Consent to application', 'human', 100, 47],
    ['a personal token, by a person', 'generateDbToken', 'human', 3000, undefined], ['a personal token, by a machine', 'generateDbToken', 'client', 300, 47],
  ] as const)('%s', (_, action, identityKind, days, severity) => {
    expect(find(suspiciousMinting, { identitySinceMs: nowMs - days * day }, event({ action, identityKind, targetUserName: 'x' }))?.severity).toBe(severity);
  });

  it('is less odd of a person in an account of which little is known', () => {
    const consent = event({ action: 'Consent to application', identityKind: 'human' });
    expect(find(suspiciousMinting, { identitySinceMs: nowMs - 100 * day, coveredMs: () => 10 * day }, consent)).toBeNull();
  });

  it('is graver in an open incident, unless that was opened by the event itself', () => {
    const judge = (sinceMs: number) => find(suspiciousMinting, { identitySinceMs: nowMs, incidentSinceMs: () => sinceMs }, event({ action: 'CreateAccessKey' }))?.severity;
    expect([judge(nowMs - minute), judge(nowMs)]).toEqual([73, undefined]);
  });
});

describe('a new key at work', () => {
  const mint: Mint = { byIdentityId: 'maker', byName: 'Maker', ageMs: 5 * minute, isNearby: true, isHabit: false };
  const use = event({ issuedAtMs: nowMs - 5 * minute });
  const old = { identitySinceMs: nowMs - 100 * day, placeBefore: (): PlaceBefore => 'unknown' };
  it.each([
    ['where it was made, by its maker', mint, old, 73], ['by its maker, who does so for a living', { ...mint, isHabit: true }, old, null],
    ['where its owner was before', mint, { ...old, placeBefore: (): PlaceBefore => 'own' }, null], ['elsewhere', { ...mint, isNearby: false }, old, null],
    ['an hour later', { ...mint, ageMs: 60 * minute }, old, null], ['of an owner who is new as well', mint, { ...old, identitySinceMs: nowMs - day }, null],
    ['in the incident of its maker', { ...mint, isNearby: false }, { incidentSinceMs: () => nowMs - day }, 73],
    ['of one\'s own, in an incident that began before it', { ...mint, byIdentityId: 'me', isNearby: false }, { incidentSinceMs: () => nowMs - day }, null],
    ['of one\'s own, in an incident that began since', { ...mint, byIdentityId: 'me', isNearby: false }, { incidentSinceMs: () => nowMs - minute }, 73],
    ['of which nobody knows who made it', null, old, null],
  ] as const)('%s', (_, made, context, severity) => {
    expect(find(suspiciousMinting, { mint: made, ...context }, use)?.severity ?? null).toBe(severity);
  });
});

describe('a token that nobody issued', () => {
  const unissued: Unissued = {
    matched: 500, missing: 0, bits: 12, unknownKey: false, oddLifetime: false, isElsewhere: true, isRepeated: false, lifetimeMs: day, shortestMs: minute, longestMs: minute,
  };
  it.each([[{}, 73], [{ oddLifetime: true }, 99], [{ unknownKey: true, isElsewhere: false }, 99]])('%j', (more, severity) => {
    expect(find(forgedToken, { unissued: { ...unissued, ...more } }, event())?.severity).toBe(severity);
  });

  it('is never hidden, and says what is odd', () => {
    expect(forgedToken.neverHidden).toBe(true);
    const finding = find(forgedToken, { unissued: { ...unissued, oddLifetime: true } }, event({ tokenIssuer: 'https://idp' }));
    expect(finding?.reason).toBe('A token of me was accepted from 203.0.113.9 that https://idp never issued: its log tells of 500 tokens that were used, and lacked 0; '
      + 'it lives for 24 hours, as none other does, and its owner was never seen there.');
  });
});

describe('secrets', () => {
  it.each([
    [{ action: 'GetSecretValue', resourceKind: 'secret' }, true], [{ action: 'DescribeSecret', resourceKind: 'secret' }, false], [{ action: 'PutSecretValue', resourceKind: 'secret' }, false],
    [{ action: 'GetParameter', resourceKind: 'parameter' }, true], [{ action: 'read', module: 'vault', resourceKind: 'secret' }, true],
    [{ action: 'list', module: 'vault', resourceKind: 'secret' }, false], [{ action: 'get', module: 'kubernetes', resourceKind: 'secret' }, true],
    [{ action: 'GetSecretValue', resourceKind: 'secret', outcome: 'failure' }, false], [{ action: 'GetObject', resourceKind: 'bucket' }, false],
  ] as const)('%j is a read: %s', (more, expected) => {
    expect(isSecretRead(event(more))).toBe(expected);
  });

  it('are swept by somebody who has history, or is in an incident', () => {
    const read = (n: number): TokenEvent => event({ action: 'GetSecretValue', resourceKind: 'secret', resourceId: `s${n}`, orderMs: nowMs + n, timeMs: nowMs + n });
    const sweep = (context: Partial<Context>, minimum: number): (number | undefined)[] => {
      const harness = new Harness(secretSweep as unknown as Detector, { minimumSecrets: minimum }, { outages: [], issued: new Map(), more: context });
      return Array.from({ length: 20 }, (_, n) => harness.observe(read(n))?.finding.severity).filter((severity) => severity !== undefined);
    };
    expect(sweep({ identitySinceMs: nowMs - 5 * day }, 15)).toEqual([]);
    expect(sweep({ identitySinceMs: nowMs - 100 * day }, 15)).toHaveLength(6);
    expect(sweep({ identitySinceMs: nowMs - 100 * day }, 21)).toEqual([]);
    expect(sweep({ identitySinceMs: nowMs, incidentSinceMs: () => nowMs - 1 }, 15)[0]).toBe(73);
  });
});

describe('a store', () => {
  it.each([
    [{ resourceId: 'arn:aws:secretsmanager:eu-west-1:1:secret:pay/db-a1B2c3' }, { resourceId: 'aws:1:secretsmanager:pay/db' }],
    [{ module: 'azure', resourceId: '/SUBSCRIPTIONS/1/RESOURCEGROUPS/A/PROVIDERS/MICROSOFT.KEYVAULT/VAULTS/PAY' }, { module: 'keyvault', resourceId: 'pay.vault.azure.net/secrets/db' }],
  ])('has one name: %j, %j', (one, other) => {
    expect(storeOf(event(one))).toBe(storeOf(event(other)));
  });

  it.each([
    [{ action: 'PutResourcePolicy' }, 'store'], [{ action: 'AttachUserPolicy', targetUserName: 'rates' }, 'all'], [{ action: 'AttachUserPolicy', targetUserName: 'x' }, null],
    [{ action: 'update', module: 'vault', urlPath: 'sys/policies/acl/pay' }, 'all'], [{ action: 'read', module: 'vault', urlPath: 'sys/policies/acl/pay' }, null],
    [{ action: 'create', module: 'kubernetes', resourceKind: 'rolebindings', resourceId: 'shop/rolebindings/a' }, 'all'], [{ action: 'PutResourcePolicy', outcome: 'failure' }, null],
  ] as const)('is opened by %j: %s', (more, expected) => {
    expect(openedBy(event(more))).toBe(expected);
  });
});
