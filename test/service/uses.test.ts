import { expect, test } from 'vitest';
import { Intel } from '../../src/intel/intel.ts';
import { weekSeconds, type CredentialUse } from '../../src/model/credential.ts';
import { useViews, weeksOf } from '../../src/service/uses.ts';

const weekMs = weekSeconds * 1000;

test('weeks of use, from the bits of the newest 32 and of the 32 before', () => {
  const lastMs = 100 * weekMs + 5;
  const back = (weeks: readonly [number, number]) => weeksOf({ lastMs, weeks }).map((startMs) => 100 - startMs / weekMs);
  expect(back([0, 0]), 'what an older version saved').toEqual([0]);
  expect(back([0b101, 0])).toEqual([2, 0]);
  expect(back([(1 << 31 | 1) >>> 0, 1])).toEqual([32, 31, 0]);
  expect(back([1, 2 ** 31])).toEqual([63, 0]);
  expect(back([0xffff_ffff, 0xffff_ffff])).toHaveLength(64);
});

test('who comes from an alert\'s network, or came after it began, is marked; the last used come first', () => {
  const use = (part: Partial<CredentialUse>): CredentialUse => (
    { workloadId: null, user: 'curl', network: '10.1.0.0/24', resources: [], resourceDays: [], calls: 1, firstMs: 1_000, lastMs: 2_000, weeks: [1, 0], traits: 0, ...part });
  const views = useViews([
    use({}), use({ network: '192.0.2.0/24', lastMs: 9_000 }), use({ firstMs: 5_000, lastMs: 8_000 }), use({ network: null, workloadId: 'w', user: 'w' }),
  ], { networks: new Set(['192.0.2.0/24']), sinceMs: 5_400 }, Intel.open());
  expect(views.map(({ network, suspect, isWorkload }) => [network?.block ?? null, suspect, isWorkload])).toEqual([
    ['192.0.2.0/24', true, false], ['10.1.0.0/24', true, false], ['10.1.0.0/24', false, false], [null, false, true]]);
  expect(views[1]!.network!.class).toBe('private');
});
