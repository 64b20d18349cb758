import { describe, expect, test } from 'vitest';
import { emptyEvent, type TokenEvent } from '../../src/model/event.ts';
import { newIntent, type IntentState } from '../../src/model/intent.ts';
import { Activity } from '../../src/service/activity.ts';
import { Book } from '../../src/service/book.ts';
import { RecentEvents } from '../../src/service/recent-events.ts';
import { alertOf, incidentOf } from '../store/alerts.ts';
import { proposalOf } from './live-support.ts';

const nothing = { upTo: 1, alerts: [], incidents: [], intents: [] };
const hourMs = 3_600_000;

function eventOf(part: Partial<TokenEvent>): TokenEvent {
  return { ...emptyEvent('ecs', part.orderMs ?? 0), identityId: 'rates', ...part };
}

describe('the book', () => {
  test('filters, sorts, and pages so that what is new moves nothing', () => {
    const book = new Book((detector) => `title of ${detector}`);
    const alerts = Array.from({ length: 40 }, (_, place) => alertOf(`a${place}`, 1, {
      severity: [21, 47, 73, 99][place % 4]!, createdMs: place * 10, startMs: place * 10, bytesOut: place % 7, status: place % 5 === 0 ? 'closed' : 'open',
      first: { ...emptyEvent('ecs', place), identityName: `Service${place % 3}`, asOrganization: 'Example VPN', networkBlock: '192.0.2.0/24' },
    }));
    book.take({ ...nothing, alerts });
    const ids = (query: object, expected: number) => {
      const seen: string[] = [];
      let after: string | undefined;
      for (;;) {
        const page = book.alerts({ sort: 'newest', limit: 7, after, ...query });
        expect(page.total).toBe(expected);
        seen.push(...page.alerts.map(({ id }) => id));
        if (page.next === null) return seen;
        after = page.next;
      }
    };
    expect(ids({}, 40)).toEqual(alerts.map(({ id }) => id).reverse());
    expect(ids({ status: ['open'], severity: 73 }, 16)).toEqual(alerts.filter(({ status, severity }) => status === 'open' && severity >= 73).map(({ id }) => id).reverse());
    expect(ids({ sort: 'severity' }, 40)).toEqual([...alerts].sort((a, b) => b.severity - a.severity || b.createdMs - a.createdMs).map(({ id }) => id));
    expect(ids({ text: 'sErvice2 vpn', since: 100 }, 10)).toEqual(alerts.filter((_, place) => place >= 10 && place % 3 === 2).map(({ id }) => id).reverse());
    expect(ids({ text: 'nobody' }, 0)).toEqual([]);
    const { next } = book.alerts({ sort: 'newest', limit: 7 });
    book.take({ ...nothing, alerts: [alertOf('new', 1, { createdMs: 5000 })] });
    expect(book.alerts({ sort: 'newest', limit: 1, after: next! }).alerts[0]!.id).toBe('a32');
    expect(book.alerts({ sort: 'newest', limit: 1, after: 'no cursor' }).alerts[0]!.id).toBe('new');
  });

  test('tells where the response stands by the step that most wants an eye', () => {
    const book = new Book(() => '');
    const step = (id: string, state: IntentState) => ({ ...newIntent(proposalOf(id)), state });
    book.take({ ...nothing, alerts: [alertOf('a1', 1)], incidents: [{ ...incidentOf('i1', 1), alertIds: ['a1'] }], intents: [step('one', 'verified'), step('two', 'waiting_approval')] });
    expect(book.alert('a1')!.response).toEqual({ state: 'waiting_approval', steps: 2, waiting: 1, verified: 1 });
    book.take({ ...nothing, intents: [step('two', 'rejected')] });
    expect(book.alert('a1')!.response).toMatchObject({ state: 'verified', waiting: 0 });
    expect(book.intents({ limit: 1 })).toEqual({ ids: ['two'], total: 2 });
    expect(book.intents({ states: ['verified'], limit: 5 }).ids).toEqual(['one']);
    expect(book.incidents({ limit: 5 }).incidents).toMatchObject([{ id: 'i1', status: 'open', severity: 47, response: { steps: 2 } }]);
    expect(book.incidents({ status: ['closed'], limit: 5 }).total).toBe(0);
  });

  test('an incident that others were joined to has their alerts and steps as well', () => {
    const book = new Book(() => '');
    const step = (id: string, incidentId: string) => ({ ...newIntent({ ...proposalOf(id), incidentId }), state: 'ready' as const });
    const merged = { ...incidentOf('i2', 1), alertIds: ['a2'], mergedInto: 'i1' };
    book.take({
      ...nothing, alerts: [alertOf('a1', 1), alertOf('a2', 1, { incidentId: 'i2' })], intents: [step('one', 'i1'), step('two', 'i2')],
      incidents: [{ ...incidentOf('i1', 1), alertIds: ['a1', 'a2'], formerIds: ['i2'] }, merged],
    });
    expect(book.incidents({ limit: 5 }).incidents).toMatchObject([{ id: 'i1', kind: 'single', response: { steps: 2 } }]);
    expect(book.alerts({ sort: 'newest', limit: 5, incident: 'i1' }).total).toBe(2);
    expect([book.intents({ incident: 'i1', limit: 5 }).total, book.intents({ incident: 'i2', limit: 5 }).total]).toEqual([2, 1]);
    expect([book.alert('a2')!.response!.steps, book.incidentOf('i2')!.id]).toEqual([1, 'i1']);
  });

  test('has room for so many lines; the oldest go', () => {
    const book = new Book(() => '', 100);
    for (let place = 0; place < 500; place++) {
      const alerts = [alertOf(`a${place}`, 1, { endMs: place, first: eventOf({ token: 't' }) })];
      book.take({ ...nothing, alerts, incidents: [incidentOf(`i${place}`, 1, place)] });
    }
    const { total, alerts } = book.alerts({ sort: 'newest', limit: 500 });
    expect(total).toBeLessThanOrEqual(110);
    expect(alerts.map(({ id }) => id)).toContain('a499');
    expect(book.openAlertsOf('t')).toBe(total);
    expect(book.incidents({ limit: 1 }).total).toBeLessThanOrEqual(110);
  });
});

