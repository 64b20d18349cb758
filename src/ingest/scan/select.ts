import type { Value } from '../formats/format.ts';
import type { Json, Path } from '../paths.ts';

/** The most elements that `each` yields. */
export const maxElements = 64;

/** Parses JSON found inside a string; `undefined` when it is none. */
export type ParseInner = (text: string) => Json | undefined;

/** What a path yields in a tree of objects and arrays; `null` when it is absent or of another kind. */
export function select(path: Path, root: Json, parseInner: ParseInner): unknown {
  switch (path.kind) {
    case 'keys': return scalar(descend(root, path.keys));
    case 'subtree': return descend(root, path.keys) ?? null;
    case 'each': return selectEach(path.inner, descend(root, path.keys), parseInner);
    case 'where': {
      const element = findWhere(descend(root, path.keys), path.key, path.equals);
      return element === undefined ? null : select(path.inner, element, parseInner);
    }
    case 'firstOf':
      for (const option of path.options) {
        const found = select(option, root, parseInner);
        if (found !== null) return found;
      }
      return null;
    case 'jsonIn': {
      const text = descend(root, path.keys);
      const inner = typeof text === 'string' ? parseInner(text) : undefined;
      return inner === undefined ? null : select(path.inner, inner, parseInner);
    }
  }
}

function scalar(found: Json | undefined): Value {
  return found === undefined || typeof found === 'object' ? null : found;
}

function descend(root: Json, keys: readonly string[]): Json | undefined {
  let node: Json | undefined = root;
  for (const key of keys) {
    if (typeof node !== 'object' || node === null) return undefined;
    // Own keys only: what every object inherits is not in the record.
    node = Object.hasOwn(node, key) ? (node as Record<string, Json>)[key] : undefined;
  }
  return node;
}

function selectEach(inner: Path, list: Json | undefined, parseInner: ParseInner): unknown {
  if (!Array.isArray(list)) return null;
  const found: unknown[] = [];
  for (const element of list as readonly Json[]) {
    const value = select(inner, element, parseInner);
    if (value !== null) found.push(value);
    if (found.length === maxElements) break;
  }
  return found;
}

function findWhere(list: Json | undefined, key: string, equals: string): Json | undefined {
  if (!Array.isArray(list)) return undefined;
  return (list as readonly Json[]).find((element) => descend(element, [key]) === equals);
}
