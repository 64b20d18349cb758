import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { companyWithThefts, fileOf } from '../support/logs/thefts.ts';
import { run, temporaryFolder } from './support.ts';

// How many events the sorter holds, and what it left on disk by the time it hands them over.
const sorter = vi.hoisted(() => ({ maxInMemory: 1_000_000, folder: '', files: [] as string[] }));
vi.mock(import('../../src/ingest/sort/sorter.ts'), async (original) => {
  const { EventSorter, ...rest } = await original();
  return {
    ...rest,
    EventSorter: class extends EventSorter {
      constructor() {
        super({ maxInMemory: sorter.maxInMemory, folder: sorter.folder });
      }

      override *finish(): ReturnType<InstanceType<typeof EventSorter>['finish']> {
        const entries = readdirSync(sorter.folder, { recursive: true, withFileTypes: true });
        sorter.files = entries.filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
        yield* super.finish();
      }
    },
  };
});

/** Would be a secret anywhere in a record. */
const canary = 'canary-9c1f04e7-of-the-spilled';

test('events that went over the disk are the same, and hold no secret there', async () => {
  sorter.folder = temporaryFolder();
  const thefts = companyWithThefts({ seed: 23, services: 3, days: 10, callsADay: 20, thefts: 1, stolenCalls: 60 });
  const inputs = temporaryFolder();
  const withSecrets = thefts.gateway.map((line) => JSON.stringify({
    ...JSON.parse(line) as object, authorization: `Bearer ${canary}`, cookie: `session=${canary}`,
  }).replace('?zone=', `?access_token=${canary}&zone=`));
  writeFileSync(join(inputs, 'gateway.ndjson'), fileOf(withSecrets));
  writeFileSync(join(inputs, 'cloud.ndjson'), fileOf(thefts.cloud));
  writeFileSync(join(inputs, 'realm.ndjson'), fileOf(thefts.realm));
  const inMemory = await run([inputs]);
  expect(sorter.files).toEqual([]);
  sorter.maxInMemory = 7;
  const spilled = await run([inputs]);
  expect(sorter.files.length).toBeGreaterThan(3);
  expect(sorter.files.join('').split('\n').length).toBeGreaterThan(inMemory.statistics.events / 2);
  expect(sorter.files.filter((text) => text.includes(canary))).toEqual([]);
  expect(readdirSync(sorter.folder)).toEqual([]);
  expect(spilled.eventsText === inMemory.eventsText).toBe(true);
  expect(spilled.alertsText === inMemory.alertsText).toBe(true);
  expect(inMemory.alerts.length).toBeGreaterThan(0);
});
