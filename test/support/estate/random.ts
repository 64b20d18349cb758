/** A seeded source of chance for generated logs (mulberry32). Detectors know none. */
export class Random {
  private state: number;
  constructor(seed: number) { this.state = seed >>> 0; }

  /** Uniform in [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(least: number, most: number): number { return least + (most - least) * this.next(); }
  whole(below: number): number { return Math.floor(below * this.next()); }
  pick<T>(things: readonly T[]): T {
    const thing = things[this.whole(things.length)];
    if (thing === undefined) throw new Error('nothing to pick from');
    return thing;
  }

  normal(): number { return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next()); }
  /** Log-normal around a median. */
  around(median: number, spread: number): number { return median * Math.exp(spread * this.normal()); }
  poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const floor = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > floor; product *= this.next()) count += 1;
    return count;
  }
}
