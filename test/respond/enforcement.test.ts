import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../src/config/policy.ts';
import { Enforcement } from '../../src/respond/enforcement.ts';
import type { Store } from '../../src/store/open.ts';
import { opened } from '../store/support.ts';
import { ruleOf } from './decide-support.ts';
import { beginMs, Rig } from './support.ts';

const limits = { caps: { perMinute: 10, perHour: 50, perDay: 20, shareOfTokens: 0.005 }, maxDependents: 1 };
const [quiet, stolen] = [ruleOf({ name: 'quiet', mode: 'observe', match: { identities: ['batch'] } }), ruleOf({ name: 'stolen' })];
const hour = 3_600_000;

let store: Store;
let rules: readonly Rule[];
let enforcement: Enforcement;

beforeEach(() => {
  store = opened(null);
  rules = [quiet];
  enforcement = new Enforcement({ effects: store.effects, rules: () => rules, limits });
  enforcement.begin(beginMs);
});

const hash = () => enforcement.list()[0]!.hash;
const agree = (account: string, seen = hash(), nowMs = beginMs) => {
  const answer = enforcement.agree('stolen', account, seen, nowMs);
  return typeof answer === 'string' ? answer : answer.audit[0]!.kind;
};

describe('a rule that is made to enforce', () => {
  beforeEach(() => { rules = [quiet, stolen]; });

  test('does so once two different people have agreed to it', () => {
    expect(enforcement.isInForce('stolen')).toBe(false);
    expect([agree('ann'), agree('ann'), enforcement.isInForce('stolen')]).toEqual(['policy.agreed', 'already_approved', false]);
    expect([agree('bob'), enforcement.isInForce('stolen'), agree('eve')]).toEqual(['policy.enforced', true, 'not_waiting']);
  });

  test.each([
    ['the rule changes', () => [quiet, { ...stolen, plan: stolen.plan.slice(0, 1) }]], ['its match is widened', () => [quiet, ruleOf({ name: 'stolen', match: { severity: 21 } })]],
    ['a rule before it goes, so that it decides more', () => [stolen]], ['a rule before it changes', () => [{ ...quiet, match: { ...quiet.match, identities: ['one'] } }, stolen]],
  ])('needs both again where %s', (_, change) => {
    agree('ann');
    agree('bob');
    rules = change();
    expect(enforcement.isInForce('stolen')).toBe(false);
    rules = [quiet, stolen];
    expect(enforcement.isInForce('stolen'), 'as it was agreed to').toBe(true);
  });

  test('a rule after it changes nothing', () => {
    agree('ann');
    agree('bob');
    rules = [quiet, stolen, ruleOf({ name: 'rest', mode: 'approve' })];
    expect(enforcement.isInForce('stolen')).toBe(true);
  });

  test('needs both again where the limits are others', () => {
    agree('ann');
    agree('bob');
    const wider = new Enforcement({ effects: store.effects, rules: () => rules, limits: { ...limits, maxDependents: 5 } });
    expect([enforcement.isInForce('stolen'), wider.isInForce('stolen')]).toEqual([true, false]);
  });

  test('is agreed to as it was shown, and within a day', () => {
    expect(agree('ann', 'another')).toBe('changed');
    agree('ann');
    expect(agree('bob', hash(), beginMs + 25 * hour)).toBe('policy.agreed');
    expect(agree('ann', hash(), beginMs + 26 * hour)).toBe('policy.enforced');
    expect(enforcement.agree('none', 'ann', hash(), beginMs)).toBe('unknown_rule');
  });
});

test('one person is enough to take it back, whoever agreed; then two are needed again', () => {
  rules = [quiet, stolen];
  expect(enforcement.withdraw('stolen', 'eve', beginMs)).toBe('not_waiting');
  agree('ann');
  agree('bob');
  const answer = enforcement.withdraw('stolen', 'eve', beginMs);
  expect(typeof answer === 'string' ? answer : answer.audit[0]).toMatchObject({ kind: 'policy.withdrawn', actor: 'eve', subject: 'stolen' });
  expect([enforcement.isInForce('stolen'), enforcement.list()[0]!.by]).toEqual([false, []]);
  expect([agree('ann'), enforcement.isInForce('stolen'), agree('bob'), enforcement.isInForce('stolen')]).toEqual(['policy.agreed', false, 'policy.enforced', true]);
  expect(enforcement.withdraw('none', 'eve', beginMs)).toBe('unknown_rule');
});

test('a data folder begins with what its configuration says, once, and it is noted', () => {
  const fresh = opened(null);
  const begun = (one: readonly Rule[]): Enforcement => {
    const made = new Enforcement({ effects: fresh.effects, rules: () => one, limits });
    made.begin(beginMs);
    return made;
  };
  expect(begun([stolen]).isInForce('stolen')).toBe(true);
  expect([...fresh.effects.responses.audit()].map(({ kind, subject }) => [kind, subject])).toEqual([['policy.enforced', 'stolen']]);
  expect(begun([{ ...stolen, plan: [] }, ruleOf({ name: 'later' })]).isInForce('later')).toBe(false);
});

test('people agree at the desk, and every word is in the audit', () => {
  const rig = new Rig(store, { rules: [stolen] });
  const { hash: seen } = rig.desk.enforced()[0]!;
  expect([rig.desk.agree('stolen', ' ', seen), rig.desk.agree('stolen', 'ann', seen), rig.desk.agree('stolen', 'ann', seen), rig.desk.agree('stolen', 'bob', seen)])
    .toEqual([{ ok: false, reason: 'bad_request' }, { ok: true }, { ok: false, reason: 'already_approved' }, { ok: true }]);
  expect(rig.desk.enforced()).toMatchObject([{
    rule: 'stolen', hash: seen, match: 'every alert', plan: ['pin by gateways', 'deny by gateways', 'revoke by issuer', 'notify by holder'], by: ['ann', 'bob'], isInForce: true,
  }]);
  expect(rig.notes('stolen')).toEqual(['policy.agreed', 'policy.refused_to', 'policy.enforced']);
});
