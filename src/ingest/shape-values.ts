import type { Path } from './paths.ts';
import type { ScannedValues } from './scan/values.ts';

/** How the value of one declared path is read from the current record. */
export type Read = () => unknown;
/** Where a value stands: at the first of several trie nodes that holds a scalar, or wherever a function finds it. */
export type Place = readonly number[] | Read;

/** The declared values of one shape as properties, each read from the current record when asked for. */
export type ShapeValues = Readonly<Record<string, unknown>>;

/** Reads values by their number among the fields of a shape. */
class Slots {
  readonly #scanned: ScannedValues;
  /** The nodes of all slots one after the other; those of slot n end before `#ends[n]`. */
  readonly #nodes: Int32Array;
  readonly #ends: Int32Array;
  readonly #reads: readonly (Read | null)[];

  constructor(scanned: ScannedValues, places: readonly Place[]) {
    const nodes = places.map((place) => (typeof place === 'function' ? [] : place));
    let end = 0;
    this.#scanned = scanned;
    this.#nodes = Int32Array.from(nodes.flat());
    this.#ends = Int32Array.from(nodes, ({ length }) => end += length);
    this.#reads = places.map((place) => (typeof place === 'function' ? place : null));
  }

  read(slot: number): unknown {
    const read = this.#reads[slot]!;
    if (read !== null) return read();
    const end = this.#ends[slot]!;
    for (let at = slot === 0 ? 0 : this.#ends[slot - 1]!; at < end; at += 1) {
      const found = this.#scanned.scalar(this.#nodes[at]!);
      if (found !== null) return found;
    }
    return null;
  }
}

const slots = Symbol('slots');
type View = new (own: Slots) => ShapeValues;
const views = new WeakMap<object, View>();

/**
 * The values of a shape for one reader. All readers of a shape share one class, so that
 * many sources do not make the compiler meet many kinds of objects in its format.
 */
export function shapeValues(fields: Readonly<Record<string, Path>>, scanned: ScannedValues, places: readonly Place[]): ShapeValues {
  let view = views.get(fields);
  if (view === undefined) views.set(fields, view = viewOf(Object.keys(fields)));
  return new view(new Slots(scanned, places));
}

function viewOf(names: readonly string[]): View {
  class Values {
    readonly [slots]: Slots;
    constructor(own: Slots) { this[slots] = own; }
  }
  for (const [slot, name] of names.entries()) {
    Object.defineProperty(Values.prototype, name, { enumerable: true, get(this: Values) { return this[slots].read(slot); } });
  }
  return Values as unknown as View;
}
