import { chmodSync, cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import type { Detector } from '../../src/model/detector.ts';
import { f64, u32, type Field, type StateLayout } from '../../src/model/state.ts';
import { root } from '../support/source.ts';
import { run, temporaryFolder, type Run } from './support.ts';

// Data folders that earlier versions left, and the logs of the day after: their histories must still tell the thief from the owner.
const stores = join(root, 'test/data/stores');
const stolen = new Set(['8469ff47-7d50-4cb4-846b-7b93b56f79ce', 'AKIAFREIGHT000000000']);
const asShipped = [...detectors];

function use(changed: readonly Detector[]): void {
  (detectors as Detector[]).splice(0, detectors.length, ...changed);
}
afterEach(() => use(asShipped));

async function dayAfter(version: string): Promise<Run> {
  const dataDir = join(temporaryFolder(), 'data');
  cpSync(join(stores, version), dataDir, { recursive: true });
  chmodSync(join(dataDir, 'fingerprint.key'), 0o600);
  return run([join(stores, version, 'last-day.ndjson')], { dataDir });
}

function handlesOf({ alerts }: Run, detector: string): Set<string | undefined> {
  return new Set(alerts.filter(({ rule }) => rule.id === detector).map(({ tokenward }) => tokenward.token.handle));
}

describe.each(readdirSync(stores).filter((name) => /^\d/.test(name)))('a store of %s', (version) => {
  test('the day after says nothing to a fresh store', async () => {
    const { alerts } = await run([join(stores, version, 'last-day.ndjson')]);
    expect(alerts.map(({ rule, event }) => [rule.id, event.reason])).toEqual([]);
  });

  test('is opened, and its histories are kept', async () => {
    const result = await dayAfter(version);
    expect(handlesOf(result, 'unfamiliar-ip')).toEqual(stolen);
    expect(handlesOf(result, 'egress-spike')).toEqual(stolen);
    for (const { tokenward } of result.alerts) expect(tokenward.alert.baseline?.['historyDays']).toBeGreaterThanOrEqual(19);
    expect(result.warnings).toEqual([]);
  });

  test('fields added, removed and retyped: what is left of a history is kept', async () => {
    const { identity } = asShipped.find(({ id }) => id === 'unfamiliar-ip')!.state;
    expect(Object.keys(identity!.fields)).toEqual(expect.arrayContaining(['candidateBits', 'uses']));
    use(asShipped.map((detector) => (detector.id === 'unfamiliar-ip' ? withState(detector, rebuilt) : detector)));
    const result = await dayAfter(version);
    const plain = (use(asShipped), await dayAfter(version));
    expect(handlesOf(result, 'unfamiliar-ip')).toEqual(stolen);
    expect(baselines(result, 'unfamiliar-ip')).toEqual(baselines(plain, 'unfamiliar-ip'));
    expect(handlesOf(result, 'egress-spike')).toEqual(stolen);
  });

  test('a changed meaning drops the history of that detector, and of no other', async () => {
    use(asShipped.map((detector) => (detector.id === 'egress-spike' ? withState(detector, ({ fields, meaning }) => ({ fields, meaning: meaning + 1 })) : detector)));
    const result = await dayAfter(version);
    expect(handlesOf(result, 'egress-spike')).toEqual(new Set());
    expect(handlesOf(result, 'unfamiliar-ip')).toEqual(stolen);
  });

  test('a dropped history is said', async () => {
    use(asShipped.map((detector) => (detector.id === 'egress-spike' ? withState(detector, ({ fields, meaning }) => ({ fields, meaning: meaning + 1 })) : detector)));
    expect((await dayAfter(version)).warnings.join('\n')).toMatch(/egress-spike.*history dropped/);
  });
});

/** The same detector over records of another layout. */
function withState(detector: Detector, change: (layout: StateLayout) => StateLayout): Detector {
  return { ...detector, state: Object.fromEntries(Object.entries(detector.state).map(([scope, layout]) => [scope, change(layout as StateLayout)])) };
}

/** One field more in front, one that nothing rests on less, and a wider type for the uses. */
function rebuilt({ fields, meaning }: StateLayout): StateLayout {
  const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'candidateBits')) as Record<string, Field>;
  return { fields: { brandNew: u32(7), ...kept, ...('uses' in kept ? { uses: f64() } : {}) }, meaning };
}

function baselines({ alerts }: Run, detector: string): unknown[] {
  return alerts.filter(({ rule }) => rule.id === detector).map(({ tokenward }) => tokenward.alert.baseline);
}
