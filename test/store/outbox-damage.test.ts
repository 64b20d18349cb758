import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { StoreError } from '../../src/store/error.ts';
import { alertOf, batchOf, makeFolder, opened } from './support.ts';

test.each([
  ['an alert that is not there', "UPDATE outbox SET alert = 'x'"],
  ['a version that was never written', 'UPDATE outbox SET version = 9'],
])('%s is noticed', async (_, sql) => {
  const dir = makeFolder();
  const store = opened(dir);
  store.effects.outbox.subscribe([{ sink: 'one', wants: 'every', lane: 'bulk', wake: () => undefined }]);
  store.effects.commit(batchOf({ alerts: [alertOf('a', 1)] }));
  await store.close();
  const database = new DatabaseSync(`${dir}/effects.db`);
  database.exec(sql);
  database.close();
  expect(() => opened(dir).effects.outbox.take('one', 0, 1, 9)).toThrow(StoreError);
});
