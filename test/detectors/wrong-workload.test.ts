import { describe, expect, it } from 'vitest';
import wrongWorkload from '../../detectors/wrong-workload.ts';
import type { Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { Harness } from '../support/detector-harness.ts';

const start = Date.UTC(2025, 2, 1);
const day = 864e5;
const cloud = { networkBlock: '3.5.140.0/24', sourceIp: '3.5.140.7', asNumber: 16_509, country: 'DE', networkClass: 'hosting', cloudProvider: 'aws' } as const;
const rented = { ...cloud, networkBlock: '88.99.10.0/24', sourceIp: '88.99.10.7', asNumber: 24_940 } as const;
const instance = { workloadId: 'i-0123456789abcdef0', workloadKind: 'instance', workloadEvidence: 'event', tokenKind: 'temporary_key' } as const;
const pod = { workloadId: 'system:serviceaccount:shop:cart', workloadKind: 'kubernetes_service_account', workloadEvidence: 'event' } as const;

function use(atMs: number, more: Partial<TokenEvent>): TokenEvent {
  return {
    ...emptyEvent('aws.cloudtrail', atMs), token: 't', identityId: 'role', identityName: 'role', identityKind: 'role', cloudAccount: 'acme', lifecycle: 'used',
    outcome: 'success', authenticated: true, ...cloud, ...more,
  };
}

function settled(days: number, more: Partial<TokenEvent>): Harness {
  const harness = new Harness(wrongWorkload as unknown as Detector);
  for (let number = 0; number < days; number += 1) expect(harness.observe(use(start + number * day, { token: `t${number}`, ...more }))).toBeNull();
  return harness;
}
const severity = (harness: Harness, days: number, more: Partial<TokenEvent>): number | undefined => harness.observe(use(start + days * day, more))?.finding.severity;

describe('outside the cloud', () => {
  it.each([['instance', 'aws'], ['function', 'aws'], ['azure_managed_identity', 'azure']])('C31 credentials of an %s of %s, at once', (workloadKind, cloudProvider) => {
    expect(severity(settled(0, {}), 0, { ...instance, workloadKind, ...rented, cloudProvider })).toBe(73);
  });

  it.each([
    ['a network that the operator named', { ...rented, networkName: 'data centre' }], ['a private address', { ...rented, networkClass: 'private', asNumber: null }],
    ['a gateway of many customers', { ...rented, networkClass: 'provider' }], ['a cloud that is not known', { ...rented, cloudProvider: 'openstack' }],
    ['a machine that the inventory calls an instance', { ...rented, workloadEvidence: 'inventory' }], ['another system of the cloud', { ...rented, asNumber: 14_618 }],
  ] as const)('is quiet about %s', (_, where) => {
    expect(severity(settled(0, {}), 0, { ...instance, ...where })).toBeUndefined();
  });

  it('C34 a pod\'s account, once it is known to live in the cloud; one that lives elsewhere is left alone', () => {
    expect(severity(settled(10, pod), 10, { ...pod, ...rented })).toBe(73);
    expect(severity(settled(10, { ...pod, ...rented }), 10, { ...pod, ...rented, token: 'next' })).toBeUndefined();
  });
});

describe('what only intruders do', () => {
  const act = (action: string, more: Partial<TokenEvent> = {}): Partial<TokenEvent> => ({ ...instance, action, ...more });

  it('C43 a machine that begins to read secrets is low, and the longer it lived the surer', () => {
    expect(severity(settled(150, instance), 150, act('GetSecretValue'))).toBeUndefined();
    expect(severity(settled(250, instance), 250, act('GetSecretValue'))).toBe(21);
  });

  it('C35 three phases in a day are high, spread over months they are a life', () => {
    const harness = settled(30, instance);
    expect(['GetSecretValue', 'GetCallerIdentity', 'CreateAccessKey'].map((action) => severity(harness, 30, act(action)))).toEqual([undefined, 47, 73]);
    const grown = settled(30, instance);
    expect(['GetSecretValue', 'GetCallerIdentity', 'CreateAccessKey'].map((action, step) => severity(grown, 30 + step * 30, act(action)))).toEqual([undefined, undefined, undefined]);
  });

  it('C37 what it always did is nothing new, nor what its own young days brought', () => {
    expect(severity(settled(60, act('GetSecretValue')), 60, act('GetSecretValue'))).toBeUndefined();
    expect(severity(settled(2, instance), 2, act('CreateUser'))).toBeUndefined();
  });

  it('C43 a pod: secrets are read, commands run; roles that controllers read are none', () => {
    const kubernetes = { ...pod, module: 'kubernetes', identityKind: 'workload', cloudProvider: null } as const;
    const harness = settled(60, { ...kubernetes, action: 'list', resourceKind: 'configmaps', resourceId: 'shop/configmaps' });
    expect(severity(harness, 60, { ...kubernetes, action: 'list', resourceKind: 'roles', resourceId: 'shop/roles' })).toBeUndefined();
    expect(severity(harness, 60, { ...kubernetes, action: 'get', resourceKind: 'secret', resourceId: 'shop/secrets/db' })).toBeUndefined();
    expect(severity(harness, 60, { ...kubernetes, action: 'create', resourceKind: 'pods', resourceId: 'shop/pods/exec' })).toBe(47);
  });

  it('C44 a role taken on, or somebody acted as, that it never was', () => {
    const takes = (role: string): Partial<TokenEvent> => ({ ...instance, action: 'AssumeRole', issued: `new-${role}`, issuedIdentityId: role });
    expect(severity(settled(100, takes('reader')), 100, takes('admin'))).toBe(21);
    expect(severity(settled(100, takes('reader')), 100, takes('reader'))).toBeUndefined();
    expect(severity(settled(60, pod), 60, { ...pod, effectiveUserName: 'system:admin' })).toBe(47);
    const person = { identityKind: 'human' } as const;
    expect(severity(settled(100, { ...takes('reader'), ...person }), 100, { ...takes('admin'), ...person })).toBeUndefined();
  });
});

describe('another place or workload than the token\'s', () => {
  const bound = { ...pod, tokenKind: 'kubernetes', boundTo: 'pod/cart-1', identityKind: 'workload', module: 'kubernetes', cloudProvider: null } as const;

  it('C38 both address families of one pod are its own', () => {
    const harness = settled(20, { ...bound, sourceIp: '10.0.7.21' });
    expect(severity(harness, 20, { ...bound, token: 't19', sourceIp: 'fd00::21' })).toBeUndefined();
    expect(severity(harness, 20, { ...bound, token: 't19', sourceIp: 'fd00::99' })).toBe(73);
  });

  it('C38 where bound tokens change their address anyway, that is the way of the cluster', () => {
    const harness = new Harness(wrongWorkload as unknown as Detector);
    for (let number = 0; number < 60; number += 1) {
      for (const last of [1, 2]) expect(severity(harness, number, { ...bound, token: `t${number}`, sourceIp: `10.0.${last}.1` })).toBeUndefined();
    }
  });

  it('C39, C42 a token under a second certificate; instances that come and go bring tokens of their own', () => {
    const spiffe = (name: string): Partial<TokenEvent> => ({ workloadId: `spiffe://example.com/${name}`, workloadKind: 'spiffe', workloadEvidence: 'event', tokenKind: 'jwt', cloudProvider: null });
    expect(severity(settled(40, spiffe('billing')), 40, { ...spiffe('report'), token: 't39' })).toBe(47);
    expect(severity(settled(40, spiffe('billing')), 40, { ...spiffe('report'), token: 'new' })).toBeUndefined();
    const scaled = new Harness(wrongWorkload as unknown as Detector);
    for (let number = 0; number < 60; number += 1) expect(severity(scaled, number, { ...instance, workloadId: `i-${number}`, token: `t${number}` })).toBeUndefined();
  });

  it('C33 a session of a pipeline in another network than its job; lasting keys and people may move', () => {
    const job = { tokenKind: 'temporary_key' } as const;
    const vpn = { ...rented, networkClass: 'vpn' } as const;
    expect(severity(settled(20, job), 20, { ...job, token: 't19', ...vpn })).toBe(73);
    expect(severity(settled(20, {}), 20, { token: 't19', ...vpn })).toBeUndefined();
    expect(severity(settled(20, { ...job, identityKind: 'human' }), 20, { ...job, identityKind: 'human', token: 't19', ...vpn })).toBeUndefined();
  });
});
