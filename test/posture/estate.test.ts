import { beforeAll, describe, expect, test } from 'vitest';
import { inventoryLines, type InventoryLine } from '../../src/cli/inventory/lines.ts';
import { postureKindNames } from '../../src/posture/kinds.ts';
import { defaultPolicy } from '../../src/posture/policy.ts';
import { Bench } from '../correlate/support.ts';
import { archetypes } from './archetypes.ts';
import { atDay, earlierDay, endDay, planEstate, type Plan } from './plan.ts';

const wanted = 15_000;
const policy = {
  ...defaultPolicy,
  limits: [{ kinds: [], labels: ['batch'], limitMs: 3_600_000 }, { kinds: [], labels: ['legacy'], limitMs: 400 * 24 * 3_600_000 }],
};

let plan: Plan;
let bench: Bench;

beforeAll(async () => {
  plan = planEstate(archetypes, Math.ceil(wanted / archetypes.length));
  bench = new Bench({ inventory: plan.inventory });
  for (const event of plan.events) {
    const { event: correlated } = bench.correlator.correlate(event);
    if (correlated !== null) bench.correlator.dependents.note(correlated);
  }
  await bench.restart();
}, 120_000);

/** Flaws by handle, those that cannot be told with a question mark. */
function found(atMs: number): Map<string, readonly string[]> {
  const { lines } = inventoryLines(bench.correlator, { policy: { ...policy, exceptions: plan.exceptions }, listings: plan.listings, vendorNetworks: new Map(), atMs });
  return new Map(lines.map((line) => [line.credential.token.handle ?? '', namesOf(line)]));
}

const namesOf = ({ flaws }: InventoryLine): string[] => flaws.map(({ kind, isFact }) => (isFact ? kind : `${kind}?`)).sort();

describe('a planted estate of 15,000 credentials', () => {
  test('shows every kind of flaw', () => {
    const planted = new Set(archetypes.flatMap(({ end }) => end ?? []).map((name) => name.replace('?', '')));
    expect(postureKindNames.filter((kind) => !planted.has(kind))).toEqual([]);
    expect(plan.truth.size).toBeGreaterThanOrEqual(wanted);
  });

  test.each([['at its end', 'end', endDay], ['35 days before', 'earlier', earlierDay]] as const)('%s has exactly the flaws that were planted', (_, when, days) => {
    const answer = found(atDay(days));
    const wrong = new Map<string, unknown>();
    let [planted, hits, told] = [0, 0, 0];
    for (const [handle, truth] of plan.truth) {
      const [flaws, expected] = [answer.get(handle), truth[when]];
      planted += expected?.length ?? 0;
      told += flaws?.length ?? 0;
      hits += flaws?.filter((flaw) => expected?.includes(flaw)).length ?? 0;
      if (JSON.stringify(flaws ?? null) !== JSON.stringify(expected)) wrong.set(truth.archetype, { flaws: flaws ?? null, expected });
    }
    expect(Object.fromEntries(wrong)).toEqual({});
    expect({ precision: hits / told, recall: hits / planted }).toEqual({ precision: 1, recall: 1 });
  });
});
