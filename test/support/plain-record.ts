import type { NumberArray, ScalarType, StateLayout } from '../../src/model/state.ts';

/** One record as bytes behind ordinary properties, like the engine's cursor. */
export interface PlainRecord { readonly bytes: Uint8Array; readonly cursor: object }

const sizes: Readonly<Record<ScalarType, number>> = { f64: 8, f32: 4, u32: 4, i32: 4, u16: 2, u8: 1 };
const limits: Readonly<Record<ScalarType, readonly [number, number]>> = {
  f64: [-Number.MAX_VALUE, Number.MAX_VALUE], f32: [-3.4e38, 3.4e38], u32: [0, 0xffff_ffff], i32: [-0x8000_0000, 0x7fff_ffff], u16: [0, 0xffff], u8: [0, 0xff],
};

export function layoutSize(layout: StateLayout): number {
  return Object.values(layout.fields).reduce((sum, field) => sum + sizes[field.type] * field.length, 0);
}

class ArrayCursor implements NumberArray {
  readonly length: number;
  private readonly view: DataView;
  private readonly type: ScalarType;
  private readonly offset: number;
  private readonly size: number;

  constructor(view: DataView, type: ScalarType, offset: number, length: number) {
    this.view = view;
    this.type = type;
    this.offset = offset;
    this.length = length;
    this.size = sizes[type];
  }

  get(index: number): number { return read(this.view, this.type, this.at(index)); }
  set(index: number, value: number): void { write(this.view, this.type, this.at(index), checked(this.type, value)); }
  fill(value: number): void { for (let index = 0; index < this.length; index += 1) this.set(index, value); }
  private at(index: number): number {
    if (!(index >= 0 && index < this.length) || index % 1 !== 0) throw new RangeError(`no index ${index}`);
    return this.offset + index * this.size;
  }
}

interface RecordShape { readonly prototype: object; readonly size: number }
const shapes = new WeakMap<StateLayout, RecordShape>();

/** A record with initial values. Writing what its type cannot hold throws: detectors must stay within their layout. */
export function makeRecord(layout: StateLayout): PlainRecord {
  let shape = shapes.get(layout);
  if (shape === undefined) shapes.set(layout, shape = { prototype: prototypeOf(layout), size: layoutSize(layout) });
  const bytes = new Uint8Array(shape.size);
  const view = new DataView(bytes.buffer);
  const cursor: Record<string, unknown> = Object.create(shape.prototype);
  cursor['view'] = view;
  let offset = 0;
  for (const [name, field] of Object.entries(layout.fields)) {
    for (let index = 0; index < field.length; index += 1) write(view, field.type, offset + index * sizes[field.type], field.initial);
    if ('array' in field) cursor[`${name}$`] = new ArrayCursor(view, field.type, offset, field.length);
    offset += sizes[field.type] * field.length;
  }
  return { bytes, cursor: Object.preventExtensions(cursor) };
}

function prototypeOf(layout: StateLayout): object {
  const prototype = {};
  let offset = 0;
  for (const [name, field] of Object.entries(layout.fields)) {
    const at = offset;
    const { type } = field;
    const kept = `${name}$`;
    Object.defineProperty(prototype, name, 'array' in field
      ? { get(this: Record<string, unknown>) { return this[kept]; } }
      : {
        get(this: { view: DataView }) { return read(this.view, type, at); },
        set(this: { view: DataView }, value: number) { write(this.view, type, at, checked(type, value)); },
      });
    offset += sizes[type] * field.length;
  }
  return prototype;
}

function checked(type: ScalarType, value: number): number {
  const [least, most] = limits[type];
  if (!(value >= least && value <= most)) throw new RangeError(`${type} cannot hold ${value}`);
  return value;
}

function read(view: DataView, type: ScalarType, at: number): number {
  switch (type) {
    case 'f64': return view.getFloat64(at, true);
    case 'f32': return view.getFloat32(at, true);
    case 'u32': return view.getUint32(at, true);
    case 'i32': return view.getInt32(at, true);
    case 'u16': return view.getUint16(at, true);
    case 'u8': return view.getUint8(at);
  }
}

function write(view: DataView, type: ScalarType, at: number, value: number): void {
  switch (type) {
    case 'f64': view.setFloat64(at, value, true); break;
    case 'f32': view.setFloat32(at, value, true); break;
    case 'u32': view.setUint32(at, value, true); break;
    case 'i32': view.setInt32(at, value, true); break;
    case 'u16': view.setUint16(at, value, true); break;
    case 'u8': view.setUint8(at, value); break;
  }
}
