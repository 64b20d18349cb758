import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { actionSchema } from '../../src/config/respond-schema.ts';
import type { Dependent, Proposal } from '../../src/model/intent.ts';
import { decide } from '../../src/respond/decide.ts';
import { NeverRevoke } from '../../src/respond/never-revoke.ts';
import type { Knowledge, Situation } from '../../src/respond/port.ts';
import { alertOf, dayMs, knowing, policyOf, ruleOf, situationOf, theftMs, thief, thiefNetwork, tokenOf, userOf } from './decide-support.ts';

const workload = userOf('rates', '10.1.0.0/24');
const refusals = (proposals: readonly Proposal[]): Record<string, string | null> => Object.fromEntries(proposals.map(({ kind, refused }) => [kind, refused]));
const decided = (users: readonly Dependent[], situation = situationOf(), policy = policyOf()): Proposal[] => decide(situation, knowing(users), policy);

describe('a plan', () => {
  test('has the steps of the rule in order, for exactly the token that deviates', () => {
    const proposals = decided([workload, thief]);
    expect(proposals.map(({ kind, action, step, mode, refused }) => [step, kind, action, mode, refused])).toEqual([
      [0, 'pin', 'gateways', 'enforce', null], [1, 'deny', 'gateways', 'enforce', null], [2, 'revoke', 'issuer', 'enforce', null], [3, 'notify', 'holder', 'enforce', null],
    ]);
    const [pin] = proposals as [Proposal];
    expect(pin).toMatchObject({ rule: 'stolen', alertId: 'a1', incidentId: 'i1', keepNetworks: ['10.1.0.0/24'], decidedMs: theftMs + 60_000, dependents: [workload, thief] });
    expect(pin.target).toEqual({
      token: 't1', handle: 'jti-t1', tokenKind: 'jwt', issuer: 'https://as.example', identityId: 'sub-1', identityName: 'calculator', userId: 'calculator',
      client: 'calculator', sha256: null, expiresAtMs: null,
    });
    expect(new Set(proposals.map(({ planId }) => planId)).size).toBe(1);
    expect(new Set(proposals.map(({ id }) => id)).size).toBe(4);
    expect(pin.reason).toBe('Much left. It goes on from the 1 known network of 1 other observed user and is refused elsewhere.');
  });

  test('has the same ids however often and for whichever alert of the incident it is made', () => {
    const [first, again] = [decided([thief]), decided([workload], situationOf(alertOf({ id: 'a2', detector: 'unfamiliar-ip', severity: 47 })))];
    expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    const [otherIncident, otherToken] = [situationOf(alertOf({ incidentId: 'i2' })), situationOf(alertOf({ tokens: ['t2'] }))];
    const others = [decided([thief], otherIncident), decide(otherToken, knowing([], [tokenOf('t2')]), policyOf())].flat();
    expect(others.filter(({ id }) => first.some((one) => one.id === id))).toEqual([]);
    expect(others).toHaveLength(8);
  });

  test('an expired token, one that nobody vouched for, and a closed alert need none', () => {
    expect(decide(situationOf(), knowing([], [tokenOf('t1', { expiresAtMs: theftMs })]), policyOf())).toEqual([]);
    expect(decide(situationOf(), knowing([], []), policyOf())).toEqual([]);
    expect(decided([], situationOf(alertOf({ status: 'closed' })))).toEqual([]);
  });

  test('whoever is only named in calls that were refused, none, whatever the policy says', () => {
    expect(decided([thief], situationOf(alertOf({ provenMs: null }, { authenticated: false })))).toEqual([]);
    const unchecked = decided([thief], situationOf(alertOf({ provenMs: null }, { authenticated: null })));
    expect(new Set(unchecked.map(({ mode, lowered }) => `${mode} ${lowered}`))).toEqual(new Set(['approve unproven']));
    expect(decided([thief], situationOf(alertOf({}, { authenticated: false })))).toHaveLength(4);
  });

  test('two ids of one token make one plan; an empty plan is a decision too', () => {
    const knowledge: Knowledge = knowing([], [], { token: () => tokenOf('t1') });
    expect(decide(situationOf(alertOf({ tokens: ['t1', 'alias'] })), knowledge, policyOf())).toHaveLength(4);
    expect(decided([], situationOf(), policyOf([ruleOf({ name: 'ignored', plan: [] }), ruleOf()]))).toEqual([]);
  });

  test('another token of the alert is not called by the session of the first', () => {
    const first = { userId: 'AROA1:i-0abc', identityId: 'aws:1:AROA1', identityName: 'exporter', identityKind: 'role' as const };
    const targets = (identityId: string, part: object = {}) => decide(situationOf(alertOf({ tokens: ['t1', 't2'] }, { ...first, ...part })), knowing([], [], {
      token: (fingerprint) => tokenOf(fingerprint, { identityId }),
    }), policyOf([ruleOf({ plan: [{ do: 'notify', by: 'holder' }] })])).map(({ target: { userId, identityName } }) => [userId, identityName]);
    expect(targets('aws:1:AROA1')).toEqual([['AROA1:i-0abc', 'exporter'], [null, 'exporter']]);
    expect(targets('aws:1:AROA2')[1], 'another role\'s').toEqual([null, null]);
    expect(targets('idp|joe', { userId: 'joe', identityId: 'idp|joe', identityName: 'Joe' })[1]).toEqual(['joe', 'Joe']);
  });

  test('an opaque token is named by its digest where the log gave that as its id', () => {
    const digest = 'A'.repeat(64);
    const [first] = decide(situationOf(), knowing([], [tokenOf('t1', { handle: digest })]), policyOf());
    expect(first?.target.sha256).toBe(digest.toLowerCase());
  });
});

