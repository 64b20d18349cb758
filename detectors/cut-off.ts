/**
 * False alerts are per 10,000 identity-days. `measured`: the lowest with which its share of the budget is expected to be kept; `held`: it costs
 * more, and its stories ask for it; `set`: too few alerts to tell.
 */
export interface CutOff {
  readonly bits: number;
  readonly basis: 'measured' | 'held' | 'set';
  readonly expected: number | null;
  /** With 95 %. */
  readonly atMost: number;
  /** False alerts that were counted with a cut-off of so many bits. */
  readonly tried: readonly (readonly [bits: number, alerts: number])[];
}
