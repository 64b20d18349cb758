import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { configurationJsonSchema, configurationSchema, settingName } from '../../src/config/schema.ts';
import { unavailableKeys } from '../../src/config/unavailable.ts';
import { root } from '../support/source.ts';

const schema = configurationJsonSchema(detectors);

test('the published schema is what the code checks (renew it with: validate --schema)', () => {
  const published: unknown = JSON.parse(readFileSync(join(root, 'src/config/tokenward.schema.json'), 'utf8'));
  expect(published).toEqual(JSON.parse(JSON.stringify(schema)));
});

test('every parameter of every detector can be set, and its default is valid', () => {
  for (const { id, parameters } of detectors) {
    const defaults = Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [settingName(name), parameter.default]));
    expect(configurationSchema(detectors).safeParse({ detectors: { [id]: defaults } }).success).toBe(true);
  }
});

test('what is not available is not in the schema', () => {
  expect(Object.keys(schema.properties ?? {}).filter((key) => unavailableKeys.has(key))).toEqual([]);
});
