import { expect, test } from 'vitest';
import detector from '../../detectors/own-credential-misuse.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import type { Detector } from '../../src/model/detector.ts';
import { fates } from '../../src/model/fate.ts';
import type { OwnUse } from '../../src/model/own-use.ts';
import { Harness } from '../support/detector-harness.ts';

const startMs = Date.UTC(2026, 2, 2, 8);
let at = 0;

function use(action: string | null, change: Partial<TokenEvent> = {}): TokenEvent {
  at += 60_000;
  return {
    ...emptyEvent('aws.cloudtrail', startMs + at), id: `e${at}`, action, token: 'k.own', tokenHandle: 'AKIAOURS', identityId: 'aws:1:AIDAOURS', identityName: 'tokenward', outcome: 'success',
    authenticated: true, networkBlock: '198.51.100.0/24', sourceIp: '198.51.100.20', ...change,
  };
}

/** A life in which every use is held against this. */
function life(): (event: TokenEvent, own: Partial<OwnUse>) => string | null {
  const ownUse: OwnUse = { of: 'keys', acts: true, isNoted: false, lastCallMs: null };
  const harness = new Harness(detector as unknown as Detector, {}, { issued: new Map(), outages: [], more: { fate: fates.own, ownUse } });
  return (event, own) => {
    Object.assign(ownUse, { acts: true, isNoted: false, lastCallMs: null, ...own });
    return harness.observe(event)?.finding.reason ?? null;
  };
}
const noted: Partial<OwnUse> = { isNoted: true, lastCallMs: startMs };

test('what was noted, and asking about it, is quiet', () => {
  const see = life();
  expect([see(use('ListAccessKeys'), {}), see(use('UpdateAccessKey'), noted), see(use('GetAccessKeyLastUsed'), {})]).toEqual([null, null, null]);
});

test.each(['UpdateAccessKey', 'CreateUser', 'DeleteTrail', 'PutRolePolicy'])('%s that was not noted is misuse', (action) => {
  expect(life()(use(action), {})).toContain('which this service did not do');
});

test('a token for itself, reviews and look-ups are no acts; operations of unknown names neither', () => {
  const see = life();
  const own = [use('CLIENT_LOGIN', { lifecycle: 'issued', issuedKind: 'jwt' }), use('create', { resourceId: 'authorization.k8s.io/selfsubjectaccessreviews' }),
    use('update', { resourceId: 'auth/token/lookup-accessor' }), use('Frobnicate'), use(null)];
  expect(own.map((event) => see(event, {}))).toEqual([null, null, null, null, null]);
});

test('once a call was seen from our place, another place is misuse, for mere asking and for what was noted; before that it is not told', () => {
  const elsewhere = { networkBlock: '203.0.113.0/24', sourceIp: '203.0.113.66' };
  const see = life();
  expect([see(use('ListUsers', elsewhere), {}), see(use('UpdateAccessKey'), noted)]).toEqual([null, null]);
  expect(see(use('ListUsers', elsewhere), {})).toContain('where this service never called from');
  expect(see(use('UpdateAccessKey', elsewhere), noted)).toContain('where this service never called from');
  expect([see(use('UpdateAccessKey'), noted), see(use('ListUsers', { networkBlock: null }), {})]).toEqual([null, null]);
});

test('what only delivers may write, and makes no credential', () => {
  const see = life();
  expect([see(use('PutObject'), { acts: false }), see(use('CreateAccessKey'), { acts: false })]).toEqual([null, expect.stringContaining('delivers with')]);
});
