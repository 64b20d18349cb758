import type { State } from '../../state/state.ts';

/** Batches between two looks: the sorter's batches are about a thousand events. */
const batchesPerLook = 16;
/** A run that can be continued repeats no more than this after a crash. */
const everyMs = 2000;
/** A state that is forgotten at the end is written when so many things wait for that to leave memory. */
const mostWaiting = 50_000;

/** Says when a run's state is to be written beside the ongoing work. No result depends on it. */
export class CheckpointRule {
  readonly #state: State;
  readonly #isKept: boolean;
  #batches = 0;
  #lastMs: number;

  constructor(state: State, isKept: boolean, nowMs: number) {
    this.#state = state;
    this.#isKept = isKept;
    this.#lastMs = nowMs;
  }

  /** Asked after each batch; a checkpoint is begun when it says so. */
  isDue(nowMs: number): boolean {
    if (++this.#batches % batchesPerLook !== 0) return false;
    if (!this.#isKept) return this.#state.waiting >= mostWaiting;
    if (nowMs - this.#lastMs < everyMs) return false;
    this.#lastMs = nowMs;
    return true;
  }
}
