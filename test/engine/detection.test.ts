import { expect, test } from 'vitest';
import { Detection } from '../../src/engine/detection.ts';
import type { Context, Detector } from '../../src/model/detector.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { defineState, u32, type RecordOf } from '../../src/model/state.ts';
import { RowTable } from '../../src/state/rows.ts';

const fields = { count: u32() };
type Counter = RecordOf<typeof fields>;
/** Counts what it sees of an identity. */
const counting = {
  id: 'counting', state: { identity: defineState(fields) },
  observe: (_event: TokenEvent, { identity }: { identity: Counter }) => {
    identity.count += 1;
    return null;
  },
} as unknown as Detector;

function openCounter(): { see: (identityId: string) => number; detection: Detection } {
  const detection = new Detection([{ detector: counting, values: {} }], (scope, parts) => new RowTable(scope, parts, { a: 1, b: 2 }), () => undefined);
  const { rows } = detection.tables('identity');
  const record = rows?.cursor<typeof fields>('counting') as Counter;
  return {
    detection,
    see(identityId) {
      const event = { ...emptyEvent('test', 0), identityId };
      detection.start(event);
      detection.observe(0, event, {} as Context, null, true);
      return record.count;
    },
  };
}

test('events of one key in a row go on with its record', () => {
  const { see } = openCounter();
  expect([see('a'), see('a'), see('b'), see('a'), see('a')]).toEqual([1, 2, 1, 3, 4]);
});

test('a record that was forgotten within a run begins anew', () => {
  const { see, detection } = openCounter();
  expect([see('a'), see('a')]).toEqual([1, 2]);
  detection.forget('identity', 'a');
  expect([see('a'), see('a')]).toEqual([1, 2]);
});

test('whoever looked at another row within a run leaves the run where it was', () => {
  const { see, detection } = openCounter();
  expect([see('b'), see('a'), see('a')]).toEqual([1, 1, 2]);
  const { rows } = detection.tables('identity');
  rows?.bind(rows.find('b'));
  expect([see('a'), see('b')]).toEqual([3, 2]);
});
