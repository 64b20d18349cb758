import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findScenarios, playScenario } from '../src/cli/scenario/scenario.ts';
import { root } from './support/source.ts';

/** Their stories say of every detector what it finds in them, not only of the one that they are about. */
const whole: ReadonlySet<string> = new Set([
  'revoked-token-use', 'rotated-token-use', 'expired-or-overage', 'offboarded-owner', 'workload-gone-use', 'containment-gap', 'leaked-token-use',
  'honeytoken', 'break-glass-use', 'exceptions', 'session-replay', 'spoofed-id', 'defence-tampering', 'log-silence', 'shipping-rate', 'inventory-sync',
]);
const folder = join(root, 'test/scenarios');

describe.each(readdirSync(folder))('%s', (detector) => {
  const stories = findScenarios(join(folder, detector));

  test('has a story that fires and two that are quiet', () => {
    const quiet = stories.filter((log) => basename(log).startsWith('quiet-')).length;
    expect(quiet).toBeGreaterThanOrEqual(2);
    expect(stories.length).toBeGreaterThan(quiet);
  });

  test.each(stories.map((log) => [basename(log, '.ndjson'), log]))('%s', async (_, log) => {
    expect((await playScenario(log!, whole.has(detector) ? null : detector)).faults).toEqual([]);
  });
});