describe('a step is refused', () => {
  test('for workloads that were long at work where the alert now sees two places at once', () => {
    const old = { suspect: true, firstSeenMs: theftMs - 9 * dayMs };
    const three = ['a', 'b', 'c'].map((name) => userOf(name, '10.1.0.0/24', { ...old, workloadId: `spiffe://example/${name}` }));
    const alert = alertOf({ networks: ['10.1.0.0/24', thiefNetwork] });
    expect(refusals(decided([...three, thief], situationOf(alert)))).toMatchObject({ pin: 'no_known_places', deny: 'would_break_others', revoke: 'would_break_others' });
    expect(refusals(decided([three[0]!, thief], situationOf(alert)))).toMatchObject({ deny: null });
  });

  test.each([
    ['nobody else was seen to use the token', [thief], { pin: 'no_known_places', deny: null, revoke: null }],
    ['others use it from where nobody knows', [workload, userOf('batch', null)], { pin: 'no_known_places', deny: 'would_break_others', revoke: 'would_break_others' }],
    ['a workload may have more networks than are known', [userOf('fleet', null, { workloadId: 'fleet', networks: Array.from({ length: 8 }, (_, i) => `10.${i}.0.0/24`) })],
      { pin: 'no_known_places', deny: null, revoke: null }],
    ['what deviates is in a place of long standing', [workload, userOf('office', '198.51.100.0/24')], { pin: 'no_known_places', deny: null, revoke: null }],
    ['a known network holds the suspect one', [userOf('cloud', '198.51.0.0/16', { suspect: false }), thief], { pin: 'no_known_places', deny: null, revoke: null }],
    ['more depend on it than may break', [workload, userOf('labels', '10.2.0.0/24'), thief], { pin: null, deny: 'would_break_others', revoke: 'would_break_others' }],
    ['the others have not been seen for long', [workload, userOf('old', '10.2.0.0/24', { lastSeenMs: theftMs - 91 * 24 * 3_600_000 })], { pin: null, deny: null, revoke: null }],
  ])('or not where %s', (_, users, expected) => {
    expect(refusals(decided(users))).toEqual({ ...expected, notify: null });
  });

  test('as many may break as the operator says', () => {
    const users = [workload, userOf('labels', '10.2.0.0/24'), thief];
    expect(refusals(decided(users, situationOf(), policyOf([ruleOf()], { maxDependents: 2 }))).deny).toBeNull();
    expect(refusals(decided(users.slice(1), situationOf(), policyOf([ruleOf()], { maxDependents: 0 }))).deny).toBe('would_break_others');
  });

  test('what is never acted upon is only told of', () => {
    const policy = policyOf([ruleOf()], { neverRevoke: [{ identity: 'SUB-1' }] });
    expect(refusals(decided([workload], situationOf(), policy))).toEqual({ pin: 'never_revoke', deny: 'never_revoke', revoke: 'never_revoke', notify: null });
  });

  test('a workload whose name the thief shows is known by its networks alone', () => {
    const rates = userOf('rates', '10.1.0.0/24', { workloadId: 'rates' });
    const [pin] = decided([rates, userOf('labels', '10.2.0.0/24', { workloadId: 'labels' }), { ...thief, workloadId: 'rates' }]) as [Proposal];
    expect([pin.keepNetworks, pin.keepWorkloads, pin.refused]).toEqual([['10.1.0.0/24', '10.2.0.0/24'], ['labels'], null]);
  });
});

