import type { ScalarType } from '../model/state.ts';
import type { Place } from './chunk.ts';
import type { PartPlace } from './layout.ts';
import { runs } from './run.ts';

/**
 * An object with one ordinary property per field of the part, which reads and writes the row that
 * `place` stands on. Built once per part and table. `arrayFields` says which fields are runs of numbers.
 */
export function makeCursor(part: PartPlace, place: Place, arrayFields: ReadonlySet<string>): object {
  const properties: PropertyDescriptorMap = {};
  for (const field of part.fields) {
    properties[field.name] = arrayFields.has(field.name)
      ? { enumerable: true, value: new runs[field.type](place, field) }
      : { enumerable: true, ...accessors[field.type](place, field.offset) };
  }
  // Accessors live on the prototype, where the compiler takes them for constants.
  return Object.create(Object.create(null, properties) as object) as object;
}

interface Accessor { get(): number; set(value: number): void }

/** One literal per type, so that each accessor only ever meets one kind of array. */
const accessors: Readonly<Record<ScalarType, (place: Place, offset: number) => Accessor>> = {
  f64: (place, offset) => ({
    get: () => place.chunk.f64[(place.base + offset) >>> 3]!,
    set: (value) => { place.chunk.f64[(place.base + offset) >>> 3] = value; },
  }),
  f32: (place, offset) => ({
    get: () => place.chunk.f32[(place.base + offset) >>> 2]!,
    set: (value) => { place.chunk.f32[(place.base + offset) >>> 2] = value; },
  }),
  u32: (place, offset) => ({
    get: () => place.chunk.u32[(place.base + offset) >>> 2]!,
    set: (value) => { place.chunk.u32[(place.base + offset) >>> 2] = value; },
  }),
  i32: (place, offset) => ({
    get: () => place.chunk.i32[(place.base + offset) >>> 2]!,
    set: (value) => { place.chunk.i32[(place.base + offset) >>> 2] = value; },
  }),
  u16: (place, offset) => ({
    get: () => place.chunk.u16[(place.base + offset) >>> 1]!,
    set: (value) => { place.chunk.u16[(place.base + offset) >>> 1] = value; },
  }),
  u8: (place, offset) => ({
    get: () => place.chunk.u8[place.base + offset]!,
    set: (value) => { place.chunk.u8[place.base + offset] = value; },
  }),
};
