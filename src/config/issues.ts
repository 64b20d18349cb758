import type { z } from 'zod';
import type { KeyPath } from './document.ts';
import type { JsonSchema } from './json-schema.ts';
import { didYouMean, suggest, suggestion } from './suggest.ts';
import { unavailableHint, unavailableKeys } from './unavailable.ts';

/** What is wrong and where, not yet tied to a line; with `key`, it is that key itself. */
export interface Complaint {
  readonly path: KeyPath;
  readonly key?: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Turns the findings of the schema check into sentences that say what to do. */
export function complaints(issues: readonly z.core.$ZodIssue[], schema: JsonSchema, value: unknown): Complaint[] {
  return issues.flatMap((issue) => {
    const path = issue.path as KeyPath;
    const node = schemaAt(schema, path);
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, node));
    const found = valueAt(value, path);
    return [found === undefined ? missing(path, node) : wrongValue(path, node, found)];
  });
}

/** Of a list of ids at this path, those that name nothing that is known. */
export function unknownIds(what: string, ids: readonly string[], known: readonly { readonly id: string }[], path: KeyPath): Complaint[] {
  const names = known.map(({ id }) => id);
  return ids.flatMap((id, at) => (names.includes(id) ? [] : [{ path: [...path, at], message: `unknown ${what} "${id}"`, hint: didYouMean(id, names) }]));
}

function unknownKey(path: KeyPath, key: string, node: JsonSchema | undefined): Complaint {
  if (unavailableKeys.has(dotted([...path, key]))) return { path, key, message: `"${key}" is refused`, hint: unavailableHint };
  const known = Object.keys(node?.properties ?? {});
  return { path, key, message: `unknown key "${shorten(key)}"`, hint: didYouMean(key, known) };
}

function missing(path: KeyPath, node: JsonSchema | undefined): Complaint {
  const key = String(path.at(-1));
  return { path: path.slice(0, -1), message: `"${key}" is missing`, hint: node?.title ? `${key}: ${node.title}` : null };
}

function wrongValue(path: KeyPath, node: JsonSchema | undefined, found: unknown): Complaint {
  const said = typeof found === 'object' && found !== null ? (Array.isArray(found) ? 'a list' : 'a map') : `"${shorten(String(found))}"`;
  if (node?.enum) {
    return { path, message: `expected one of ${node.enum.join(', ')}, found ${said}`, hint: suggestion(suggest(String(found), node.enum)) };
  }
  const expected = node?.title ?? (node?.properties ? 'keys and values' : 'another value');
  return { path, message: `expected ${expected}, found ${said}`, hint: unitHint(expected, found) };
}

function unitHint(expected: string, found: unknown): string | null {
  if (typeof found !== 'number' || !expected.includes('duration')) return null;
  return `write the unit too: ${found}s, ${found}m, ${found}h or ${found}d`;
}

function schemaAt(schema: JsonSchema, path: KeyPath): JsonSchema | undefined {
  let node: JsonSchema | undefined = schema;
  for (const key of path) {
    if (node === undefined) return undefined;
    const rest: JsonSchema | boolean | undefined = node.additionalProperties;
    node = typeof key === 'number' ? node.items : own(node.properties, key) ?? (typeof rest === 'object' ? rest : undefined);
  }
  return node;
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((current, key) => {
    if (typeof current !== 'object' || current === null) return undefined;
    return own(current as Record<string, unknown>, String(key));
  }, value);
}

function own<T>(container: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return container !== undefined && Object.hasOwn(container, key) ? container[key] : undefined;
}

function dotted(path: KeyPath): string {
  return path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[]` : text === '' ? key : `${text}.${key}`), '');
}

/** Configuration may hold what should not be in a log: only a short piece of a wrong value is repeated. */
function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
