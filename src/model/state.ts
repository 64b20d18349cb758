/**
 * Declares the fixed-size record that a detector keeps for one key. The engine lays the
 * fields out in shared buffers and hands the detector a cursor with ordinary properties.
 */
export type ScalarType = 'f64' | 'f32' | 'u32' | 'i32' | 'u16' | 'u8';
export interface ScalarField { readonly type: ScalarType; readonly length: 1; readonly initial: number }
export interface ArrayField { readonly type: ScalarType; readonly length: number; readonly initial: number; readonly array: true }
export type Field = ScalarField | ArrayField;

/** A fixed-length run of numbers inside a record; an index out of range throws. */
export interface NumberArray {
  readonly length: number;
  get(index: number): number;
  set(index: number, value: number): void;
  fill(value: number): void;
}

type Fields = Readonly<Record<string, Field>>;
export type RecordOf<F extends Fields> = {
  -readonly [K in keyof F]: F[K] extends ArrayField ? NumberArray : number;
};

/**
 * `meaning` is raised when the same bytes come to mean something else: saved records of an
 * older meaning are dropped. Added, removed or retyped fields need no such step: saved
 * records are copied field by field, by name and type, and new fields get their initial value.
 */
export interface StateLayout<F extends Fields = Fields> {
  readonly meaning: number;
  readonly fields: F;
}

const scalar = (type: ScalarType) => (initial = 0): ScalarField => ({ type, length: 1, initial });
const array = (type: ScalarType) => (length: number, initial = 0): ArrayField => ({ type, length, initial, array: true });

export const f64 = scalar('f64');
export const f32 = scalar('f32');
export const u32 = scalar('u32');
export const i32 = scalar('i32');
export const u16 = scalar('u16');
export const u8 = scalar('u8');
export const f64s = array('f64');
export const f32s = array('f32');
export const u32s = array('u32');
export const u16s = array('u16');
export const u8s = array('u8');

export function defineState<F extends Fields>(fields: F, meaning = 1): StateLayout<F> {
  return { meaning, fields };
}

/** Two 32-bit words that key the row hashes. Stored with the store, independent of the fingerprint key. */
export interface Seed { readonly a: number; readonly b: number }
