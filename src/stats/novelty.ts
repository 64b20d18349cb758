/**
 * How improbable it is that a day brings something new, in bits, after `newDays` of `days` did: a Beta prior
 * of one new thing in a hundred days, worth ten days of evidence. Machines rarely move, so the prior
 * leans to "never"; who moves often soon outweighs it (the idea of Good and Turing: the chance of the unseen
 * is the rate at which the unseen came so far).
 */
export function noveltyBits(newDays: number, days: number): number {
  return -Math.log2((newDays + 0.1) / (days + 10));
}
