import { expect, test } from 'vitest';
import { Partials } from '../../src/engine/partials.ts';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { EntityMap } from '../../src/state/entities.ts';

const hourMs = 3_600_000;

function part(hours: number, bytes: number, partial: boolean, requestId = 'r'): TokenEvent {
  return Object.assign(emptyEvent('test', hours * hourMs), { requestId, responseBytes: bytes, bytesOut: bytes, partial });
}

function shares(events: readonly TokenEvent[], capacity?: number): (number | null)[] {
  const partials = new Partials(new EntityMap('running-request'), capacity);
  return events.map((event) => {
    partials.share(event);
    return event.bytesOut;
  });
}

test('the parts of a request add up to it', () => {
  expect(shares([part(0, 10, true), part(1, 30, true), part(2, 35, false)])).toEqual([10, 20, 5]);
});

test('a request that is logged once counts once, whatever runs beside it', () => {
  expect(shares([part(0, 10, true), part(0, 50, false, 'other'), part(1, 20, false)])).toEqual([10, 50, 10]);
});

test('the same id after the end is another request', () => {
  expect(shares([part(0, 10, true), part(1, 20, false), part(2, 15, false)])).toEqual([10, 10, 15]);
});

test('a sum that went down counts nothing rather than less than nothing', () => {
  expect(shares([part(0, 10, true), part(1, 5, true), part(2, 12, false)])).toEqual([10, 0, 2]);
});

test('without room, the end tells the whole; room comes back when requests were forgotten', () => {
  const events = [part(0, 10, true, 'a'), part(0, 10, true, 'b'), part(1, 12, false, 'b'), part(30, 9, true, 'c')];
  expect(shares(events, 1)).toEqual([10, null, 12, 9]);
});
