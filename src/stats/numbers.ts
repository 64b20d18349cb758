/** A fixed-length run of numbers that lives in someone else's buffer: a record's array field, or a typed array wrapped. */
export interface Numbers {
  readonly length: number;
  get(index: number): number;
  set(index: number, value: number): void;
}

/** Takes over from another run of the same length what is larger there. */
export function keepLarger(numbers: Numbers, others: Numbers): void {
  for (let place = 0; place < numbers.length; place += 1) numbers.set(place, Math.max(numbers.get(place), others.get(place)));
}

/** Wraps a plain or typed array, for callers that keep no records. */
export function numbersOf(values: { readonly length: number; [index: number]: number }): Numbers {
  return {
    length: values.length,
    get: (index) => values[index] ?? 0,
    set: (index, value) => { values[index] = value; },
  };
}
