import type { JournalEntry } from '../store/port.ts';

/** One input of the journal: the next of a feed, or a tick. */
export type Input = { readonly kind: 'read'; readonly feed: string } | { readonly kind: 'tick'; readonly timeMs: number };

/** What an interrupted run consumed after its last checkpoint: to be followed, or compared with what comes now. */
export class Tail {
  /** Last first. */
  #entries: JournalEntry[];
  #taken = 0;
  #diverged = false;

  constructor(entries: readonly JournalEntry[]) {
    this.#entries = entries.filter((entry) => entry.kind === 'read' || entry.kind === 'tick').reverse();
  }

  /** True once something else came than was expected. */
  get diverged(): boolean {
    return this.#diverged;
  }

  get next(): Input | null {
    const entry = this.#entries.at(-1);
    return entry?.kind === 'read' || entry?.kind === 'tick' ? entry : null;
  }

  /** Something was consumed: a feed's next, or a tick at a time as text. */
  expect(kind: Input['kind'], what: string): void {
    const entry = this.#entries.at(-1);
    if (entry === undefined) return;
    const same = entry.kind === kind && what === (entry.kind === 'read' ? entry.feed : entry.kind === 'tick' ? String(entry.timeMs) : '');
    if (!same) {
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
