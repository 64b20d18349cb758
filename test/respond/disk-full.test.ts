import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeFolder, opened } from '../store/support.ts';
import { proposalOf, Rig } from './support.ts';

// Where nothing can be noted, nothing is done.

/** The connection of the next store that is opened to its effects. */
function effectsConnection(): () => DatabaseSync {
  const seen = new Set<DatabaseSync>();
  // eslint-disable-next-line typescript/unbound-method -- called with its own receiver below
  const { exec } = DatabaseSync.prototype;
  const spy = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function remember(this: DatabaseSync, sql: string) {
    seen.add(this);
    return exec.call(this, sql);
  });
  onTestFinished(() => spy.mockRestore());
  return () => [...seen].find((one) => one.location()?.endsWith('effects.db') === true)!;
}

/** Lets the file grow no more, and fills what is left in it. */
function fill(rig: Rig, connection: DatabaseSync): void {
  const { page_count: pages } = connection.prepare('PRAGMA page_count').get() as { page_count: number };
  connection.exec(`PRAGMA max_page_count = ${pages}`);
  for (const length of [4_000, 400, 40, 4]) {
    const note = { timeMs: 1, kind: 'test', actor: 'test', subject: 'x'.repeat(length), detail: {} };
    try {
      for (;;) rig.store.effects.transact(() => ({ audit: [note] }));
    } catch {
      // Notes of this length do not fit any more.
    }
  }
}

function begin(): { rig: Rig; connection: DatabaseSync; ended: () => Promise<unknown> } {
  const find = effectsConnection();
  const rig = new Rig(opened(makeFolder()));
  return { rig, connection: find(), ended: () => rig.executor.start().then(() => null, (error: unknown) => error) };
}

test('what was proposed before the disk was full is not done, and somebody is called', async () => {
  const { rig, connection, ended } = begin();
  rig.propose(...Array.from({ length: 50 }, (_, place) => proposalOf(`token-${place}`)));
  fill(rig, connection);
  const end = ended();
  await rig.timing.pass(60_000);
  expect(String(await end)).toMatch(/the disk is full/);
  expect([rig.provider.calls, rig.pages()]).toEqual([[], ['store_failed']]);
});

test('full when it is ready, nothing is sent; with room again, the next life does it', async () => {
  const { rig, connection, ended } = begin();
  rig.killSwitch.set('ann', 'wait', 0);
  rig.propose(proposalOf('a'));
  const end = ended();
  await rig.timing.pass(3_000);
  expect(rig.stands('a-0')).toBe('ready: policy');
  fill(rig, connection);
  rig.killSwitch.clear();
  await rig.timing.pass(10_000);
  expect(String(await end)).toMatch(/the disk is full/);
  expect([rig.provider.calls, rig.pages().at(-1), rig.stands('a-0')]).toEqual([[], 'store_failed', 'ready: policy']);
  await rig.store.close();
  const next = new Rig(opened(rig.store.dir), {}, rig.timing, rig.provider);
  onTestFinished(() => next.stop());
  next.start();
  await next.timing.pass(5_000);
  expect(next.stands('a-0')).toBe('verified: probed');
});
