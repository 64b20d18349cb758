import { describe, expect, test } from 'vitest';
import { defineDetector, type Detector } from '../../src/model/detector.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { Exception } from '../../src/model/exception.ts';
import { fates } from '../../src/model/fate.ts';
import { doubling, hourMs, startMs, use, world, type World } from './harness.ts';

const dayMs = 24 * hourMs;

function exception(fields: Partial<Exception> = {}): Exception {
  return {
    name: 'move', kind: 'migration', match: { identity: 'a' }, detectors: ['doubling'], networks: ['192.0.2.0/24', '2001:db8:1::/48'],
    reason: 'CHG-1', author: 'ann', approver: 'ben', fromMs: startMs, untilMs: startMs + 60 * dayMs, ...fields,
  };
}

const away = { networkBlock: 'elsewhere', sourceIp: '192.0.2.7' };

/** Five quiet hours, then what is hidden, where it is. */
function hidden(fields: Partial<Exception> = {}, event: Partial<TokenEvent> = {}, correlation = {}, hours = 6): World {
  const made = world(undefined, correlation, undefined, { exceptions: [exception(fields)], inventory: [] });
  for (let hour = 0; hour < 5; hour++) made.engine.process(use(hour, 100));
  made.engine.process(use(hours, 1_000, { ...away, ...event }));
  return made;
}

const counts = ({ alerts, hidden: kept }: World): readonly [number, number] => [alerts.size, kept.size];

describe('a finding is hidden', () => {
  test.each<[string, Partial<Exception>, Partial<TokenEvent>]>([
    ['from a named network', {}, {}],
    ['from a named network of the other version', {}, { sourceIp: '2001:db8:1:2::9' }],
    ['from anywhere, where no network is named', { kind: 'legacy', networks: [] }, { sourceIp: null }],
    ['by the public id of the token', { match: { handle: 'AKIA1' } }, { tokenHandle: 'AKIA1' }],
    ['by the name of the client', { match: { client: 'rates' } }, { userName: 'rates' }],
    ['by the id of the client', { match: { client: 'rates' } }, { userId: 'rates' }],
    ['where every key is equal', { match: { identity: 'a', handle: 'AKIA1', client: 'rates' } }, { tokenHandle: 'AKIA1', userId: 'rates' }],
    ['where nobody says whether the token was checked', {}, { authenticated: null }],
  ])('%s', (_, fields, event) => expect(counts(hidden(fields, event))).toEqual([0, 1]));
});

describe('an alert is raised', () => {
  test.each<[string, Partial<Exception>, Partial<TokenEvent>]>([
    ['from a third network', {}, { sourceIp: '198.51.100.1' }],
    ['from an unknown address', {}, { sourceIp: null }],
    ['by a detector that is not named', { detectors: ['other'] }, {}],
    ['for somebody else', { match: { identity: 'b' } }, {}],
    ['where one key differs', { match: { identity: 'a', handle: 'AKIA2' } }, { tokenHandle: 'AKIA1' }],
    ['for a name that only begins alike', { match: { client: 'rate' } }, { userName: 'rates' }],
    ['before it begins', { fromMs: startMs + 7 * hourMs }, {}],
    ['at the moment at which it ends', { untilMs: startMs + 6 * hourMs }, {}],
  ])('%s', (_, fields, event) => expect(counts(hidden(fields, event))).toEqual([1, 0]));

  test.each(['revoked', 'leaked', 'honeytoken'] as const)('of a token that is %s, whatever the exception says', (fate) => {
    const nothing = { sinceMs: () => null, placeBefore: () => 'unknown', formerUseMs: null, isKnown: () => true, honeytoken: () => null };
    const correlation = { fates: { ...nothing, of: () => fates[fate] } };
    expect(counts(hidden({}, {}, correlation))).toEqual([1, 0]);
  });

  test('by a detector whose findings are never hidden', () => {
    const sure = { ...doubling, id: 'sure' } as unknown as Detector;
    const made = world([sure], {}, undefined, { exceptions: [exception({ detectors: ['sure'] })], inventory: [] });
    made.engine.process(use(0, 100));
    made.engine.process(use(1, 1_000, away));
    expect(counts(made)).toEqual([1, 0]);
  });

  test('of a thief whom people confirmed', () => {
    const made = hidden({ fromMs: startMs + 8 * hourMs });
    const [alert] = [...made.alerts.values()];
    made.engine.command({ kind: 'close', alertId: alert!.id, as: 'theft' }, false);
    made.engine.process(use(9, 1_000, away));
    expect(counts(made)).toEqual([2, 0]);
  });
});

