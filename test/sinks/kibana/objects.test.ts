import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alertMappings, eventMappings } from '../../../src/sinks/elasticsearch-mapping.ts';
import { kibanaObjects } from '../../../src/sinks/kibana/objects.ts';
import { keyRequest, promotionRule } from '../../../src/sinks/kibana/rule.ts';
import { savedObjectLines, type SavedObject } from '../../../src/sinks/kibana/saved-object.ts';
import { root } from '../../support/source.ts';

// There is no Kibana at hand here: what can be told of its objects without one.

const objects = kibanaObjects({ index: 'tokenward-alerts' });
const byId = new Map(objects.map((object) => [object.id, object]));
const json = (object: SavedObject, key: string): unknown => JSON.parse(object.attributes[key] as string);
const ofType = (type: SavedObject['type']): SavedObject[] => objects.filter((object) => object.type === type);
type Node = { readonly type?: string; readonly properties?: Readonly<Record<string, Node>> };

/** Type of a field in the mapping that its data view looks at. */
function typeOf(view: string, field: string): string | undefined {
  let at = (view === 'tokenward-alerts' ? alertMappings() : eventMappings()) as Node | undefined;
  for (const key of field.split('.')) at = at?.properties?.[key];
  return at?.type;
}
const viewOf = ({ references }: SavedObject): string => references[0]!.id;
const queryOf = (object: SavedObject): string => {
  const { searchSourceJSON } = object.attributes['kibanaSavedObjectMeta'] as { searchSourceJSON: string };
  return (JSON.parse(searchSourceJSON) as { query: { query: string } }).query.query;
};

/** Written with `RENEW_DOCS=1`. */
test.each([
  ['tokenward.ndjson', savedObjectLines(objects)], ['rule.ndjson', `${JSON.stringify(promotionRule('tokenward-alerts'))}\n`],
])('%s, for an import by hand, is what the code makes', (name, text) => {
  const file = join(root, 'dashboards/kibana', name);
  if (process.env['RENEW_DOCS'] !== undefined) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

test('ids are unique, and whatever is referred to comes before', () => {
  expect(byId.size).toBe(objects.length);
  const seen = new Set<string>();
  for (const object of objects) {
    expect(object.references.filter(({ id, type }) => !seen.has(id) || byId.get(id)?.type !== type)).toEqual([]);
    seen.add(object.id);
  }
});

test('the data views fit the indices that the sink writes', () => {
  expect(ofType('index-pattern').map(({ attributes: { title } }) => title)).toEqual(['tokenward-alerts-*', 'logs-tokenward.event-*']);
  expect(kibanaObjects({ index: 'mine' })[0]!.attributes['title']).toBe('mine-*');
});

describe.each(ofType('visualization').map((object) => [object.id, object] as const))('%s', (_, object) => {
  const state = json(object, 'visState') as { type: string; title: string; params: { type: string }; aggs: { type: string; schema: string; params: { field?: string } }[] };

  test('counts by fields that are mapped as it takes them', () => {
    const wanted: Record<string, readonly string[]> = {
      terms: ['keyword', 'long'], cardinality: ['keyword'], sum: ['long', 'double', 'float'], max: ['date', 'long', 'float'], date_histogram: ['date'],
    };
    for (const { type, params: { field } } of state.aggs) {
      if (type === 'count') expect(field).toBeUndefined();
      else expect([field, wanted[type]!.includes(typeOf(viewOf(object), field!) ?? 'none')]).toEqual([field, true]);
    }
    expect([state.title, state.params.type]).toEqual([object.attributes['title'], state.type]);
  });
});

test('queries and columns name fields that are mapped', () => {
  for (const object of [...ofType('visualization'), ...ofType('search')]) {
    const fields = [...queryOf(object).matchAll(/([\w.]+) *(?::|>=)/g)].map(([, field]) => field!);
    const columns = (object.attributes['columns'] ?? []) as string[];
    expect([...fields, ...columns].filter((field) => typeOf(viewOf(object), field) === undefined)).toEqual([]);
  }
});

test('there are three dashboards, whose panels lie beside each other and show everything', () => {
  const boards = ofType('dashboard');
  expect(boards.map(({ attributes: { title } }) => title)).toEqual(['Tokenward: overview', 'Tokenward: triage', 'Tokenward: inventory']);
  for (const board of boards) {
    const panels = json(board, 'panelsJSON') as { panelIndex: string; panelRefName: string; type: string; gridData: { x: number; y: number; w: number; h: number } }[];
    expect(board.references.map(({ name, type }) => [name, type])).toEqual(panels.map(({ panelIndex, panelRefName, type }) => [`${panelIndex}:${panelRefName}`, type]));
    const cells = panels.flatMap(({ gridData: { x, y, w, h } }) => Array.from({ length: w * h }, (_, n) => `${x + n % w},${y + Math.floor(n / w)}`));
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridData: { x, w } }) => x + w))).toBe(48);
  }
  const shown = new Set(boards.flatMap(({ references }) => references.map(({ id }) => id)));
  expect([...ofType('visualization'), ...ofType('search')].filter(({ id }) => !shown.has(id))).toEqual([]);
});

test('the rule takes name, severity and risk from fields that an alert has', () => {
  const rule = promotionRule('mine') as { index: string[]; rule_name_override: string; timestamp_override: string; severity_mapping: { field: string }[]; risk_score_mapping: { field: string }[] };
  const fields = [rule.rule_name_override, rule.timestamp_override, ...[...rule.severity_mapping, ...rule.risk_score_mapping].map(({ field }) => field)];
  expect(fields.map((field) => typeOf('tokenward-alerts', field))).toEqual(['text', 'date', 'long', 'long', 'long', 'long', 'float']);
  expect(rule.index).toEqual(['mine-*']);
});

test('the key may do what is configured and nothing more', () => {
  const privileges = (options: Parameters<typeof keyRequest>[0]): [string, string[]][] => {
    const { tokenward } = (keyRequest(options) as { role_descriptors: { tokenward: { cluster: string[]; indices: { names: string[]; privileges: string[] }[] } } }).role_descriptors;
    expect(tokenward.cluster).toEqual(['monitor']);
    return tokenward.indices.map(({ names, privileges: own }) => [names.join(), own]);
  };
  expect(privileges({ index: 'a', eventsNamespace: null, statusSpace: null })).toEqual([['a-*', ['auto_configure', 'index']]]);
  expect(privileges({ index: 'a', eventsNamespace: 'prod', statusSpace: 'soc' })).toEqual([
    ['a-*', ['auto_configure', 'index']], ['logs-tokenward.event-prod', ['auto_configure', 'create_doc']], ['.alerts-security.alerts-soc', ['read']],
  ]);
});
