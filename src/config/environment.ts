import { parse } from 'yaml';
import type { KeyPath } from './document.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
type Container = Record<string, unknown> | unknown[];

const prefix = 'TOKENWARD_';
/** Variables of that prefix that are no part of the configuration. */
const reserved = new Set(['TOKENWARD_DEBUG']);

/** One value that a variable sets: `TOKENWARD_STORE__DIR` sets `store.dir`. */
export interface Override { readonly variable: string; readonly path: KeyPath; readonly value: unknown }

/**
 * Overrides in the order of their names. Levels are parted by `__`; a number is a place in a list;
 * values are read as YAML, so `[a, b]` is a list. Detector ids are written with `_` for `-`.
 */
export function readOverrides(environment: Environment): Override[] {
  return Object.keys(environment).sort().flatMap((variable) => {
    const text = environment[variable];
    if (text === undefined || !variable.startsWith(prefix) || reserved.has(variable)) return [];
    return [{ variable, path: pathOf(variable.slice(prefix.length)), value: valueOf(text) }];
  });
}

function pathOf(name: string): KeyPath {
  const levels = name.toLowerCase().split('__');
  return levels.map((level, depth) => {
    if (/^\d{1,4}$/.test(level)) return Number(level);
    return depth === 1 && levels[0] === 'detectors' ? level.replaceAll('_', '-') : level;
  });
}

function valueOf(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch {
    return text;
  }
}

/** Sets the override's value inside `root`. Answers `false` when its path leads through something that is no map or list. */
export function applyOverride(root: Record<string, unknown>, override: Override): boolean {
  let current: Container = root;
  const last = override.path.length - 1;
  for (let depth = 0; depth <= last; depth++) {
    const key = override.path[depth]!;
    if (key === '' || !fits(current, key)) return false;
    const container = current as Record<string | number, unknown>;
    if (depth === last) {
      container[key] = override.value;
      return true;
    }
    const existing: unknown = Object.hasOwn(container, key) ? container[key] : undefined;
    const next: unknown = existing ?? (typeof override.path[depth + 1] === 'number' ? [] : {});
    if (typeof next !== 'object' || next === null) return false;
    container[key] = next;
    current = next as Container;
  }
  return false;
}

/** Lists grow by one at most, so that no variable can make a list of holes. */
function fits(container: Container, key: string | number): boolean {
  if (Array.isArray(container)) return typeof key === 'number' && key <= container.length;
  return typeof key === 'string';
}
