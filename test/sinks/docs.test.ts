import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { loadConfiguration, type SinkSection } from '../../src/config/configuration.ts';
import { configurationJsonSchema } from '../../src/config/schema.ts';
import { makeFolder } from '../store/support.ts';
import { sentinelColumns } from '../support/siem/services.ts';
import { root } from '../support/source.ts';

const page = readFileSync(join(root, 'docs/sinks.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((block) => block[1] as string);

test.each(blocks.map((yaml) => [yaml]))('what is shown is valid, but for the files that it names', (yaml) => {
  const file = join(makeFolder(), 'tokenward.yaml');
  writeFileSync(file, yaml);
  let problems = '';
  try {
    loadConfiguration({ file, environment: {}, detectors });
  } catch (error) {
    problems = (error as Error).message;
  }
  expect(problems.split('\n').filter((line) => line !== '' && !line.includes('does not exist') && !line.startsWith('  hint'))).toEqual([]);
});

test('every type is shown, and every column of Sentinel named', () => {
  const schema = JSON.stringify(configurationJsonSchema(detectors).properties?.['sinks']);
  const types = [...schema.matchAll(/"type":\{"type":"string","const":"(\w+)"\}/g)].map((match) => match[1] as SinkSection['type']);
  expect(types.filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
  expect(types).toContain('google_secops');
  expect(sentinelColumns.filter((column) => !page.includes(`\`${column}\``))).toEqual([]);
});
