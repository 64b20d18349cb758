import type { NumberArray, ScalarType } from '../model/state.ts';
import type { Place } from './chunk.ts';
import type { FieldPlace } from './layout.ts';

/** A run of numbers in the row that `place` stands on. An index that is none of the run's throws. */
abstract class Run implements NumberArray {
  readonly length: number;
  protected readonly place: Place;
  private readonly offset: number;
  private readonly shift: number;

  constructor(place: Place, field: FieldPlace, shift: number) {
    this.length = field.length;
    this.place = place;
    this.offset = field.offset;
    this.shift = shift;
  }

  abstract get(index: number): number;
  abstract set(index: number, value: number): void;
  abstract fill(value: number): void;

  protected at(index: number): number {
    if (index >>> 0 !== index || index >= this.length) throw new RangeError(`index ${index} of a run of ${this.length}`);
    return ((this.place.base + this.offset) >>> this.shift) + index;
  }
}

// One class per type although they read alike: shared code that meets six kinds of array runs several times slower.

class Float64Run extends Run {
  constructor(place: Place, field: FieldPlace) { super(place, field, 3); }
  get(index: number): number { return this.place.chunk.f64[this.at(index)]!; }
  set(index: number, value: number): void { this.place.chunk.f64[this.at(index)] = value; }
  fill(value: number): void { this.place.chunk.f64.fill(value, this.at(0), this.at(0) + this.length); }
}

class Float32Run extends Run {
  constructor(place: Place, field: FieldPlace) { super(place, field, 2); }
  get(index: number): number { return this.place.chunk.f32[this.at(index)]!; }
  set(index: number, value: number): void { this.place.chunk.f32[this.at(index)] = value; }
  fill(value: number): void { this.place.chunk.f32.fill(value, this.at(0), this.at(0) + this.length); }
}

class Unsigned32Run extends Run {
  constructor(place: Place, field: FieldPlace) { super(place, field, 2); }
  get(index: number): number { return this.place.chunk.u32[this.at(index)]!; }
  set(index: number, value: number): void { this.place.chunk.u32[this.at(index)] = value; }
  fill(value: number): void { this.place.chunk.u32.fill(value, this.at(0), this.at(0) + this.length); }
}

class Signed32Run extends Run {
  constructor(place: Place, field: FieldPlace) { super(place, field, 2); }
  get(index: number): number { return this.place.chunk.i32[this.at(index)]!; }
  set(index: number, value: number): void { this.place.chunk.i32[this.at(index)] = value; }
  fill(value: number): void { this.place.chunk.i32.fill(value, this.at(0), this.at(0) + this.length); }
}

class Unsigned16Run extends Run {
  constructor(place: Place, field: FieldPlace) { super(place, field, 1); }
  get(index: number): number { return this.place.chunk.u16[this.at(index)]!; }
  set(index: number, value: number): void { this.place.chunk.u16[this.at(index)] = value; }
  fill(value: number): void { this.place.chunk.u16.fill(value, this.at(0), this.at(0) + this.length); }
}

class Unsigned8Run extends Run {
  constructor(place: Place, field: FieldPlace) { super(place, field, 0); }
  get(index: number): number { return this.place.chunk.u8[this.at(index)]!; }
  set(index: number, value: number): void { this.place.chunk.u8[this.at(index)] = value; }
  fill(value: number): void { this.place.chunk.u8.fill(value, this.at(0), this.at(0) + this.length); }
}

export const runs: Readonly<Record<ScalarType, new (place: Place, field: FieldPlace) => NumberArray>> = {
  f64: Float64Run, f32: Float32Run, u32: Unsigned32Run, i32: Signed32Run, u16: Unsigned16Run, u8: Unsigned8Run,
};
