import { expect, onTestFinished, test } from 'vitest';
import { beginMs, ManualTiming, minuteMs, Provider, proposalOf, Rig } from '../respond/support.ts';
import { opened } from '../store/support.ts';

// A denial was accepted, and the service was down for longer than gateways get to fetch their list. The next life asked at once, before any
// gateway could have fetched, heard "alive", and called somebody.

test('who could not fetch while the service was down gets the whole exposure window again', async () => {
  const store = opened(null);
  const provider = new Provider();
  provider.lies = true;
  const first = new Rig(store, {}, undefined, provider);
  first.start();
  first.propose(proposalOf('a'));
  await first.timing.pass(1_000);
  expect(first.stands('a-0')).toBe('accepted: done');
  await first.stop();

  const timing = new ManualTiming();
  timing.nowMs = beginMs + 60 * minuteMs;
  const second = new Rig(store, {}, timing, provider);
  onTestFinished(() => second.stop());
  second.start();
  await timing.pass(1_000);
  expect(second.stands('a-0')).toBe('accepted: done');
  provider.dead.add('a');
  await timing.pass(5 * minuteMs);
  expect(second.stands('a-0')).toBe('verified: probed');
});
