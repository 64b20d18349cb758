import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { EcsFlat } from '@elastic/ecs';
import { beforeAll, expect, test } from 'vitest';
import { ecsVersion } from '../../src/model/ecs.ts';
import { alertMappings, eventMappings } from '../../src/sinks/elasticsearch-mapping.ts';
import { documents, eager, run } from '../end-to-end/support.ts';
import { root } from '../support/source.ts';

// Documents and mappings against the schema that Elastic publishes.

interface Field {
  readonly type: string;
  readonly normalize: readonly string[];
  readonly allowed_values?: readonly { readonly name: string; readonly expected_event_types?: readonly string[] }[];
}
const published = EcsFlat as unknown as Readonly<Record<string, Field>>;

/** What a type of ECS may be mapped as: of one family, as Elasticsearch has it. */
const family: Readonly<Record<string, string>> = {
  keyword: 'keyword', constant_keyword: 'keyword', wildcard: 'keyword', text: 'text', match_only_text: 'text', long: 'long', float: 'float', double: 'float',
  date: 'date', ip: 'ip', boolean: 'boolean',
};

type Tree = { readonly [key: string]: unknown };

/** `a.b.c` -> type, of what a mapping names. */
function mapped(mappings: Tree, prefix = ''): [string, string][] {
  return Object.entries(mappings['properties'] as Tree).flatMap(([key, node]) => {
    const { type, properties } = node as { readonly type?: string; readonly properties?: Tree };
    return properties === undefined ? [[`${prefix}${key}`, type ?? 'object']] : mapped(node as Tree, `${prefix}${key}.`);
  });
}

/** `a.b.c` -> values, of what a document has. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (Array.isArray(value)) return value.flatMap((one) => leaves(one, path));
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/** `log.offset` is not in the schema: Filebeat writes it beside `log.file.path`, and so do we. */
const isOurs = (path: string): boolean => path.startsWith('tokenward.') || path === 'log.offset';

test.each([['alerts', alertMappings()], ['events', eventMappings()]])('%s: every mapped field outside our own is one of ECS, with its type', (_, mappings) => {
  const foreign = mapped(mappings as Tree).filter(([path]) => !isOurs(path));
  expect(foreign.length).toBeGreaterThan(40);
  expect(foreign.filter(([path]) => !(path in published)).map(([path]) => path)).toEqual([]);
  expect(foreign.filter(([path, type]) => family[published[path]!.type] !== family[type])).toEqual([]);
});

let events: Tree[] = [];
let alerts: Tree[] = [];
beforeAll(async () => {
  const formats = join(root, 'test/data/formats');
  const paths = readdirSync(formats, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'licenses').map(({ name }) => join(formats, name));
  const all = await run([...paths, join(root, 'test/data/real-servers')], { yaml: eager });
  [events, alerts] = [documents(all.eventsText) as Tree[], documents(all.alertsText) as Tree[]];
}, 60_000);

test('every field of every event and alert of all formats is one of ECS or our own, and has a value that ECS allows', () => {
  expect(events.length).toBeGreaterThan(500);
  expect(alerts.length).toBeGreaterThan(0);
  const unknown = new Set<string>();
  const wrong = new Set<string>();
  for (const [path, value] of [...events, ...alerts].flatMap((document) => leaves(document))) {
    if (isOurs(path)) continue;
    const field = published[path];
    if (field === undefined) unknown.add(path);
    else if (field.allowed_values !== undefined && field.allowed_values.every(({ name }) => name !== value)) wrong.add(`${path}: ${String(value)}`);
  }
  expect([...unknown]).toEqual([]);
  expect([...wrong]).toEqual([]);
});

test('where ECS wants a list there is one, and one value else', () => {
  const listed = (document: Tree, prefix = ''): [string, boolean][] => Object.entries(document).flatMap(([key, value]): [string, boolean][] => {
    const path = `${prefix}${key}`;
    if (Array.isArray(value) || typeof value !== 'object') return [[path, Array.isArray(value)]];
    return listed(value as Tree, `${path}.`);
  });
  const wrong = [...events, ...alerts].flatMap((document) => listed(document))
    .filter(([path, isList]) => path in published && published[path]!.normalize.includes('array') !== isList).map(([path]) => path);
  expect([...new Set(wrong)]).toEqual([]);
});

test('types are among those that ECS expects of the category', () => {
  const categories = new Map(published['event.category']!.allowed_values!.map(({ name, expected_event_types: types = [] }) => [name, types]));
  const wrong = new Set<string>();
  for (const { event } of events as { event: { dataset: string; category?: string[]; type?: string[] } }[]) {
    const expected = (event.category ?? []).flatMap((category) => categories.get(category) ?? []);
    for (const type of event.type ?? []) if (!expected.includes(type)) wrong.add(`${event.dataset}: ${event.category?.join('+')} ${type}`);
  }
  expect([...wrong].sort()).toEqual([]);
});

test('documents name the version of the schema, which alerts never call a signal', () => {
  for (const document of [...events, ...alerts]) expect(document['ecs']).toEqual({ version: ecsVersion });
  expect(new Set(alerts.map(({ event }) => (event as Tree)['kind']))).toEqual(new Set(['alert']));
});
