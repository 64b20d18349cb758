import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { Totals } from './state.ts';

export interface Workload { readonly id: string; readonly kind: string | null }

/** Workloads that are remembered; an event of any further one still names it itself. */
const maxWorkloads = 200_000;

/** The workloads that events named, numbered from 1. Few, so they all stay in memory. */
export class Workloads {
  readonly #texts: Entities<string>;
  readonly #totals: Totals;
  readonly #known: (Workload | null)[] = [null];
  readonly #numbers = new Map<string, number>();

  constructor(texts: Entities<string>, totals: Totals) {
    this.#texts = texts;
    this.#totals = totals;
    for (let number = 1; number <= totals.workloads; number++) {
      const [id, kind] = JSON.parse(texts.get(String(number)) as string) as [string, string | null];
      this.#known.push({ id, kind });
      this.#numbers.set(id, number);
    }
  }

  /** Number of the workload that the event names, 0 when it names none or there is no more room. */
  see(event: TokenEvent): number {
    const id = event.workloadId;
    if (id === null) return 0;
    const number = this.#numbers.get(id);
    if (number !== undefined) return number;
    return this.#totals.workloads >= maxWorkloads ? 0 : this.#create(id, event.workloadKind);
  }

  get(number: number): Workload | null {
    return this.#known[number] ?? null;
  }

  #create(id: string, kind: string | null): number {
    const number = ++this.#totals.workloads;
    this.#known.push({ id, kind });
    this.#numbers.set(id, number);
    this.#texts.set(String(number), JSON.stringify([id, kind]));
    return number;
  }
}
