/** Statistics of a day that one can learn: all of `oracle.ts` but those of single hours. */
export const learned = 6;
/** Of the logarithm: nobody trusts a scatter that looks smaller, as it was seen on so few days. */
const leastDeviation = 0.05;

/**
 * Somebody who must learn a workload from as many days as there were, but knows what the calendar makes of a day, and that its sums are about log-normal.
 * His score of a day is how far its most telling statistic lies beyond those days, in deviations of a normal distribution: Student's predictive
 * interval for one more value, made normal by Wallace's approximation.
 */
export class Learner {
  readonly #means: readonly number[];
  readonly #deviations: readonly number[];
  readonly #freedom: number;
  readonly #wider: number;

  /** `days`: statistics of each day that he saw; at least two. */
  constructor(days: readonly (readonly number[])[]) {
    const count = days.length;
    this.#freedom = count - 1;
    this.#wider = Math.sqrt(1 + 1 / count);
    const columns = Array.from({ length: learned }, (_, at) => days.map((day) => scaled(day[at] ?? 0, at)));
    this.#means = columns.map((column) => column.reduce((sum, value) => sum + value, 0) / count);
    this.#deviations = columns.map((column, at) => {
      const mean = this.#means[at] as number;
      return Math.max(leastDeviation, Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / this.#freedom));
    });
  }

  score(day: ArrayLike<number>): number {
    let most = 0;
    for (let at = 0; at < learned; at += 1) {
      const beyond = (scaled(day[at] as number, at) - (this.#means[at] as number)) / ((this.#deviations[at] as number) * this.#wider);
      if (beyond > 0) most = Math.max(most, normalOf(beyond, this.#freedom));
    }
    return most;
  }
}

/** How large responses are on the whole comes as deviations of their logarithm. */
const ofLogarithms = 3;
const scaled = (value: number, at: number): number => (at === ofLogarithms ? value : Math.log1p(Math.max(0, value)));

function normalOf(student: number, freedom: number): number {
  return Math.sqrt(freedom * Math.log1p(student * student / freedom)) * (8 * freedom + 1) / (8 * freedom + 3);
}
