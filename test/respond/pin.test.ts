import { expect, test } from 'vitest';
import { actionSchema } from '../../src/config/respond-schema.ts';
import type { Dependent } from '../../src/model/intent.ts';
import { decide } from '../../src/respond/decide.ts';
import { alertOf, knowing, policyOf, ruleOf, situationOf, theftMs, thief, thiefNetwork, tokenOf, userOf, dayMs } from './decide-support.ts';

const section = { name: 'aws', type: 'aws', account_id: '123456789012', access_key_id: 'AKIAOURS', secret_key_file: 'f' };
const actions = [actionSchema.parse({ ...section, call: 'user_keys' }), actionSchema.parse({ ...section, name: 'aws-key', call: 'access_key' })];
const policy = policyOf([ruleOf({ plan: [{ do: 'pin', by: 'aws' }, { do: 'revoke', by: 'aws-key' }] })], { actions });
const key = tokenOf('t1', { kind: 'access_key', handle: 'AKIA1' });
const export1 = userOf('export', '10.1.0.0/24');

function pinned(identityUsers: readonly Dependent[] | null, users: readonly Dependent[] = [export1, thief]) {
  const [pin] = decide(situationOf(alertOf({ detector: 'unfamiliar-ip' })), knowing(users, [key], { identityUsers: () => identityUsers as Dependent[] | null }), policy);
  return pin!;
}

test.each<[string, readonly Dependent[] | null, string | null]>([
  ['no other key is in use', [export1, thief], null],
  ['another is, from the same network', [export1, userOf('report', '10.1.0.0/24'), thief], null],
  ['another is, from a part of that network', [export1, userOf('report', '10.1.0.128/25'), thief], null],
  ['another is, from a network that only begins there', [export1, userOf('report', '10.1.0.0/16'), thief], 'other_key_elsewhere'],
  ['another is in use elsewhere', [export1, userOf('report', '10.2.0.0/24'), thief], 'other_key_elsewhere'],
  ['another is in use from a place that is not known', [export1, userOf('report', null), thief], 'other_key_elsewhere'],
  ['another has long been at work where the thief is', [export1, userOf('report', thiefNetwork, { firstSeenMs: theftMs - 9 * dayMs })], 'other_key_elsewhere'],
  ['another was last in use a year ago', [export1, userOf('report', '10.2.0.0/24', { firstSeenMs: 0, lastSeenMs: theftMs - 365 * dayMs }), thief], null],
  ['not all keys of the user are known', null, 'reach_unknown'],
])('a pin that binds all keys of a user, where %s', (_, identityUsers, refused) => {
  expect(pinned(identityUsers).refused).toBe(refused);
});

test('it keeps the places of the stolen key alone, names all whom it binds, and says so', () => {
  const pin = pinned([export1, userOf('report', '10.1.0.0/24'), thief]);
  expect([pin.keepNetworks, pin.dependents.map(({ name }) => name)]).toEqual([['10.1.0.0/24'], ['export', 'report', 'curl']]);
  expect(pin.reason).toBe('Much left. It goes on from the 1 known network of 2 other observed users and is refused elsewhere. So do all other keys of its user.');
  expect(pinned([thief], [thief]).refused).toBe('no_known_places');
});
