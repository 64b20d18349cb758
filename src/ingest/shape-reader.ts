import type { Format, SecretView, Shape } from './formats/format.ts';
import type { ShapeValues } from './shape-values.ts';

/** One shape of one format, ready to read the record that its reader holds. */
export interface ShapeReader {
  readonly format: Format;
  readonly shape: Shape;
  /** The declared values of the current record, read when asked for. */
  readonly values: ShapeValues;
  readonly secrets: Readonly<Record<string, SecretView | null>>;
  /** `shape.kind` and `shape.whole`, where they are quick to see: declarations are objects of many forms. */
  readonly isJson: boolean;
  readonly isWhole: boolean;
}
