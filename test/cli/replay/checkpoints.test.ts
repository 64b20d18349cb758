import { expect, test } from 'vitest';
import { CheckpointRule } from '../../../src/cli/replay/checkpoints.ts';
import { EntityMap } from '../../../src/state/entities.ts';
import type { State } from '../../../src/state/state.ts';

/** A state of one kind of entities, which counts as the real one does. */
function stateOf(entities: EntityMap<number>): State {
  return { get waiting() { return entities.dirtyCount; } } as unknown as State;
}

function timesDue(rule: CheckpointRule, batches: number, nowMs: number): number {
  return Array.from({ length: batches }, () => rule.isDue(nowMs)).filter((due) => due).length;
}

test('a state that is forgotten is written only once much waits for it', () => {
  const entities = new EntityMap<number>('texts');
  const rule = new CheckpointRule(stateOf(entities), false, 0);
  for (let i = 0; i < 30_000; i++) entities.set(`key ${i}`, i);
  expect(timesDue(rule, 100, 1e9)).toBe(0);
  for (let i = 0; i < 60_000; i++) entities.set(`gone ${i}`, i);
  entities.takeDirty();
  entities.checkpointDone();
  expect(timesDue(rule, 100, 1e9)).toBe(0);
  // What was written and is deleted takes memory until the store knows of it, too.
  for (let i = 0; i < 60_000; i++) entities.delete(`gone ${i}`);
  expect(timesDue(rule, 100, 1e9)).toBeGreaterThan(1);
});

test('a state that is kept is written by time, whatever waits', () => {
  const rule = new CheckpointRule(stateOf(new EntityMap<number>('texts')), true, 5000);
  expect(timesDue(rule, 100, 6000)).toBe(0);
  expect(timesDue(rule, 100, 10_000)).toBe(1);
  expect(timesDue(rule, 100, 11_000)).toBe(0);
});
