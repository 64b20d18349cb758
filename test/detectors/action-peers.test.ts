/** How many of an account use an operation, in counters that many operations share. */
import { describe, expect, it } from 'vitest';
import { countUser, likelyUsersOf, usersOf } from '../../detectors/action-peers.ts';
import { hashText } from '../../src/stats/hash.ts';
import { numbersOf, type Numbers } from '../../src/stats/numbers.ts';

const rare = hashText('AttachUserPolicy');
const common = hashText('DescribeInstances');

/** An account of so many, each of whom began to use eight operations of five hundred. */
function account(identities: number): Numbers {
  const users = numbersOf(Array.from({ length: 256 }, () => 0));
  for (let identity = 0; identity < identities; identity += 1) {
    countUser(users, common);
    for (let at = 0; at < 7; at += 1) countUser(users, hashText(`Operation${(identity * 131 + at * 37) % 500}`));
  }
  return users;
}

describe('users of an operation', () => {
  it('are counted by what a few did', () => {
    const users = account(3);
    expect(usersOf(users, common)).toBe(3);
    expect(likelyUsersOf(users, common)).toBeGreaterThan(2.5);
    expect(likelyUsersOf(users, rare)).toBe(0);
  });

  it('are not those of other operations that share its counters, in an account of hundreds', () => {
    const users = account(250);
    expect(usersOf(users, rare)).toBeGreaterThan(3);
    expect(likelyUsersOf(users, rare)).toBeLessThan(2);
    expect(likelyUsersOf(users, common)).toBeGreaterThan(200);
  });
});
