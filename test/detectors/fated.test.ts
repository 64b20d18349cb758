/** What the detectors that go by facts say at the edges of their facts. Their stories are in `test/scenarios`. */
import { describe, expect, it } from 'vitest';
import containmentGap from '../../detectors/containment-gap.ts';
import expiredOrOverage from '../../detectors/expired-or-overage.ts';
import leakedTokenUse from '../../detectors/leaked-token-use.ts';
import logSilence from '../../detectors/log-silence.ts';
import revokedTokenUse from '../../detectors/revoked-token-use.ts';
import rotatedTokenUse from '../../detectors/rotated-token-use.ts';
import type { Context, Detector, Silence } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { fates, type Fate, type PlaceBefore } from '../../src/model/fate.ts';
import { Harness } from '../support/detector-harness.ts';

const nowMs = Date.UTC(2026, 2, 2);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A verified use now, unless told otherwise. */
function use(more: Partial<TokenEvent> = {}): TokenEvent {
  return Object.assign(emptyEvent('test', nowMs), {
    id: 'e', token: 't', tokenHandle: 'AKIA1', tokenKind: 'access_key', identityId: 'rates', authenticated: true, outcome: 'success', lifecycle: 'used',
    networkBlock: 'n', sourceIp: '203.0.113.9',
  }, more);
}

/** What was so many ms ago, and where the event comes from. */
function severity(detector: unknown, ago: Partial<Record<Fate, number>>, place: PlaceBefore, event = use(), more: Partial<Context> = {}, settings = {}): number | null {
  const fate = (Object.keys(ago) as Fate[]).reduce((bits, name) => bits | fates[name], 0);
  const context = { fate, fateSinceMs: (name: Fate) => (ago[name] === undefined ? null : nowMs - ago[name]), placeBefore: () => place, ...more };
  const harness = new Harness(detector as Detector, settings, { outages: [], issued: new Map(), more: context });
  return harness.observe(event)?.finding.severity ?? null;
}

const refused = { authenticated: false, outcome: 'failure', lifecycle: 'refused' } as const;

describe('a revoked token', () => {
  it.each([
    ['accepted elsewhere', {}, 'other', 99], ['accepted at home', {}, 'own', 47], ['accepted somewhere', {}, 'unknown', 47],
    ['a JWT that is checked by its signature', { tokenKind: 'jwt', expiresAtMs: nowMs + hour }, 'own', 21],
    ['that asks for too much', { status: 403, outcome: 'failure', lifecycle: 'refused' }, 'other', 99],
    ['refused elsewhere', refused, 'other', 73], ['refused at home', refused, 'own', 21], ['refused somewhere', refused, 'unknown', null],
    ['of a person, refused at home', { ...refused, identityKind: 'human' }, 'own', null],
    ['of a person, refused elsewhere', { ...refused, identityKind: 'human' }, 'other', 47],
    ['that is revoked again', { lifecycle: 'revoked' }, 'other', null],
  ] as const)('%s', (_, more, place, expected) => {
    expect(severity(revokedTokenUse, { revoked: hour }, place, use(more))).toBe(expected);
  });

  it('may be accepted for as long as its gateway was declared to remember it', () => {
    expect(severity(revokedTokenUse, { revoked: 9 * minute }, 'other')).toBeNull();
    expect(severity(revokedTokenUse, { revoked: 9 * minute }, 'other', use(), { validationCacheMs: 5 * minute })).toBe(99);
    expect(severity(revokedTokenUse, { revoked: hour }, 'other', use(), { validationCacheMs: 2 * hour })).toBeNull();
  });
});

describe('a token whose place another one took', () => {
  it('may go on for a day after its rotation', () => {
    expect([12 * hour, 25 * hour].map((ago) => severity(rotatedTokenUse, { rotated: ago }, 'other'))).toEqual([null, 73]);
    expect(severity(rotatedTokenUse, { rotated: 2 * day }, 'own')).toBe(21);
  });

  it('is told of a key only after a week of silence and from another place', () => {
    const judge = (formerAgo: number, place: PlaceBefore) => severity(rotatedTokenUse, { replaced: 30 * day }, place, use(), { formerUseMs: nowMs - formerAgo });
    expect([judge(day, 'other'), judge(10 * day, 'own'), judge(10 * day, 'other'), judge(10 * day, 'unknown')]).toEqual([null, null, 73, 47]);
  });

  it('is a refresh token only where it is shown as one', () => {
    expect(severity(rotatedTokenUse, { exchanged: hour }, 'other', use({ tokenKind: 'jwt' }))).toBeNull();
    expect(severity(rotatedTokenUse, { exchanged: hour }, 'other', use({ ...refused, tokenKind: 'refresh' }))).toBe(73);
    expect(severity(rotatedTokenUse, {}, 'unknown', use({ action: 'app.oauth2.as.token.detect_reuse', outcome: 'failure', token: null }))).toBe(73);
  });
});

