import { expect, test } from 'vitest';
import { configure } from '../end-to-end/support.ts';
import { Bench, fingerprint, startMs, use } from '../correlate/support.ts';
import { InventoryIndex, type PostureParts } from '../../src/service/inventory.ts';

const dayMs = 24 * 3_600_000;
const judgedBy = (yaml: string): PostureParts => {
  const { posture, exceptions, listings } = configure(yaml);
  return { policy: { ...posture, exceptions }, listings };
};
const listing = (identity: string, key: string, takenMs: number): PostureParts['listings'][number] => ({
  issuer: 'keys', account: null, kinds: ['api_key'], takenMs, credentials: [{
    handle: key, identity, name: null, kind: 'api_key', createdMs: null, lastUsedMs: null, expiresMs: null, isActive: true, owner: null, isOrphaned: true, scopes: null,
  }],
});

test('other limits and listings hold at once', async () => {
  const bench = new Bench();
  const print = fingerprint('rates');
  const key = { tokenKind: 'api_key', tokenIssuer: 'keys', tokenHandle: 'key-1', identityId: 'keys|rates', identityKind: 'service' } as const;
  bench.correlator.correlate(use('rates', 0, key));
  const index = new InventoryIndex(bench.correlator, judgedBy(''), () => 0, () => startMs + 45 * dayMs);
  const flaws = async (): Promise<string[]> => {
    const { tokens } = await index.search({ limit: 10 });
    return tokens.flatMap(({ posture }) => posture.filter(({ isFact }) => isFact).map(({ kind }) => kind));
  };
  const before = await flaws();
  expect(before).not.toContain('dormant');
  expect(before).not.toContain('orphaned');
  index.judgeBy({ ...judgedBy('posture: { dormant_after: 30d }'), listings: [listing('keys|rates', 'key-1', startMs + dayMs)] });
  expect(index.token(print)?.posture.map(({ kind }) => kind)).toContain('dormant');
  await expect.poll(flaws).toEqual(expect.arrayContaining(['dormant', 'orphaned']));
});
