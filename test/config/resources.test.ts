import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfiguration, type Configuration } from '../../src/config/configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-resources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
const load = (yaml: string): Configuration => loadConfiguration({ file: fileOf('tokenward.yaml', yaml), environment: {}, detectors: [] });

describe('routes of resources', () => {
  test('come from patterns, then from OpenAPI files of both versions, JSON or YAML', () => {
    const three = fileOf('three.yaml',
      'openapi: 3.1.0\nx-data-class: customer\nservers: [{url: "https://Api.example:8443/v1/"}, {url: /}]\npaths:\n  /orders/{id}: {x-data-class: order}\n  /carts: {}\n');
    const two = fileOf('two.json', JSON.stringify({ swagger: '2.0', host: 'old.example', basePath: '/legacy', paths: { '/items/{item}': {}, 'x-note': {} } }));
    const { resources } = load(`resources:\n  patterns: [{path: "/export/*", host: api.example, data_class: bulk}]\n  openapi_files: [${three}, ${two}]\n`);
    expect(resources.patterns).toEqual([
      { host: 'api.example', path: '/export/*', dataClass: 'bulk' },
      { host: 'api.example', path: '/v1/orders/{id}', dataClass: 'order' }, { host: null, path: '/orders/{id}', dataClass: 'order' },
      { host: 'api.example', path: '/v1/carts', dataClass: 'customer' }, { host: null, path: '/carts', dataClass: 'customer' },
      { host: 'old.example', path: '/legacy/items/{item}', dataClass: null },
    ]);
    expect(load('').resources.patterns).toEqual([]);
  });

  test.each([
    ['is missing', 'openapi_files: [nowhere.yaml]', /does not exist/], ['is something else', `openapi_files: [${fileOf('other.yaml', 'a: 1')}]`, /no OpenAPI description/],
    ['is broken', `openapi_files: [${fileOf('broken.yaml', 'a: [1')}]`, /cannot be read as JSON or YAML/], ['is no path', 'patterns: [{path: "orders"}]', /a path such as/],
  ])('a file or pattern that %s is refused, with its place', (_, setting, message) => {
    expect(() => load(`resources:\n  ${setting}\n`)).toThrow(message);
  });
});
