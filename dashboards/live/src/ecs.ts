import type { EcsDocument } from '../../../src/server/api/shapes.ts';

/** A value of a nested document; `undefined` where it is absent. */
export function at(document: EcsDocument, ...path: readonly string[]): unknown {
  let value: unknown = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

export function text(document: EcsDocument, ...path: readonly string[]): string | null {
  const value = at(document, ...path);
  return typeof value === 'string' ? value : null;
}

export function bytesOutOf(document: EcsDocument): number {
  const value = at(document, 'tokenward', 'bytes_out');
  return typeof value === 'number' ? value : 0;
}
