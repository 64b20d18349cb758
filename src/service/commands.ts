import type { ResponseStore } from '../store/port.ts';

/** What operators asked of the engine and it has not taken. */
export interface Commands {
  /** Number of the next one, each once; `null` when there is none. */
  next(): number | null;
}

/** Commands of the store, in their order. They are looked up only after somebody put one, and once at the start. */
export class StoredCommands implements Commands {
  readonly #responses: Pick<ResponseStore, 'pendingCommands'>;
  #waiting: number[] = [];
  #last = 0;
  #isStale = true;

  constructor(responses: Pick<ResponseStore, 'pendingCommands'>) {
    this.#responses = responses;
  }

  /** Somebody put one. */
  readonly changed = (): void => {
    this.#isStale = true;
  };

  next(): number | null {
    if (this.#isStale) {
      this.#isStale = false;
      // What was taken and is not committed yet still waits in the store.
      this.#waiting = this.#responses.pendingCommands().filter((number) => number > this.#last);
    }
    const number = this.#waiting.shift();
    if (number === undefined) return null;
    this.#last = number;
    return number;
  }
}
