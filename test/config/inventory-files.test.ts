import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/config/csv.ts';
import { loadConfiguration } from '../../src/config/configuration.ts';
import { readInventoryFiles } from '../../src/config/inventory-files.ts';
import { limitFor } from '../../src/posture/policy.ts';

const dayMs = 24 * 3_600_000;

const dir = mkdtempSync(join(tmpdir(), 'tokenward-inventory-'));
function written(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

describe('CSV', () => {
  test('quotes, commas, line ends and a mark at the front are read as they are meant', () => {
    expect(parseCsv('\ufeffa,b\r\n"x, ""y""","1\n2"\r\nlast,\n')).toEqual([{ a: 'x, "y"', b: '1\n2' }, { a: 'last', b: '' }]);
    expect(parseCsv('a,b\n1')).toEqual([{ a: '1', b: '' }]);
    expect(parseCsv('')).toEqual([]);
  });

  test('a quote without an end, and cells that no column names, are refused', () => {
    expect(() => parseCsv('a\n"x')).toThrow('quote');
    expect(() => parseCsv('a\n1,2\n')).toThrow('more cells');
  });

  test('a column may be called like what every object has', () => {
    expect(parseCsv('__proto__,constructor\n1,2\n')[0]?.['constructor']).toBe('2');
  });
});

describe('the operator\'s inventory in files', () => {
  const expected = [{
    match: { client: 'rates' }, workload: 'spiffe://example.org/rates', kind: null, owner: 'logistics', vendor: 'Acme', environment: 'production',
    labels: ['batch', 'eu'], reviewMs: Date.UTC(2026, 11, 31), breakGlass: true,
  }];

  test.each([
    ['inventory.csv', 'client,workload,owner,vendor,environment,labels,review_by,break_glass,handle\n'
      + 'rates,spiffe://example.org/rates,logistics,Acme,production,batch; eu,2026-12-31,TRUE,\n'],
    ['inventory.yaml', '- match: { client: rates }\n  workload: spiffe://example.org/rates\n  owner: logistics\n  vendor: Acme\n  environment: production\n'
      + '  labels: [batch, eu]\n  review_by: 2026-12-31\n  break_glass: true\n'],
    ['inventory.json', JSON.stringify({ inventory: [{
      match: { client: 'rates' }, workload: 'spiffe://example.org/rates', owner: 'logistics', vendor: 'Acme', environment: 'production', labels: ['batch', 'eu'],
      review_by: '2026-12-31', break_glass: true,
    }] })],
  ])('%s says the same as the others', (name, text) => {
    expect(readInventoryFiles([written(name, text)])).toEqual({ entries: expected, listings: [], complaints: [] });
  });

  test.each([
    ['no-such.csv', null, 'does not exist'],
    ['wrong.csv', 'client,ownr\nrates,x\n', 'wrong at inventory.0'],
    ['nobody.csv', 'client,owner\n,x\n', 'wrong at inventory.0.match'],
    ['broken.csv', 'client\n"x', 'is no CSV: a quote does not end'],
    ['broken.json', '{"a": "hunter2', 'cannot be read as CSV, YAML or JSON'],
    ['date.json', '[{"match":{"client":"a"},"review_by":"soon"}]', 'wrong at inventory.0.review_by'],
  ])('%s is refused with its place', (name, text, why) => {
    const file = text === null ? join(dir, name) : written(name, text);
    const { complaints, entries } = readInventoryFiles([file]);
    expect(entries).toEqual([]);
    expect(complaints.map(({ path }) => path)).toEqual([['inventory_files', 0]]);
    expect(complaints[0]?.message).toContain(why);
    expect(complaints[0]?.message).not.toContain('hunter2');
  });
});

test('limits of posture are read with their units; the operator\'s stand before the defaults', () => {
  const file = written('tokenward.yaml', 'posture:\n  lifetimes: [{ kinds: [jwt], labels: [batch], limit: 1h }]\n  dormant_after: 60d\n');
  const { posture } = loadConfiguration({ file, environment: {}, detectors: [] });
  expect(posture).toEqual({
    limits: [{ kinds: ['jwt'], labels: ['batch'], limitMs: 3_600_000 }], longLivedMs: 365 * dayMs, unusedMs: 30 * dayMs, dormantMs: 60 * dayMs,
  });
  const policy = { ...posture, exceptions: [] };
  expect([limitFor(policy, 'jwt', ['batch']), limitFor(policy, 'jwt', []), limitFor(policy, 'api_key', ['batch'])]).toEqual([3_600_000, 900_000, 90 * dayMs]);
});
