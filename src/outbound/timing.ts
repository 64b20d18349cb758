/** The machine's clock and chance, passed in so that tests need not wait. */
export interface Timing {
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Calls back once after the time given, unless the function it returns is called before. */
  after(delayMs: number, callback: () => void): () => void;
}
