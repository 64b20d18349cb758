import { describe, expect, it } from 'vitest';
import { CallerRows } from '../../src/engine/caller-rows.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { defineState, u32, type RecordOf } from '../../src/model/state.ts';
import { RowTable } from '../../src/state/rows.ts';

const fields = { uses: u32() };
const seed = { a: 1, b: 2 };
const table = (): RowTable => new RowTable('identity', { counter: defineState(fields) }, seed);
const use = (identityId: string | null, networkBlock: string | null, userAgent: string | null = 'curl'): TokenEvent => (
  { ...emptyEvent('test', 0), identityId, networkBlock, userAgent });

/** Counts a use of each caller's identity, as often as he comes. */
function count(rows: RowTable, callers: CallerRows, events: readonly TokenEvent[]): void {
  const record: RecordOf<typeof fields> = rows.cursor('counter');
  for (const event of events) {
    callers.turnTo(event);
    callers.bind(0, event.identityId as string);
    record.uses += 1;
  }
}

function usesOf(rows: RowTable, identityId: string): number {
  rows.bind(rows.row(identityId));
  return (rows.cursor('counter') as RecordOf<typeof fields>).uses;
}

describe('rows of callers', () => {
  it('are those that the table finds, however many callers there are and wherever they call from', () => {
    const rows = table();
    const identities = Array.from({ length: 20_000 }, (_, number) => `job-${number}`);
    const events = identities.flatMap((id, number) => [use(id, `10.0.${number % 256}.0/24`), use(id, null), use(id, '10.1.1.0/24', null)]);
    count(rows, new CallerRows([rows]), [...events, ...events]);
    expect(rows.size).toBe(identities.length);
    expect(new Set(identities.map((id) => usesOf(rows, id)))).toEqual(new Set([6]));
  });

  it('are found anew once a row was deleted, whose room another one has by now', () => {
    const rows = table();
    const callers = new CallerRows([rows, table()]);
    count(rows, callers, [use('first', null), use('first', null)]);
    rows.delete('first');
    count(rows, callers, [use('second', null), use('first', null)]);
    expect([usesOf(rows, 'first'), usesOf(rows, 'second')]).toEqual([1, 1]);
  });

  it('come with the key of network and program', () => {
    const callers = new CallerRows([]);
    const keys = [use('job', '10.0.0.0/24'), use('job', '10.0.0.0/24', null), use('job', null), use(null, '10.0.0.0/24')].map((event) => {
      callers.turnTo(event);
      return callers.sourceClient;
    });
    expect(keys).toEqual(['10.0.0.0/24|curl', '10.0.0.0/24|', null, '10.0.0.0/24|curl']);
  });
});
