/**
 * Paths name the values that a format reads. A path is a tuple of keys, never a dotted string,
 * because keys may hold dots. The type parameter is what the path yields.
 */
/** A scalar as the log wrote it. Integers beyond 2^53 arrive as text; objects and arrays only by `subtree` and `each`. */
export type Value = string | number | boolean | null;

/** JSON of bounded size, as `subtree` yields it. */
export type Json = Value | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export type Path<T = unknown> = (
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'each'; readonly keys: readonly string[]; readonly inner: Path }
  | { readonly kind: 'where'; readonly keys: readonly string[]; readonly key: string; readonly equals: string; readonly inner: Path }
  | { readonly kind: 'firstOf'; readonly options: readonly Path[] }
  | { readonly kind: 'jsonIn'; readonly keys: readonly string[]; readonly inner: Path }
  | { readonly kind: 'subtree'; readonly keys: readonly string[]; readonly maxBytes: number }
) & { readonly yields?: T };

/** The scalar under these keys; numbers in a key tuple are places in an array. */
export function path(...keys: string[]): Path<Value> {
  return { kind: 'keys', keys };
}
/** The inner value of every element of the array under `keys`; absent ones left out, at most 64. */
export function each(keys: readonly string[], inner: Path<Value> = path()): Path<readonly Value[]> {
  return { kind: 'each', keys, inner };
}
/** The inner value of the first element of the array under `keys` whose `key` equals a text. */
export function where<T>(keys: readonly string[], key: string, equals: string, inner: Path<T>): Path<T> {
  return { kind: 'where', keys, key, equals, inner } as Path<T>;
}
/** The first of several that is present and not null. */
export function firstOf<T>(...options: Path<T>[]): Path<T> {
  return { kind: 'firstOf', options } as Path<T>;
}
/** A path into JSON that stands inside a string. */
export function jsonIn<T>(keys: readonly string[], inner: Path<T>): Path<T> {
  return { kind: 'jsonIn', keys, inner } as Path<T>;
}
/** The whole JSON value under `keys`, if its text is at most `maxBytes` long. */
export function subtree(keys: readonly string[], maxBytes = 4096): Path<Json> {
  return { kind: 'subtree', keys, maxBytes };
}
