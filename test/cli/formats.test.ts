import { expect, test } from 'vitest';
import { formatData, pathText } from '../../src/cli/formats.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { each, firstOf, jsonIn, path, subtree, where } from '../../src/ingest/paths.ts';

test.each([
  [path('a', 'b'), 'a.b'], [path('a.b', 'c'), '"a.b".c'], [each(['a', 'list'], path('id')), 'a.list[].id'], [each(['list']), 'list[]'],
  [where(['headers'], 'name', 'X-Id', path('value')), 'headers[name="X-Id"].value'], [firstOf(path('a'), path('b')), 'a | b'],
  [jsonIn(['body'], path('x')), 'body as JSON: x'], [subtree(['args'], 100), 'args (all of it, up to 100 bytes)'],
])('%j reads as %s', (declared, text) => {
  expect(pathText(declared)).toBe(text);
});

test('every format can be printed with the paths it reads', () => {
  for (const format of formats) {
    const data = formatData(format);
    expect(Object.keys(data.shapes[0]!.reads).length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  }
});
