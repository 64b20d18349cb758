import { expect, test } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import { configure, temporaryFolder } from '../end-to-end/support.ts';

// What came again after a crash was journalled once more. Killed a second time before a checkpoint, the next life expected it all twice: it
// waited for inputs that no feed had, or took new ones for old, and took no command meanwhile.

test('killed while the inputs of an interrupted run come again, the next life expects them once', async () => {
  const dataDir = temporaryFolder();
  const open = (): Assembly => assemble({ configuration: configure(''), dataDir, format: null, onEvent: () => undefined, warn: () => undefined });
  const first = open();
  for (const feed of ['a', 'b', 'a']) first.loop.takeAll(feed, '1', []);
  first.loop.commit();
  await first.store.close();

  const second = open();
  for (const feed of ['a', 'b']) second.loop.takeAll(feed, '1', []);
  // Not all has come again, so this is none.
  await second.loop.checkpoint();
  await second.loop.settled();
  await second.store.close();

  const third = open();
  const expected: string[] = [];
  for (let next = third.loop.expected; next?.kind === 'read' && expected.length < 10; next = third.loop.expected) {
    expected.push(next.feed);
    third.loop.takeAll(next.feed, '1', []);
  }
  expect(expected).toEqual(['a', 'b', 'a']);
  third.loop.takeAll('c', '1', []);
  await third.loop.checkpoint();
  await third.loop.settled();
  await third.store.close();
  const fourth = open();
  expect([fourth.loop.expected, fourth.loop.diverged]).toEqual([null, false]);
  await fourth.store.close();
});
