import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findScenarios, playScenario } from '../../../src/cli/scenario/scenario.ts';
import { root } from '../../support/source.ts';

const story = join(root, 'test/scenarios/honeytoken/bait-used.ndjson');
const config = { honeytokens: [{ name: 'wiki-backup-page', handle: 'AKIAEXAMPLEBAIT00001' }] };
const bait = { detector: 'honeytoken', token: 'AKIAEXAMPLEBAIT00001', first: '2026-03-07T08:00:00Z' };

describe('scenarios', () => {
  let folder = '';

  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'tokenward-scenarios-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function put(name: string, expectation: object): string {
    mkdirSync(join(folder, 'mine'), { recursive: true });
    const log = join(folder, 'mine', `${name}.ndjson`);
    copyFileSync(story, log);
    writeFileSync(log.replace('.ndjson', '.expect.json'), JSON.stringify(expectation));
    return log;
  }

  test('are found below a folder, by name', () => {
    put('b', { alerts: [] });
    put('a', { alerts: [] });
    expect(findScenarios(folder)).toEqual([join(folder, 'mine/a.ndjson'), join(folder, 'mine/b.ndjson')]);
    expect(() => findScenarios(join(folder, 'mine/a.expect.json'))).toThrow('must end in .ndjson');
  });

  test('pass when what alerts is what was expected', async () => {
    expect((await playScenario(put('good', { config, alerts: [bait] }))).faults).toEqual([]);
  });

  test('name what is missing and what was not expected', async () => {
    const other = { ...bait, token: 'AKIAEXAMPLEBAIT00002' };
    const { faults } = await playScenario(put('wrong', { config, alerts: [other] }));
    expect(faults).toEqual([
      'missing: honeytoken on AKIAEXAMPLEBAIT00002 from 2026-03-07T08:00:00Z',
      expect.stringMatching(/^not expected: honeytoken on AKIAEXAMPLEBAIT00001 from 2026-03-07T08:00:00/),
    ]);
  });

  test('need an expectation that can be read', async () => {
    const log = put('bare', {});
    await expect(playScenario(log)).rejects.toThrow('names no list of alerts');
    rmSync(log.replace('.ndjson', '.expect.json'));
    await expect(playScenario(log)).rejects.toThrow('is missing or no JSON');
  });
});