describe('enforce becomes approve', () => {
  test.each([
    ['nobody vouched for a deviating use', situationOf(alertOf({ provenMs: null })), 'unproven'],
    ['the events came late', situationOf(alertOf({ late: true })), 'late'],
    ['all evidence is of one kind', situationOf(alertOf(), ['origin']), 'one_kind_of_evidence'],
  ])('where %s', (_, situation, lowered) => {
    const proposals = decided([workload], situation);
    expect(new Set(proposals.map(({ mode, lowered: why }) => `${mode} ${why}`))).toEqual(new Set([`approve ${lowered}`]));
    for (const mode of ['observe', 'approve'] as const) {
      expect(decided([workload], situation, policyOf([ruleOf({ mode })])).every((one) => one.mode === mode && one.lowered === null)).toBe(true);
    }
  });
});

test('a step may ask for less than its rule: the pin goes by itself, what comes after it waits for a person', () => {
  const plan = [{ do: 'pin', by: 'gateways' }, { do: 'deny', by: 'gateways', mode: 'approve' }, { do: 'revoke', by: 'issuer', mode: 'observe' }] as const;
  const modes = (mode: 'approve' | 'enforce', alert = alertOf()) =>
    decided([workload, thief], situationOf(alert), policyOf([ruleOf({ mode, plan })])).map((step) => [step.kind, step.mode, step.lowered]);
  expect(modes('enforce')).toEqual([['pin', 'enforce', null], ['deny', 'approve', null], ['revoke', 'observe', null]]);
  expect(modes('approve').map(([, mode]) => mode)).toEqual(['approve', 'approve', 'observe']);
  expect(modes('enforce', alertOf({ provenMs: null })).map(([, mode]) => mode)).toEqual(['approve', 'approve', 'observe']);
});

describe('a call that ends more than the token', () => {
  const others = ['batch', 'report'].map((name) => userOf(name, '10.9.0.0/24'));
  const disable = actionSchema.parse({ name: 'issuer', type: 'keycloak', call: 'client_disable', base_url: 'https://k.example', realm: 'r', client_id: 'c', client_secret_file: 'f' });
  const wide = policyOf([ruleOf({ plan: [{ do: 'deny', by: 'gateways' }, { do: 'revoke', by: 'issuer' }] })], { actions: [disable] });
  const refused = (identityUsers: readonly Dependent[] | null, tokens = [tokenOf('t1')]) =>
    refusals(decide(situationOf(), knowing([workload], tokens, { identityUsers: () => identityUsers as Dependent[] | null }), wide));

  test('answers for everybody whom it cuts off, not only for users of the token', () => {
    expect(refused([workload])).toEqual({ deny: null, revoke: null });
    expect(refused([workload, ...others])).toEqual({ deny: null, revoke: 'would_break_others' });
    const [, revoke] = decide(situationOf(), knowing([workload], undefined, { identityUsers: () => [workload, ...others] }), wide);
    expect(revoke?.dependents.map(({ name }) => name)).toEqual(['rates', 'batch', 'report']);
  });

  test('is refused where those cannot all be told', () => {
    expect(refused(null)).toEqual({ deny: null, revoke: 'reach_unknown' });
    expect(refused([], [tokenOf('t1', { identityId: null })])).toEqual({ deny: null, revoke: 'reach_unknown' });
  });

  test('waits for a person where it cuts off a whole machine', () => {
    const ban = actionSchema.parse({ name: 'issuer', type: 'spire', call: 'agent', trust_domain: 'prod.example', address: '/run/api.sock' });
    const knowledge = knowing([workload], undefined, { identityUsers: () => [workload] });
    const plan = [{ do: 'deny', by: 'gateways' }, { do: 'revoke', by: 'issuer' }] as const;
    const steps = (mode: 'observe' | 'approve' | 'enforce') => decide(situationOf(), knowledge, policyOf([ruleOf({ mode, plan: [...plan] })], { actions: [ban] }))
      .map((step) => [step.kind, step.mode, step.lowered]);
    expect(steps('enforce')).toEqual([['deny', 'enforce', null], ['revoke', 'approve', 'whole_machine']]);
    expect(steps('observe')).toEqual([['deny', 'observe', null], ['revoke', 'observe', null]]);
  });
});

test('what has no harmless explanation needs no second kind of evidence, but an authenticator\'s word', () => {
  const certain = (more: object): Situation => ({ ...situationOf(alertOf(more), ['lifecycle']), isCertain: true });
  expect(decided([], certain({})).map(({ mode, lowered }) => [mode, lowered])).toEqual(Array.from({ length: 4 }, () => ['enforce', null]));
  expect(decided([], certain({ provenMs: null }))[0]?.lowered).toBe('unproven');
  expect(detectors.filter(({ sufficesAlone }) => sufficesAlone).map(({ id }) => id)).toEqual(['revoked-token-use', 'honeytoken']);
});

