import { expect, test } from 'vitest';
import { OutboxAge } from '../../src/service/outbox-age.ts';

test('it grows while something waits and nothing gets through', () => {
  const age = new OutboxAge();
  expect([age.of('siem', 0, null, 1_000), age.of('siem', 2, null, 2_000), age.of('siem', 2, null, 62_000)]).toEqual([0, 0, 60_000]);
  expect(age.of('hook', 1, null, 62_000)).toBe(0);
});

test('what gets through, and an empty outbox, begin it anew', () => {
  const age = new OutboxAge();
  age.of('siem', 9, null, 0);
  expect([age.of('siem', 5, 50_000, 60_000), age.of('siem', 0, 61_000, 62_000), age.of('siem', 1, 61_000, 3_600_000)]).toEqual([10_000, 0, 0]);
});
