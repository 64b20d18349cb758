import type { Path } from './paths.ts';
import type { Shape } from './formats/format.ts';
import type { ShapeReader } from './shape-reader.ts';
import { Kind } from './scan/lexer.ts';
import { root } from './scan/trie.ts';

/**
 * The names of the fields that a shape's `recognize` asks for when every value is absent, in which case it says no. It is a function of
 * its values alone, so it says no again whenever all of these are absent, whatever else a record holds: such records need not be shown
 * to it. `null` where this cannot be found out.
 */
export function askedFirst(shape: Shape): readonly string[] | null {
  const asked = new Set<string>();
  const absent = new Proxy({}, {
    get: (_, name) => {
      if (typeof name === 'string' && Object.hasOwn(shape.fields, name)) asked.add(name);
      return null;
    },
  });
  try {
    return shape.recognize(absent) ? null : [...asked];
  } catch {
    return null;
  }
}

/** The keys under which anything must stand for a path to yield a value. */
export function keysOf(path: Path): readonly (readonly string[])[] {
  return path.kind === 'firstOf' ? path.options.flatMap(keysOf) : [path.keys];
}

/** The shapes of JSON records, and the nodes of which each needs one. */
export class Gates {
  readonly #shapes: readonly ShapeReader[];
  /** The nodes of all gates one after the other; those of gate n end before `#ends[n]`. An open gate has none. */
  readonly #nodes: Int32Array;
  readonly #ends: Int32Array;

  /** @param nodesOf the nodes of which a shape needs one; `null` for a shape that is always asked. */
  constructor(shapes: readonly ShapeReader[], nodesOf: (shape: ShapeReader) => readonly number[] | null) {
    // Open gates have the node of the record itself, which is always there.
    const nodes = shapes.map((shape) => nodesOf(shape) ?? [root]);
    let end = 0;
    this.#shapes = shapes;
    this.#nodes = Int32Array.from(nodes.flat());
    this.#ends = Int32Array.from(nodes, ({ length }) => end += length);
  }

  /** The shape that claims the record of which `kinds` says what stands at each node; `null` when none does. */
  find(kinds: Uint8Array): ShapeReader | null {
    const nodes = this.#nodes, ends = this.#ends;
    for (let gate = 0, at = 0; gate < ends.length; gate += 1) {
      const end = ends[gate]!;
      for (; at < end; at += 1) {
        if (kinds[nodes[at]!] === Kind.absent) continue;
        const { shape, values } = this.#shapes[gate]!;
        if (shape.recognize(values)) return this.#shapes[gate]!;
        break;
      }
      at = end;
    }
    return null;
  }
}
