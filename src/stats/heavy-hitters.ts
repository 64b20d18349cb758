import type { Numbers } from './numbers.ts';

/**
 * Who contributed most of a sum, in a few slots: Misra and Gries (1982), weighted. A contributor of more
 * than 1 / (slots + 1) of the whole is always among them, and no weight is overstated.
 * Keys are non-zero 32-bit hashes. `keys` and `weights` have the same length.
 */
export function addContribution(keys: Numbers, weights: Numbers, key: number, weight: number): void {
  let lightest = 0;
  let lightestWeight = Infinity;
  for (let slot = 0; slot < keys.length; slot += 1) {
    const held = weights.get(slot);
    if (held > 0 && keys.get(slot) === key) {
      weights.set(slot, held + weight);
      return;
    }
    if (held < lightestWeight) {
      lightest = slot;
      lightestWeight = held;
    }
  }
  const cut = Math.min(lightestWeight, weight);
  if (cut > 0) for (let slot = 0; slot < keys.length; slot += 1) weights.set(slot, Math.max(0, weights.get(slot) - cut));
  if (weight > cut) {
    keys.set(lightest, key);
    weights.set(lightest, weight - cut);
  }
}

/** The least that the key can have contributed. */
export function contributionOf(keys: Numbers, weights: Numbers, key: number): number {
  for (let slot = 0; slot < keys.length; slot += 1) {
    if (keys.get(slot) === key && weights.get(slot) > 0) return weights.get(slot);
  }
  return 0;
}
