import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../end-to-end/support.ts';
import { root } from '../support/source.ts';

const families = [
  'concurrent-use', 'impossible-travel', 'unfamiliar-client', 'private-path-change', 'wrong-workload', 'wrong-audience', 'environment-crossing',
  'human-use', 'gateway-bypass',
];

/** `first`: the first event that deviates, by its id or its time. */
interface Expected { readonly alerts: readonly { readonly detector: string; readonly token: string; readonly first: string }[] }

describe.each(families)('%s', (detector) => {
  const folder = join(root, 'test/scenarios', detector);
  const stories = readdirSync(folder).filter((file) => file.endsWith('.ndjson')).map((file) => file.slice(0, -'.ndjson'.length));

  it('has a story that fires and two that are quiet', () => {
    const quiet = stories.filter((name) => name.startsWith('quiet-')).length;
    expect(quiet).toBeGreaterThanOrEqual(2);
    expect(stories.length).toBeGreaterThan(quiet);
  });

  it.each(stories)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(folder, `${name}.expect.json`), 'utf8')) as Expected;
    const { alerts, quarantineText } = await run([join(folder, `${name}.ndjson`)]);
    expect(quarantineText).toBe('');
    const own = alerts.filter((alert) => alert.rule.id === detector);
    const told = own.map((alert, place) => {
      const isTime = expected.alerts[place]?.first.startsWith('20') === true;
      return { detector, token: alert.tokenward.token?.handle, first: isTime ? alert.event.start : alert.tokenward.alert.evidence[0] };
    });
    expect(told).toEqual(expected.alerts);
  });
});
