/** The stories of the detectors of lifecycle, leaks, traps and silence, each told in lines of real formats. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../end-to-end/support.ts';
import { root } from '../support/source.ts';

const detectors = [
  'revoked-token-use', 'rotated-token-use', 'expired-or-overage', 'offboarded-owner', 'workload-gone-use', 'containment-gap', 'leaked-token-use',
  'honeytoken', 'session-replay', 'spoofed-id', 'defence-tampering', 'log-silence',
];

interface Expected { readonly config?: object; readonly alerts: readonly { readonly detector: string; readonly token: string | null; readonly first: string }[] }

describe.each(detectors)('%s', (detector) => {
  const folder = join(root, 'test/scenarios', detector);
  const names = readdirSync(folder).filter((name) => name.endsWith('.ndjson')).map((name) => name.slice(0, -7));

  test.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(folder, `${name}.expect.json`), 'utf8')) as Expected;
    const { alerts, statistics } = await run([join(folder, `${name}.ndjson`)], { yaml: JSON.stringify(expected.config ?? {}) });
    expect(statistics.quarantined).toBe(0);
    const found = alerts.map(({ rule, event, tokenward }) => `${event.start.slice(0, 19)}Z ${rule.id} ${tokenward.token?.handle ?? ''}`);
    expect(found.sort()).toEqual(expected.alerts.map(({ detector: id, token, first }) => `${first} ${id} ${token ?? ''}`).sort());
  });
});
