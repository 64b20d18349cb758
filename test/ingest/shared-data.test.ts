import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRecords } from '../../src/ingest/files.ts';

const data = join(import.meta.dirname, '../../../shared/data');

/** Records, those among them out of an enclosing document, and refusals by reason. */
async function count(path: string): Promise<{ records: number; enclosed: number; refused: Record<string, number> }> {
  const counts = { records: 0, enclosed: 0, refused: {} as Record<string, number> };
  for await (const batch of readRecords([join(data, path)])) {
    for (const item of batch) {
      if ('reason' in item) {
        counts.refused[item.reason] = (counts.refused[item.reason] ?? 0) + 1;
      } else {
        counts.records++;
        if (item.index !== null) counts.enclosed++;
      }
    }
  }
  return counts;
}

// Real logs, where they are at hand: skipped elsewhere.
describe.skipIf(!existsSync(data))('real logs', () => {
  it('CloudTrail files give all of their records', async () => {
    let records = 0;
    for (const name of readdirSync(join(data, 'invictus-aws')).filter((one) => one.endsWith('.json'))) {
      const one = await count(`invictus-aws/${name}`);
      expect([name, one.records, one.refused]).toEqual([name, one.enclosed, {}]);
      records += one.records;
    }
    expect(records).toBe(2_900);
  });
  it.each([
    ['real-servers/envoy', 240, 0, {}], ['real-servers/haproxy', 228, 0, { truncated: 1 }], ['real-servers/vault', 1000, 0, {}], ['real-servers/keycloak', 536, 0, {}],
    ['elastic-examples/apache_logs', 10_000, 0, {}], ['crowdsec-hub/envoy-logs/envoy.log', 10, 10, {}], ['opensearch-catalog/amazon_elb/sample.json', 56, 56, {}],
    ['plaso-test-data/gcp_logging.jsonl', 11, 0, {}],
  ])('%s', async (path, records, enclosed, refused) => expect(await count(path)).toEqual({ records, enclosed, refused }));
});
