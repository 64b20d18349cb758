import type { ScalarType, StateLayout } from '../model/state.ts';
import { byteLength, readNumber, writeNumber, type FieldPlace, type LayoutDescription, type RowLayout } from './layout.ts';

/** How rows of one saved layout become rows of the present one. */
export interface RowCopier {
  /** Parts that begin anew because the meaning of their bytes changed, in words for the operator. */
  readonly resets: readonly string[];
  /** Length in bytes that a saved row of this layout has. */
  readonly length: number;
  /** Writes the saved row over a row of initial values that starts at `at`. */
  copy(saved: Uint8Array, target: Uint8Array, at: number): void;
}

interface FieldStep {
  readonly from: FieldPlace;
  readonly to: FieldPlace;
  readonly initial: number;
}

/** One row of an old layout written as a row of the new one; `null` where the saved bytes do not fit their layout. */
export function copyRow(saved: LayoutDescription, bytes: Uint8Array, layout: RowLayout): Uint8Array | null {
  const copier = planCopy(saved, layout);
  if (bytes.length !== copier.length) return null;
  const target = layout.initial.slice();
  copier.copy(bytes, target, 0);
  return target;
}

/**
 * Plans the copy once per pair of layouts. Fields are matched by part and name, runs by index; numbers are
 * converted and kept within the new type's range; new fields keep their initial value, removed ones are left out.
 */
export function planCopy(saved: LayoutDescription, layout: RowLayout): RowCopier {
  if (JSON.stringify({ length: saved.length, parts: saved.parts }) === layout.text) {
    return { resets: [], length: saved.length, copy: (bytes, target, at) => target.set(bytes, at) };
  }
  const resets: string[] = [];
  const steps: FieldStep[] = [];
  for (const part of layout.parts) {
    const old = saved.parts.find((candidate) => candidate.name === part.name);
    if (old === undefined) continue;
    if (old.meaning !== part.meaning) resets.push(`${part.name}: history dropped, its meaning changed from ${old.meaning} to ${part.meaning}`);
    else steps.push(...fieldSteps(old.fields, part.fields, layout.declared[part.name]!));
  }
  return { resets, length: saved.length, copy: (bytes, target, at) => copySteps(steps, bytes, target, at) };
}

function fieldSteps(from: readonly FieldPlace[], to: readonly FieldPlace[], declared: StateLayout): FieldStep[] {
  return to.flatMap((field) => {
    const old = from.find((candidate) => candidate.name === field.name);
    return old === undefined ? [] : [{ from: old, to: field, initial: declared.fields[field.name]!.initial }];
  });
}

function copySteps(steps: readonly FieldStep[], bytes: Uint8Array, target: Uint8Array, at: number): void {
  const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sink = new DataView(target.buffer, target.byteOffset + at);
  for (const { from, to, initial } of steps) {
    for (let i = 0; i < Math.min(from.length, to.length); i++) {
      const value = readNumber(source, from.type, from.offset + i * byteLength(from.type));
      writeNumber(sink, to.type, to.offset + i * byteLength(to.type), saturate(value, to.type, initial));
    }
  }
}

const largestF32 = 3.4028234663852886e38;
const ranges: Readonly<Record<Exclude<ScalarType, 'f64' | 'f32'>, readonly [number, number]>> = {
  u32: [0, 2 ** 32 - 1], i32: [-(2 ** 31), 2 ** 31 - 1], u16: [0, 2 ** 16 - 1], u8: [0, 2 ** 8 - 1],
};

/** The nearest value that the type can hold, integers cut towards zero. What is no number becomes `initial` in an integer field. */
export function saturate(value: number, type: ScalarType, initial: number): number {
  if (type === 'f64') return value;
  if (type === 'f32') return Number.isFinite(value) ? Math.min(Math.max(value, -largestF32), largestF32) : value;
  if (Number.isNaN(value)) return initial;
  const [least, most] = ranges[type];
  return Math.trunc(Math.min(Math.max(value, least), most));
}
