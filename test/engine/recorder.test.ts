import { expect, test } from 'vitest';
import { maxKept, Recorder, type Recording } from '../../src/engine/recorder.ts';
import type { Alert } from '../../src/model/alert.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { RecordedUse, RecordingTotals } from '../../src/model/recorded.ts';
import { EntityMap } from '../../src/state/entities.ts';
import { alertOf } from '../store/alerts.ts';
import { use } from './harness.ts';

const dayHours = 24;

function recorder(parents: Readonly<Record<string, string>> = {}, recordings = new EntityMap<Recording>('recording')) {
  const uses: RecordedUse[] = [];
  const totals: RecordingTotals[] = [];
  const own = new Recorder({
    recordings, lineageOf: (token) => parents[token] ?? token,
    effects: { record: (one) => void uses.push(one), recorded: (one) => void totals.push(one) },
  });
  return { own, uses, totals, recordings, kept: () => uses.map(({ eventId }) => eventId) };
}

function alert(id: string, event: TokenEvent, part: Partial<Alert> = {}): Alert {
  return alertOf(id, 1, { incidentId: 'i', endMs: event.orderMs, tokens: event.token === null ? [] : [event.token], ...part });
}

test('from the first alert on everything of the lineage is kept, the owner\'s too, and nothing of others', () => {
  const { own, uses, kept } = recorder({ child: 'root', stolen: 'root' });
  const [before, hit, owner, child, other] = [
    use(0, 1, { token: 'stolen' }), use(1, 9, { token: 'stolen', networkBlock: 'away', objectId: '7' }), use(2, 1, { token: 'stolen' }),
    use(3, 2, { token: 'child', parent: 'root' }), use(4, 3, { token: 'other', parent: 'elsewhere' }),
  ];
  own.see(before, false);
  own.hit(alert('a', hit), 'id', hit);
  for (const event of [hit, owner, child, other]) own.see(event, false);
  expect(kept()).toEqual([hit.id, owner.id, child.id]);
  expect(uses[0]).toMatchObject({ incidentId: 'i', network: 'away', resource: 'store', object: '7', bytesOut: 9, isHop: false });
});

test('an alert without a token is about its identity', () => {
  const { own, kept } = recorder();
  const [hit, later, other] = [use(0, 1, { token: null }), use(1, 1, { token: null }), use(2, 1, { token: null, identityId: 'b' })];
  own.hit(alert('a', hit), 'a', hit);
  for (const event of [later, other]) own.see(event, false);
  expect(kept()).toEqual([hit.id, later.id]);
});

test('a log that tells of the same request is a hop', () => {
  const { own, uses } = recorder();
  const [hit, hop] = [use(0, 1), use(0, 1)];
  own.hit(alert('a', hit), 'a', hit);
  own.see(hop, true);
  expect(uses.map(({ isHop }) => isHop)).toEqual([false, true]);
});

test('it ends when the last alert is closed, and goes on when one is opened again and hit', () => {
  const { own, kept, totals } = recorder();
  const events = [0, 1, 2, 3].map((hour) => use(hour, 1));
  const [first, second] = [alert('a', events[0]!), alert('b', events[0]!)];
  for (const one of [first, second]) own.hit(one, 'a', events[0]!);
  own.closed(first);
  own.see(events[1]!, false);
  own.closed(second);
  own.see(events[2]!, false);
  expect(totals.at(-1)).toMatchObject({ incidentId: 'i', endedMs: second.endMs });
  own.hit(first, 'a', events[3]!);
  expect(totals.at(-1)?.endedMs).toBe(null);
  expect(kept()).toEqual([events[0]!.id, events[1]!.id, events[3]!.id]);
});

test('it ends by itself 14 days after the last hit', () => {
  const { own, kept, totals } = recorder();
  const [hit, within, after] = [use(0, 1), use(14 * dayHours, 1), use(14 * dayHours + 1, 1)];
  own.hit(alert('a', hit), 'a', hit);
  for (const event of [within, after, within]) own.see(event, false);
  expect(kept()).toEqual([hit.id, within.id]);
  expect(totals).toHaveLength(1);
});

test('beyond the bound it counts', () => {
  const { own, uses, totals } = recorder();
  const hit = use(0, 1);
  own.hit(alert('a', hit), 'a', hit);
  for (let more = 0; more < maxKept + 2; more++) own.see(use(1, 10), false);
  expect(uses).toHaveLength(maxKept);
  expect(totals.at(-1)).toMatchObject({ missedEvents: 3, missedBytes: 30 });
});

test('a restart changes nothing, also where two recordings follow one token', () => {
  const { own, recordings } = recorder();
  const [hit, later] = [use(0, 1), use(1, 1)];
  for (const incidentId of ['j', 'i', 'k']) own.hit(alert(`a${incidentId}`, hit, { incidentId }), 'a', hit);
  const copy = new EntityMap<Recording>('recording');
  for (const [id, recording] of recordings.all()) copy.set(id, structuredClone(recording));
  const again = recorder({}, copy);
  own.closed(alert('ai', hit));
  again.own.closed(alert('ai', hit));
  own.see(later, false);
  again.own.see(later, false);
  expect(again.uses).toEqual([expect.objectContaining({ incidentId: 'j', eventId: later.id })]);
});

test('what has ended makes room first', () => {
  const { own, recordings } = recorder();
  for (let place = 0; place < 1_001; place++) {
    const hit = use(place, 1, { token: `token-${place}` });
    const one = alert(`a${place}`, hit, { incidentId: `i${place}` });
    own.hit(one, 'a', hit);
    if (place === 700) own.closed(one);
  }
  expect([recordings.size, recordings.get('i700'), recordings.get('i0')?.endedMs]).toEqual([1_000, undefined, null]);
});
