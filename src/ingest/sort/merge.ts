import { compareEvents } from './run.ts';
import type { SortedEvent } from './run.ts';

/** Merges runs that are in order each into one that is, by a binary heap of their next events. */
export function* merge(runs: readonly Iterable<SortedEvent>[]): Generator<SortedEvent> {
  const iterators = runs.map((run) => run[Symbol.iterator]());
  const heap: { head: SortedEvent; readonly rest: Iterator<SortedEvent> }[] = [];
  try {
    for (const rest of iterators) {
      const first = rest.next();
      if (first.done !== true) heap.push({ head: first.value, rest });
    }
    for (let place = (heap.length >> 1) - 1; place >= 0; place--) siftDown(heap, place);
    while (heap.length > 0) {
      const least = heap[0]!;
      yield least.head;
      const next = least.rest.next();
      if (next.done !== true) least.head = next.value;
      else if (heap.length > 1) heap[0] = heap.pop()!;
      else heap.pop();
      siftDown(heap, 0);
    }
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}

function siftDown(heap: { head: SortedEvent }[], from: number): void {
  let place = from;
  while (2 * place + 1 < heap.length) {
    const left = 2 * place + 1;
    const right = left + 1;
    const child = right < heap.length && compareEvents(heap[right]!.head, heap[left]!.head) < 0 ? right : left;
    if (compareEvents(heap[place]!.head, heap[child]!.head) <= 0) return;
    [heap[place], heap[child]] = [heap[child]!, heap[place]!];
    place = child;
  }
}