describe('activity', () => {
  test('is counted by hours and minutes of event time, in any order, as far back as it is kept', () => {
    const activity = new Activity();
    for (let hour = 0; hour < 1000; hour++) activity.note(eventOf({ orderMs: hour * hourMs + 5, bytesOut: hour }));
    activity.note(eventOf({ orderMs: 998 * hourMs, bytesOut: 1, partial: true }));
    activity.note(eventOf({ orderMs: 10 * hourMs, bytesOut: 1e9 }));
    activity.note(eventOf({ orderMs: 999 * hourMs, bytesOut: 1e9, authenticated: false }));
    const { hours, minutes } = activity.of('rates', 998 * hourMs, 998 * hourMs)!;
    expect([hours.startMs, hours.stepMs, hours.bytesOut.length]).toEqual([160 * hourMs, hourMs, 840]);
    expect(hours.bytesOut.slice(-3)).toEqual([997, 999, 999]);
    expect(hours.calls.slice(-3)).toEqual([1, 1, 1]);
    expect([hours.bytesOut[0], Math.max(...hours.bytesOut)]).toEqual([160, 999]);
    expect(minutes.startMs).toBe(998 * hourMs);
    expect(minutes.bytesOut.filter((bytes) => bytes > 0)).toEqual([999, 999]);
    expect(activity.of('rates', 5, 990 * hourMs)!.minutes.calls).toEqual([]);
    expect(activity.of('nobody', 0, 0)).toBeNull();
  });

  test('of too many identities, those that were active longest ago go', () => {
    const activity = new Activity();
    for (let place = 0; place < 5_100; place++) activity.note(eventOf({ identityId: `i${place}`, orderMs: place === 0 ? 1e9 : place }));
    expect(activity.size).toBeLessThanOrEqual(5_000);
    expect(['i0', 'i1', 'i5099'].map((id) => activity.of(id, 0, 0)).map((kept) => kept !== null)).toEqual([true, false, true]);
  });
});

test('the last events are found by what they name, newest first', () => {
  const recent = new RecentEvents(100);
  for (let place = 0; place < 250; place++) recent.note(eventOf({ id: `e${place}`, orderMs: place, sourceIp: `192.0.2.${place % 10}`, urlPath: place % 2 === 0 ? '/Rates' : '/orders' }));
  const found = (query: object, ids: ReadonlySet<string> | null = null) => {
    const { events, total, kept } = recent.find({ limit: 3, ...query }, ids);
    return [kept, total, ...events.map((event) => (event['event'] as { id: string }).id)];
  };
  expect(found({})).toEqual([100, 100, 'e249', 'e248', 'e247']);
  expect(found({ text: 'rates 192.0.2.4' })).toEqual([100, 10, 'e244', 'e234', 'e224']);
  expect(found({ address: '192.0.2.1', since: 240 })).toEqual([100, 1, 'e241']);
  expect(found({}, new Set(['e1', 'e200']))).toEqual([100, 1, 'e200']);
});

test('while very many events come in, some of each batch are kept', () => {
  const recent = new RecentEvents(300);
  let place = 0;
  const take = (count: number, nowMs: number): void => {
    for (let i = 0; i < count; i++) recent.note(eventOf({ id: `e${place++}` }));
    recent.committed(nowMs);
  };
  const ids = (limit: number): string[] => recent.find({ limit }, null).events.map((event) => (event['event'] as { id: string }).id);
  take(10, 0);
  take(300, 9_000);
  // The ring was full within ten seconds: of this batch the last hundred are kept, of the next, small one all.
  take(250, 9_100);
  take(2, 9_200);
  expect([...ids(3), ...ids(300).slice(101, 104)]).toEqual(['e561', 'e560', 'e559', 'e460', 'e309', 'e308']);
  for (let i = 0; i < 2; i++) take(100, 60_000);
  // That lap took long enough.
  take(250, 70_000);
  expect(ids(250).at(-1)).toBe('e762');
});
