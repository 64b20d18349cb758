import { expect, test } from 'vitest';
import type { Exception } from '../../src/model/exception.ts';
import type { Command } from '../../src/store/port.ts';
import { hourMs, startMs, use, world, type World } from './harness.ts';

const away = { networkBlock: '203.0.113.0/24', sourceIp: '203.0.113.7' };

/** An alert of the identity from elsewhere. */
function alarmed(): { own: World; id: string } {
  const own = world();
  for (let hour = 0; hour < 3; hour++) own.engine.process(use(hour, 10));
  own.engine.process(use(3, 100, away));
  return { own, id: [...own.alerts.keys()][0]! };
}

function quiet(alertId: string, fromHours: number, untilHours: number): Command {
  const exception: Exception = {
    name: `quiet-${alertId}`, kind: 'legacy', match: { identity: 'a' }, detectors: ['doubling'], networks: ['203.0.113.0/24'], reason: 'known', author: 'ann', approver: '',
    fromMs: startMs + fromHours * hourMs, untilMs: startMs + untilHours * hourMs,
  };
  return { kind: 'quiet', alertId, exception };
}

test('what people say of an alert is part of it', () => {
  const { own, id } = alarmed();
  const say = (command: Command): void => own.engine.command(command, false);
  const before = own.alerts.get(id)!.version;
  say({ kind: 'assign', alertId: id, owner: 'ann' });
  say({ kind: 'note', alertId: id, note: { atMs: 1, by: 'ann', text: 'Asked.' } });
  say({ kind: 'close', alertId: id, as: 'theft' });
  expect(own.alerts.get(id)).toMatchObject({ owner: 'ann', notes: [{ text: 'Asked.' }], closedAs: 'theft', status: 'closed', version: before + 3 });
  say({ kind: 'note', alertId: id, note: { atMs: 2, by: 'ben', text: 'After all.' } });
  say({ kind: 'reopen', alertId: id });
  say({ kind: 'assign', alertId: id, owner: null });
  const alert = own.alerts.get(id)!;
  expect([alert.notes?.length, alert.status, 'closedAs' in alert, 'owner' in alert]).toEqual([2, 'open', false, false]);
});

test('"it was me" is kept with the alert, once for each person, and changes nothing else', () => {
  const { own, id } = alarmed();
  const claim = (by: string, text: string): void => own.engine.command({ kind: 'claim', alertId: id, note: { atMs: 1, by, text } }, false);
  const { version, status, severity, count } = own.alerts.get(id)!;
  claim('oli', 'I am on a train.');
  claim('oli', 'Really.');
  claim('pat', 'No, I was.');
  expect(own.alerts.get(id)!.claims?.map(({ by, text }) => [by, text])).toEqual([['oli', 'I am on a train.'], ['pat', 'No, I was.']]);
  expect(own.alerts.get(id)).toMatchObject({ status, severity, count, version: version + 3 });
  // What deviates is told as before.
  own.engine.process(use(4, 1_000, away));
  expect(own.alerts.get(id)!.count).toBeGreaterThan(count);
  for (let place = 0; place < 20; place++) claim(`person-${place}`, 'Me too.');
  expect(own.alerts.get(id)!.claims).toHaveLength(10);
});

test('while it is quiet more of the same is counted and told to nobody', () => {
  const { own, id } = alarmed();
  own.engine.command(quiet(id, 3, 6), false);
  const told = own.alerts.get(id)!.count;
  own.engine.process(use(4, 1_000, away));
  expect([own.alerts.get(id)!.count, own.hidden.size]).toEqual([told, 1]);
  expect(own.alerts.get(id)!.quietUntilMs).toBe(startMs + 6 * hourMs);
  own.engine.process(use(5, 1_000, { networkBlock: '198.51.100.0/24', sourceIp: '198.51.100.7' }));
  expect(own.alerts.get(id)!.count).toBe(told + 1);
  own.engine.process(use(7, 50_000, away));
  expect(own.alerts.get(id)!.count).toBe(told + 2);
});

test('it can be taken back before its time', () => {
  const { own, id } = alarmed();
  own.engine.command(quiet(id, 3, 20), false);
  own.engine.command(quiet(id, 4, 4), false);
  const told = own.alerts.get(id)!.count;
  own.engine.process(use(5, 1_000, away));
  expect([own.alerts.get(id)!.count, own.hidden.size, 'quietUntilMs' in own.alerts.get(id)!]).toEqual([told + 1, 0, false]);
});

test('a block of addresses that is none hides nothing', () => {
  const { own, id } = alarmed();
  const command = quiet(id, 3, 20) as Extract<Command, { kind: 'quiet' }>;
  own.engine.command({ ...command, exception: { ...command.exception, networks: ['vpce-1'] } }, false);
  own.engine.process(use(5, 1_000, away));
  expect(own.hidden.size).toBe(0);
});
