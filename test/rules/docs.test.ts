import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playRule } from '../../src/cli/scenario/rule-tests.ts';
import { readRules } from '../../src/config/rule-files.ts';
import { checkRule } from '../../src/rules/rule.ts';
import { ruleFields } from '../../src/rules/fields.ts';
import { isTechnique } from '../../src/sinks/attack.ts';
import { root } from '../support/source.ts';

const page = readFileSync(join(root, 'docs/rules.md'), 'utf8');
const examples = [...page.matchAll(/```yaml\n(id: ([\w-]+)\n[\s\S]*?)```/g)].map(([, yaml, id]) => [id!, yaml!] as const);

describe('docs/rules.md', () => {
  test.each(examples)('shows %s as it works', async (id, yaml) => {
    const file = join(mkdtempSync(join(tmpdir(), 'tokenward-rules-page-')), `${id}.yaml`);
    writeFileSync(file, yaml);
    const { rules, problems } = readRules([file], (rule) => checkRule(rule, isTechnique));
    expect(problems).toEqual([]);
    if (rules[0]!.tests.length > 0) expect((await playRule(file)).flatMap(({ faults }) => faults)).toEqual([]);
  });

  test('names every field that is not the event\'s own', () => {
    const own = ruleFields.filter(({ from }) => from !== 'event').map(({ path }) => path);
    const missing = own.filter(([group, name]) => !page.includes(`\`${group}.${name}\``) && !page.includes(`\`.${name}\``));
    expect(missing).toEqual([]);
    expect(examples.length).toBeGreaterThan(3);
  });
});
