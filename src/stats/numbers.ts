/** A fixed-length run of numbers that lives in someone else's buffer: a record's array field, or a typed array wrapped. */
export interface Numbers {
  readonly length: number;
  get(index: number): number;
  set(index: number, value: number): void;
}

/** Wraps a plain or typed array, for callers that keep no records. */
export function numbersOf(values: { readonly length: number; [index: number]: number }): Numbers {
  return {
    length: values.length,
    get: (index) => values[index] ?? 0,
    set: (index, value) => { values[index] = value; },
  };
}