test('each hit is stored and counted under the name of what hides it, and is in no incident', () => {
  const made = hidden();
  for (let hour = 7; hour < 10; hour++) made.engine.process(use(hour, 5_000, away));
  expect(Array.from(made.hidden.values(), ({ hiddenBy, count, bytesOut, incidentId, evidenceFirst }) => [hiddenBy, count, bytesOut, incidentId, evidenceFirst.length]))
    .toEqual([['move', 4, 16_000, '', 4]]);
});

test('beside what is hidden, what deviates elsewhere raises its own alert', () => {
  const made = hidden();
  made.engine.process(use(7, 1_000, { networkBlock: 'third', sourceIp: '198.51.100.1' }));
  expect(counts(made)).toEqual([1, 1]);
  expect([...made.alerts.values()][0]!.networks).toEqual(['third']);
});

test('another exception has its own record of what it hid', () => {
  const made = hidden();
  made.exceptions.replace({ exceptions: [exception({ name: 'second' })], inventory: [] });
  made.engine.process(use(7, 9_000, away));
  expect(Array.from(made.hidden.values(), ({ hiddenBy }) => hiddenBy)).toEqual(['move', 'second']);
});

describe('when it is over', () => {
  const after = (kind: Exception['kind'], days: number): World => {
    const made = hidden({ kind, untilMs: startMs + days * dayMs });
    for (let day = 1; day < days + 2; day++) made.engine.process(use(day * 24, 1_000, away));
    return made;
  };

  test('what was hidden is told again', () => expect(counts(after('legacy', 5))).toEqual([1, 1]));
  test('also what went on for longer than what is normally accepted', () => expect(counts(after('legacy', 40))[0]).toBe(1));
  test('but the new place of a migration of 14 days is normal by then', () => expect(counts(after('migration', 40))).toEqual([0, 1]));
  test('nothing of it was learned before', () => {
    const made = hidden({ kind: 'legacy' });
    for (let day = 1; day < 40; day++) made.engine.process(use(day * 24, 1_000, away));
    expect(made.most('a')).toBe(100);
  });
});

describe('what is kept for emergencies', () => {
  const marked = defineDetector({
    id: 'marked', title: '', alertTitle: '', state: {}, parameters: {}, attack: [], owaspNhi: [], cases: [], restsOn: 'lifecycle', grace: '', blindSpots: [],
    acceptance: '', fates: fates.breakGlass, wants: () => true,
    observe: () => ({ severity: 73, surpriseBits: 20, confidence: 1, reason: '', baseline: {}, observed: {}, deviates: 'token' }),
  }) as unknown as Detector;
  const line = { match: { handle: 'AKIA1' }, workload: null, kind: null, owner: null };
  const ended = exception({ kind: 'break-glass', match: { handle: 'AKIA1' }, untilMs: startMs + 1 });

  test.each([
    ['is told by the inventory', { exceptions: [], inventory: [{ ...line, breakGlass: true as const }] }, 1],
    ['is told by an exception, also when that has ended', { exceptions: [ended], inventory: [] }, 1],
    ['is nothing else of the inventory', { exceptions: [exception()], inventory: [line] }, 0],
  ])('%s', (_, settings, expected) => {
    const made = world([marked], {}, undefined, settings);
    made.engine.process(use(1, 1, { tokenHandle: 'AKIA1' }));
    made.engine.process(use(2, 1, { tokenHandle: 'AKIA2' }));
    expect(made.alerts.size).toBe(expected);
  });
});
