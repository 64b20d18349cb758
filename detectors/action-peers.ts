import type { Numbers } from '../src/stats/numbers.ts';

/**
 * How many identities of an account began to use an operation: two counters for each hash, of which the smaller is nearer (the count-min sketch
 * of Cormode and Muthukrishnan, 2005). `users` are bytes, their number a power of two.
 */
export function usersOf(users: Numbers, hash: number): number {
  return Math.min(users.get(hash & users.length - 1), users.get(hash >>> 16 & users.length - 1));
}

/**
 * The same without the share of others that fell into the same counters, which in an account of hundreds is most of what they hold: less what a
 * counter holds on average (the count-mean-min sketch of Deng and Rafiei, 2007). Never more than `usersOf`, and near it where few are counted.
 */
export function likelyUsersOf(users: Numbers, hash: number): number {
  const most = usersOf(users, hash);
  if (most === 0) return 0;
  let sum = 0;
  for (let place = 0; place < users.length; place += 1) sum += users.get(place);
  return Math.max(0, most - sum / users.length);
}

/** One identity more. */
export function countUser(users: Numbers, hash: number): void {
  raise(users, hash & users.length - 1);
  raise(users, hash >>> 16 & users.length - 1);
}

function raise(users: Numbers, place: number): void {
  users.set(place, Math.min(255, users.get(place) + 1));
}
