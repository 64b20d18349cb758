import type { Numbers } from '../src/stats/numbers.ts';

/**
 * How many identities of an account began to use an operation: two counters for each hash, of which the smaller is nearer (the count-min sketch
 * of Cormode and Muthukrishnan, 2005). `users` are bytes, their number a power of two.
 */
export function usersOf(users: Numbers, hash: number): number {
  return Math.min(users.get(hash & users.length - 1), users.get(hash >>> 16 & users.length - 1));
}

/** One identity more. */
export function countUser(users: Numbers, hash: number): void {
  raise(users, hash & users.length - 1);
  raise(users, hash >>> 16 & users.length - 1);
}

function raise(users: Numbers, place: number): void {
  users.set(place, Math.min(255, users.get(place) + 1));
}
