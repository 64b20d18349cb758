import type { JournalEntry } from '../store/port.ts';

/** What has to come again from outside: the next of a feed, a tick, settings that hold from there on. */
export type Input = Exclude<JournalEntry, { readonly kind: 'command' }>;

/** What an interrupted run consumed after its last checkpoint: to be followed, or compared with what comes now. */
export class Tail {
  /** Last first. */
  #entries: JournalEntry[];
  #taken = 0;
  #diverged = false;
  /** Commands of a run that cannot be followed any more, first first: what people decided holds all the same. */
  #left: number[] = [];

  constructor(entries: readonly JournalEntry[]) {
    this.#entries = entries.toReversed();
  }

  /** True once something else came than was expected. */
  get diverged(): boolean {
    return this.#diverged;
  }

  /** `null` also where a command is next: those are to be taken out first. */
  get next(): Input | null {
    const entry = this.#entries.at(-1);
    return entry === undefined || entry.kind === 'command' ? null : entry;
  }

  /** Number of the command whose turn it is, taken out; `null` while something else is next. */
  takeCommand(): number | null {
    const left = this.#left.shift();
    if (left !== undefined) return left;
    const entry = this.#entries.at(-1);
    if (entry?.kind !== 'command') return null;
    this.#entries.pop();
    return entry.number;
  }

  /**
   * Something was consumed: a feed's next, a tick at a time, settings of a hash, a new command; each as text. Answers whether it was what
   * the interrupted run had consumed: then it stands in the journal already.
   */
  expect(kind: JournalEntry['kind'], what: string): boolean {
    const entry = this.#entries.at(-1);
    if (entry === undefined) return false;
    if (entry.kind !== kind || what !== nameOf(entry)) {
      this.abandon();
      return false;
    }
    if (entry.kind === 'read' && ++this.#taken < entry.count) return true;
    this.#taken = 0;
    this.#entries.pop();
    return true;
  }

  abandon(): void {
    this.#diverged ||= this.#entries.some(({ kind }) => kind !== 'command');
    for (const entry of this.#entries.reverse()) if (entry.kind === 'command') this.#left.push(entry.number);
    this.#entries = [];
  }
}

function nameOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case 'read': return entry.feed;
    case 'tick': return String(entry.timeMs);
    case 'command': return String(entry.number);
    case 'configuration': return entry.hash;
  }
}
