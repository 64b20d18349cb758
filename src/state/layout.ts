import type { Field, ScalarType, StateLayout } from '../model/state.ts';

/** Where one field stands inside a record; `offset` counts from the start of the row's records. */
export interface FieldPlace {
  readonly name: string;
  readonly type: ScalarType;
  readonly length: number;
  readonly offset: number;
}

export interface PartPlace {
  readonly name: string;
  readonly meaning: number;
  readonly offset: number;
  readonly length: number;
  readonly fields: readonly FieldPlace[];
}

/** What is stored beside saved rows, so that later versions can read them. Lengths and offsets in bytes. */
export interface LayoutDescription {
  readonly length: number;
  readonly parts: readonly PartPlace[];
}

/** A row's records side by side, compiled from the layouts of several named parts. */
export interface RowLayout extends LayoutDescription {
  /** The description as text: equal texts, equal bytes. */
  readonly text: string;
  /** A row as it is when its key is first seen. */
  readonly initial: Uint8Array;
  readonly declared: Readonly<Record<string, StateLayout>>;
}

const byteLengths: Readonly<Record<ScalarType, number>> = { f64: 8, f32: 4, u32: 4, i32: 4, u16: 2, u8: 1 };

/** Bytes of one number of the type. */
export function byteLength(type: ScalarType): number {
  return byteLengths[type];
}

/** A row's hash, in front of its records, is two words of so many bytes. */
const wordBytes = 4;

/**
 * Lays parts out in the order given, each where its widest field may stand; inside a part wide fields come first, so that nothing is padded
 * between them. There are rows in millions: what the widest field of all does not need is not filled up either.
 */
export function compileLayout(declared: Readonly<Record<string, StateLayout>>): RowLayout {
  const parts: PartPlace[] = [];
  let offset = 0;
  for (const [name, layout] of Object.entries(declared)) {
    const part = placePart(name, layout, align(offset, widestOf(layout)));
    parts.push(part);
    offset = part.offset + part.length;
  }
  const length = align(offset, Math.max(wordBytes, ...Object.values(declared).map(widestOf)));
  const description = { length, parts };
  return { ...description, text: JSON.stringify(description), initial: initialRow(length, parts, declared), declared };
}

function widestOf({ fields }: StateLayout): number {
  return Math.max(1, ...Object.values(fields).map(({ type }) => byteLength(type)));
}

function placePart(name: string, layout: StateLayout, start: number): PartPlace {
  const byWidth = Object.entries(layout.fields).toSorted(([, a], [, b]) => byteLength(b.type) - byteLength(a.type));
  const fields: FieldPlace[] = [];
  let offset = start;
  for (const [fieldName, field] of byWidth) {
    if (!Number.isInteger(field.length) || field.length < 1) throw new Error(`state field ${name}.${fieldName} has length ${field.length}`);
    fields.push({ name: fieldName, type: field.type, length: field.length, offset });
    offset += field.length * byteLength(field.type);
  }
  return { name, meaning: layout.meaning, offset: start, length: offset - start, fields };
}

function align(offset: number, width: number): number {
  return Math.ceil(offset / width) * width;
}

function initialRow(length: number, parts: readonly PartPlace[], declared: Readonly<Record<string, StateLayout>>): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (const part of parts) {
    for (const place of part.fields) {
      const { initial } = fieldOf(declared, part.name, place.name);
      for (let i = 0; i < place.length; i++) writeNumber(view, place.type, place.offset + i * byteLength(place.type), initial);
    }
  }
  return bytes;
}

function fieldOf(declared: Readonly<Record<string, StateLayout>>, part: string, field: string): Field {
  return declared[part]!.fields[field]!;
}

/**
 * Rows are saved as they stand in memory. Every platform that Node 24 is built for by default is
 * little-endian, and so are these two.
 */
export function readNumber(view: DataView, type: ScalarType, at: number): number {
  switch (type) {
    case 'f64': return view.getFloat64(at, true);
    case 'f32': return view.getFloat32(at, true);
    case 'u32': return view.getUint32(at, true);
    case 'i32': return view.getInt32(at, true);
    case 'u16': return view.getUint16(at, true);
    case 'u8': return view.getUint8(at);
  }
}

/** Integers must be in range: see `saturate`. */
export function writeNumber(view: DataView, type: ScalarType, at: number, value: number): void {
  switch (type) {
    case 'f64': return view.setFloat64(at, value, true);
    case 'f32': return view.setFloat32(at, value, true);
    case 'u32': return view.setUint32(at, value, true);
    case 'i32': return view.setInt32(at, value, true);
    case 'u16': return view.setUint16(at, value, true);
    case 'u8': return view.setUint8(at, value);
  }
}
