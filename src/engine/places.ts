import type { KeyScope } from '../model/detector.ts';
import type { Rows } from '../state/port.ts';
import type { CallerRows } from './caller-rows.ts';

/** The rows of one scope, and those beside them for what deviates. */
export interface Scope {
  readonly name: KeyScope;
  readonly rows: Rows;
  readonly shadowRows: Rows | null;
  /** Where its rows are remembered by caller, and as which table; `null`: nowhere. */
  readonly callers: CallerRows | null;
  readonly callersTable: number;
  /** Of the event at hand; `null`: it has none. */
  key: string | null;
  /** Of the rows when it was looked up. */
  generation: number;
  /** The row of that key is bound, and remembered as it was before the event: once for all detectors. */
  isFound: boolean;
  isRemembered: boolean;
}

/** One scope of one detector: where its real and its shadow records live. */
export interface Place {
  readonly scope: Scope;
  readonly real: unknown;
  /** `null`: it keeps none there. */
  readonly shadowRows: Rows | null;
  readonly shadow: unknown;
  /** What the detector's records hold for this scope: set again only when it changes, which is rare. */
  shown: unknown;
}

/** Binds the scope's row, which is made where there is none. */
export function lookUp(scope: Scope): void {
  const { key, rows, callers } = scope;
  if (scope.isFound || key === null) return;
  if (callers === null) rows.bind(rows.row(key));
  else callers.bind(scope.callersTable, key);
  scope.isFound = true;
}

/** Binds the scope's row and remembers it as it is. */
export function bindReal(scope: Scope): void {
  if (scope.isRemembered) return;
  lookUp(scope);
  scope.rows.remember();
  scope.isRemembered = true;
}

/** A key met for the first time beside the real records starts as a copy of its real one. */
export function bindShadow({ scope, shadowRows }: Place, detector: string, shadowKey: string): void {
  const rows = shadowRows as Rows;
  const known = rows.find(shadowKey);
  rows.bind(known >= 0 ? known : rows.row(shadowKey));
  if (known < 0) {
    bindReal(scope);
    rows.bytesOf(detector).set(scope.rows.bytesOf(detector));
  }
  rows.remember();
}
