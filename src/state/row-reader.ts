import type { LayoutDescription, RowLayout } from './layout.ts';
import { planCopy, type RowCopier } from './migrate.ts';

/** A row as the store holds it, in whatever layout it was written. */
export interface SavedRow { readonly layout: string; readonly bytes: Uint8Array }

/** Turns saved rows of any layout into rows of the present one. */
export class RowReader {
  /** What could not be kept, in words for the operator; once per saved layout. */
  readonly notes: string[] = [];
  private readonly scope: string;
  private readonly layout: RowLayout;
  private readonly copiers = new Map<string, RowCopier>();

  constructor(scope: string, layout: RowLayout) {
    this.scope = scope;
    this.layout = layout;
  }

  /** Writes the saved row over initial values that start at `at`. Throws when its bytes do not fit its layout. */
  read(saved: SavedRow, target: Uint8Array, at: number): void {
    const copier = this.copierOf(saved.layout);
    if (saved.bytes.length !== copier.length) throw new Error(`saved row of scope ${this.scope} has ${saved.bytes.length} bytes, its layout ${copier.length}`);
    copier.copy(saved.bytes, target, at);
  }

  private copierOf(text: string): RowCopier {
    let copier = this.copiers.get(text);
    if (copier === undefined) {
      copier = planCopy(JSON.parse(text) as LayoutDescription, this.layout);
      this.copiers.set(text, copier);
      this.notes.push(...copier.resets);
    }
    return copier;
  }
}