describe('a token beyond its end', () => {
  it.each([
    ['within the skew of clocks', { tokenKind: 'jwt', expiresAtMs: nowMs - minute }, null], ['beyond it', { tokenKind: 'jwt', expiresAtMs: nowMs - minute - 1 }, 73],
    ['refused', { ...refused, tokenKind: 'jwt', expiresAtMs: nowMs - hour }, null], ['a lease that may be renewed', { tokenKind: 'vault', expiresAtMs: nowMs - hour }, null],
    ['named by its session', { tokenKind: 'jwt', vantage: 'iam', expiresAtMs: nowMs - hour }, null],
    ['a stale service account token', { tokenKind: 'kubernetes', reason: 'stale token: bound to be refreshed, and was not' }, 21],
  ] as const)('%s', (_, more, expected) => {
    expect(severity(expiredOrOverage, {}, 'own', use(more))).toBe(expected);
  });

  it('is too old, or made for too long, by a policy only', () => {
    const [old, long] = [use({ issuedAtMs: nowMs - 400 * day }), use({ lifecycle: 'issued', issued: 'n', issuedExpiresAtMs: nowMs + 400 * day })];
    const policy = { maxAge: '90d', maxLifetime: '90d' };
    expect([old, long].map((event) => severity(expiredOrOverage, {}, 'own', event))).toEqual([null, null]);
    expect([old, long].map((event) => severity(expiredOrOverage, {}, 'own', event, {}, policy))).toEqual([21, 21]);
  });
});

describe('containment', () => {
  const gap = (more: Partial<Context>, event = use()): number | null => severity(containmentGap, { contained: hour }, 'own', event, more);
  const open = (ms: number) => () => ms;

  it('missed a token that is older than it, while an incident is open', () => {
    expect(gap({ tokenIssuedMs: nowMs - day, incidentSinceMs: open(nowMs - 2 * hour) })).toBe(73);
    expect(gap({ tokenIssuedMs: nowMs - day })).toBeNull();
    expect(gap({ tokenIssuedMs: nowMs - minute, incidentSinceMs: open(nowMs - 2 * hour) })).toBeNull();
    expect(gap({ tokenIssuedMs: nowMs - day, incidentSinceMs: open(nowMs - minute) })).toBeNull();
  });

  it('missed what the thief made meanwhile, but not what was made to mend it', () => {
    const made = { tokenIssuedMs: nowMs - 90 * minute };
    expect(gap({ ...made, incidentSinceMs: open(nowMs - 2 * hour) })).toBe(73);
    expect(gap({ ...made, incidentSinceMs: (by) => (by === 'any' ? nowMs - 2 * hour : null) })).toBeNull();
  });
});

it('a leak is told by where the token is used after it, and by who tries it', () => {
  const judge = (place: PlaceBefore, ago: number, event = use()) => severity(leakedTokenUse, { leaked: ago }, place, event);
  expect([judge('other', minute), judge('unknown', minute), judge('own', minute), judge('own', 2 * hour)]).toEqual([99, 73, null, 47]);
  expect([judge('other', hour, use(refused)), judge('own', hour, use(refused))]).toEqual([47, null]);
  expect(severity(leakedTokenUse, {}, 'unknown', use({ userAgent: 'TruffleHog' }))).toBe(73);
  expect(severity(leakedTokenUse, {}, 'unknown', use({ userAgent: 'TruffleHog', networkClass: 'private' }))).toBe(21);
});

it('a log is silent by what it paused before, a token by its own rhythm', () => {
  const judge = (silence: Partial<Silence>) => severity(logSilence, {}, 'unknown', use(),
    { silence: { of: 'source', usualPauseMs: minute, historyMs: 30 * day, silentMs: hour, ...silence } });
  expect([judge({}), judge({ silentMs: 29 * minute }), judge({ silentMs: 5 * hour }), judge({ historyMs: 7 * day })]).toEqual([47, null, 73, null]);
  expect([judge({ usualPauseMs: 20 * minute }), judge({ usualPauseMs: 3 * day, silentMs: 13 * day })]).toEqual([null, null]);
  const token = { of: 'token', usualPauseMs: 10 * minute, historyMs: 5 * day } as const;
  expect([judge({ ...token, silentMs: 4 * hour }), judge({ ...token, silentMs: 3 * hour }), judge({ ...token, historyMs: day, silentMs: 9 * hour })]).toEqual([47, null, null]);
});
