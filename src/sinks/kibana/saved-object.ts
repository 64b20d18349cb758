import type { Document } from '../sink.ts';

/** What Kibana imports: one object a line. */
export interface SavedObject {
  readonly id: string;
  readonly type: 'index-pattern' | 'search' | 'visualization' | 'dashboard';
  readonly attributes: Document;
  readonly references: readonly { readonly name: string; readonly type: SavedObject['type']; readonly id: string }[];
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

/** The shapes below are those of these versions; a later Kibana migrates them when it imports them. */
const coreMigrationVersion = '8.8.0';
const versions: Readonly<Record<SavedObject['type'], string>> = { 'index-pattern': '8.0.0', search: '8.0.0', visualization: '8.5.0', dashboard: '8.9.0' };
const sourceName = 'kibanaSavedObjectMeta.searchSourceJSON.index';

export function savedObject(
  type: SavedObject['type'], id: string, attributes: Document, references: SavedObject['references'] = [],
): SavedObject {
  return { id, type, attributes, references, coreMigrationVersion, typeMigrationVersion: versions[type] };
}

/** What searches and visualizations look through: a data view, narrowed by a query in Kibana's language. */
export interface Source { readonly view: string; readonly query?: string }

export function sourceMeta({ query = '' }: Source): Document {
  return { searchSourceJSON: JSON.stringify({ query: { query, language: 'kuery' }, filter: [], indexRefName: sourceName }) };
}

export function sourceReference({ view }: Source): SavedObject['references'] {
  return [{ name: sourceName, type: 'index-pattern', id: view }];
}

/** Lines of an import, in an order in which nothing refers to what comes later. */
export function savedObjectLines(objects: readonly SavedObject[]): string {
  return objects.map((one) => `${JSON.stringify(one)}\n`).join('');
}
