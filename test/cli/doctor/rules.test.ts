import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkRules } from '../../../src/cli/doctor/rules.ts';
import { loadFrom } from '../../../src/cli/settings.ts';
import { root } from '../../support/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-doctor-rules-'));
const tried = join(root, 'test/data/rules/new-country.yaml');

function look(...rules: string[]): string[] {
  const file = join(folder, 'tokenward.yaml');
  writeFileSync(file, JSON.stringify({ rules }));
  return checkRules(loadFrom(file, {})).map(({ level, text }) => `${level} ${text}`);
}

test('rules that take long and rules that nobody tried are named', () => {
  const slow = join(folder, 'slow.yaml');
  const match = 'tokenward.token.scopes.exists(s, s.contains("a") || s.contains("b"))';
  writeFileSync(slow, `id: slow\ntitle: x\nseverity: low\nmessage: x\nmatch: '${match}'\n`);
  expect(look()).toEqual([]);
  expect(look(tried)).toEqual(['ok 1 of your own, with tests']);
  expect(look(tried, slow)).toEqual([expect.stringMatching(/^warn rule:slow takes up to \d{3} µs for an event$/), 'warn rule:slow has no tests']);
});
