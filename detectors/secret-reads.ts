import type { TokenEvent } from '../src/model/event.ts';
import type { Numbers } from '../src/stats/numbers.ts';
import { classOf } from './action-classes.ts';
import { isSuccessfulUse } from './use.ts';

/** A secret, or a parameter of Parameter Store, was successfully read by somebody: not described, listed by name or written. */
export function isSecretRead(event: TokenEvent): boolean {
  const { action, resourceKind } = event;
  if (action === null || classOf(event) !== 'secrets' && !(resourceKind === 'parameter' && parameterReads.has(action))) return false;
  return isSuccessfulUse(event);
}
const parameterReads: ReadonlySet<string> = new Set(['GetParameter', 'GetParameters']);

/** Does the operation put a secret there, so that whoever did it knows it? */
export function isSecretWrite({ action }: TokenEvent): boolean {
  return action !== null && writes.has(action);
}
const writes: ReadonlySet<string> = new Set(['CreateSecret', 'PutSecretValue', 'UpdateSecret', 'PutParameter', 'SecretSet', 'putSecret']);

/**
 * Which secrets a reader has read, in a fixed number of bits, two for each (Bloom, 1970): none is ever forgotten, and as it fills a new
 * one is more often taken for known, never the other way round.
 */
export function isKnownSecret(bits: Numbers, hash: number): boolean {
  const [first, second] = placesOf(bits, hash);
  return (bits.get(first >>> 3) >>> (first & 7) & 1) === 1 && (bits.get(second >>> 3) >>> (second & 7) & 1) === 1;
}

export function learnSecret(bits: Numbers, hash: number): void {
  for (const place of placesOf(bits, hash)) bits.set(place >>> 3, bits.get(place >>> 3) | 1 << (place & 7));
}

export function mergeSecrets(bits: Numbers, others: Numbers): void {
  for (let at = 0; at < bits.length; at += 1) bits.set(at, bits.get(at) | others.get(at));
}

function placesOf(bits: Numbers, hash: number): readonly [number, number] {
  const size = bits.length * 8;
  return [hash % size, (Math.imul(hash, 0x9e3779b1) >>> 8) % size];
}
