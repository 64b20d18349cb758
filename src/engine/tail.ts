import type { JournalEntry } from '../store/port.ts';

/** One input of the journal: the next of a feed, a tick, or settings that hold from there on. */
export type Input = Exclude<JournalEntry, { readonly kind: 'command' }>;

/** What an interrupted run consumed after its last checkpoint: to be followed, or compared with what comes now. */
export class Tail {
  /** Last first. */
  #entries: Input[];
  #taken = 0;
  #diverged = false;

  constructor(entries: readonly JournalEntry[]) {
    this.#entries = entries.filter((entry) => entry.kind !== 'command').reverse();
  }

  /** True once something else came than was expected. */
  get diverged(): boolean {
    return this.#diverged;
  }

  get next(): Input | null {
    return this.#entries.at(-1) ?? null;
  }

  /** Something was consumed: a feed's next, a tick at a time, settings of a hash; each as text. */
  expect(kind: Input['kind'], what: string): void {
    const entry = this.#entries.at(-1);
    if (entry === undefined) return;
    if (entry.kind !== kind || what !== nameOf(entry)) {
      this.abandon();
      return;
    }
    if (entry.kind === 'read' && ++this.#taken < entry.count) return;
    this.#taken = 0;
    this.#entries.pop();
  }

  abandon(): void {
    this.#diverged ||= this.#entries.length > 0;
    this.#entries = [];
  }
}

function nameOf(input: Input): string {
  return input.kind === 'read' ? input.feed : input.kind === 'tick' ? String(input.timeMs) : input.hash;
}