test.each(['idp-admin', 'kafka', 'siem', 'gateway-upstream', 'Deployment'])('what the inventory calls %s is never acted upon', (label) => {
  const entry = { match: { handle: 'h' }, workload: null, kind: null, owner: null, labels: ['other', label] };
  expect(refusals(decide(situationOf(), knowing([], undefined, { entry: () => entry }), policyOf()))).toEqual({
    pin: 'protected', deny: 'protected', revoke: 'protected', notify: null,
  });
});

test('a gateway\'s own credential, on which the calls of others rest, is never cut without a person\'s word', () => {
  const knowledge = knowing([workload], [tokenOf('t1', { upstream: true })]);
  expect(decide(situationOf(), knowledge, policyOf()).map(({ mode, lowered }) => [mode, lowered])).toEqual(
    decided([workload]).map(() => ['approve', 'shared_credential']));
});

// Short form of "0 calls in 100,000 generated intents": whatever is in the alert, no step reaches beyond its own tokens.
test('no target outside the alert, whatever ids look like', () => {
  const odd = fc.constantFrom('*', '', ' ', 't1', 't2', 't3', '__proto__', 'constructor', 'jti-*', 'a\0b', 't1\nt2');
  const token = fc.record({ fingerprint: odd, issuer: fc.constantFrom('https://a.example', 'https://b.example', null), handle: fc.option(odd), identityId: fc.option(odd) });
  const never = fc.array(fc.record({ identity: odd, issuer: fc.constantFrom('https://a.example', '*') }, { requiredKeys: [] }), { maxLength: 3 });
  const known = fc.uniqueArray(token, { selector: ({ fingerprint }) => fingerprint, maxLength: 5 });
  fc.assert(fc.property(fc.array(odd, { maxLength: 6 }), known, never, fc.nat(3), (tokens, registry, neverRevoke, maxDependents) => {
    const situation: Situation = situationOf(alertOf({ tokens }));
    const knowledge = knowing([workload, thief], registry.map(({ fingerprint, ...more }) => tokenOf(fingerprint, more)));
    const policy = policyOf([ruleOf()], { neverRevoke, maxDependents });
    const before = JSON.stringify([situation.alert, situation.incident, registry]);
    const proposals = decide(situation, knowledge, policy);
    const allowed = new Set(tokens.filter((one) => registry.some(({ fingerprint }) => fingerprint === one)));
    expect(new Set(proposals.map(({ target }) => target.token))).toEqual(allowed);
    expect(proposals).toHaveLength(4 * allowed.size);
    expect(new Set(proposals.map(({ id }) => id)).size).toBe(proposals.length);
    for (const { kind, target, refused } of proposals) {
      const own = registry.find(({ fingerprint }) => fingerprint === target.token);
      expect([target.handle ?? null, target.issuer]).toEqual([own?.handle ?? null, own?.issuer ?? null]);
      if (kind !== 'notify' && policy.neverRevoke.protects(target)) expect(refused).toBe('never_revoke');
    }
    expect(decide(situation, knowledge, policy)).toEqual(proposals);
    expect(JSON.stringify([situation.alert, situation.incident, registry])).toBe(before);
  }), { numRuns: 500 });
});

test('of a credential of ours whoever answers for it is not told, but the rest: he may be who misuses it', () => {
  const entry = { match: {}, workload: null, kind: null, owner: 'ann' };
  const tell = { owners: { ann: 'ann-hook' }, teams: {}, environments: {}, otherwise: 'soc' };
  const told = (own: ConstructorParameters<typeof NeverRevoke>[0]): string[] => {
    const policy = { ...policyOf([ruleOf({ plan: [{ do: 'tell', by: '' }] })], { tell }), own: new NeverRevoke(own) };
    return decide(situationOf(), knowing([], undefined, { entry: () => entry }), policy).map(({ action }) => action);
  };
  expect([told([]), told([{ handle: tokenOf('t1').handle! }])]).toEqual([['ann-hook'], ['soc']]);
});

test('a rotation cuts nobody off, so it is proposed however many depend on the token; where nobody does there is nobody to hand over to', () => {
  const policy = policyOf([ruleOf({ plan: [{ do: 'rotate', by: 'rotation' }] })]);
  const many = ['a', 'b', 'c'].map((name, at) => userOf(name, `10.${at}.0.0/16`));
  expect([[...many, thief], [thief]].map((users) => refusals(decided(users, situationOf(), policy)))).toEqual([{ rotate: null }, { rotate: 'nobody_to_hand_over' }]);
  expect(decided([...many, thief], situationOf(), policy)[0]!.reason).toContain('Its 3 other observed users get a new one');
});
