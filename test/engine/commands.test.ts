import { describe, expect, test } from 'vitest';
import { Denials } from '../../src/engine/denials.ts';
import type { Alert } from '../../src/model/alert.ts';
import { EntityMap } from '../../src/state/entities.ts';
import type { Command } from '../../src/store/port.ts';
import { use, world, type World } from './harness.ts';

/** Quiet history of identity `a` from home, then a thief's hits from elsewhere. */
function robbed(stored: (id: string) => Alert | null = () => null): { world: World; alert: Alert } {
  const made = world(undefined, {}, stored);
  for (let hour = 0; hour < 5; hour++) made.engine.process(use(hour, 100));
  made.engine.process(use(6, 1_000, { networkBlock: 'elsewhere' }));
  made.engine.process(use(7, 900, { networkBlock: 'elsewhere' }));
  return { world: made, alert: [...made.alerts.values()][0]! };
}

const later = (hours: number, bytes: number, networkBlock: string) => use(hours, bytes, { networkBlock });

describe('closing', () => {
  test.each(['benign', 'false_alarm'] as const)('as %s accepts what deviated: it is normal from here on', (as) => {
    const { world: { engine, alerts, most }, alert } = robbed();
    engine.command({ kind: 'close', alertId: alert.id, as }, false);
    expect(alerts.get(alert.id)).toMatchObject({ status: 'closed', version: alert.version + 1 });
    expect(most('a')).toBe(1_000);
    engine.process(later(8, 1_500, 'elsewhere'));
    expect(alerts.size).toBe(1);
  });

  test('as theft drops what deviated: it goes on raising, and is never learned', () => {
    const { world: { engine, alerts, most }, alert } = robbed();
    engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false);
    expect(most('a')).toBe(100);
    for (let day = 1; day < 40; day++) engine.process(later(24 * day, 1_000, 'elsewhere'));
    expect([...alerts.values()].filter(({ status }) => status === 'open').length).toBeGreaterThan(0);
    expect(most('a')).toBe(100);
    engine.process(later(24 * 41, 150, 'elsewhere'));
    expect(most('a')).toBe(100);
    // The owner goes on as before, and is learned from.
    engine.process(later(24 * 41, 150, 'home'));
    expect(most('a')).toBe(150);
  });

  test('what comes after it is another alert', () => {
    const { world: { engine, alerts }, alert } = robbed();
    engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false);
    engine.process(later(8, 1_000, 'elsewhere'));
    expect(alerts.size).toBe(2);
    expect(alerts.get(alert.id)!.status).toBe('closed');
  });
});

test('acknowledged and amended, an alert has a new version and goes on', () => {
  const { world: { engine, alerts }, alert } = robbed();
  engine.command({ kind: 'acknowledge', alertId: alert.id }, false);
  engine.command({ kind: 'amend', alertId: alert.id }, false);
  expect(alerts.get(alert.id)).toMatchObject({ status: 'acknowledged', version: alert.version + 2 });
  engine.process(later(8, 3_000, 'elsewhere'));
  expect(alerts.get(alert.id)).toMatchObject({ status: 'acknowledged', count: alert.count + 1, version: alert.version + 3 });
});

describe('an alert whose episode is over', () => {
  test('is changed as the store has it', () => {
    const { world: { engine, alerts }, alert } = robbed((id) => ({ ...alert, id, version: 7 }));
    engine.command({ kind: 'amend', alertId: 'old' }, false);
    engine.command({ kind: 'close', alertId: 'older', as: 'benign' }, false);
    expect([alerts.get('old')!.version, alerts.get('older')]).toMatchObject([8, { version: 8, status: 'closed' }]);
  });

  test('is left alone where the command has done its work before a crash', () => {
    const { world: { engine, alerts }, alert } = robbed((id) => ({ ...alert, id, version: 7 }));
    engine.command({ kind: 'amend', alertId: 'old' }, true);
    expect(alerts.has('old')).toBe(false);
    engine.command({ kind: 'amend', alertId: alert.id }, true);
    expect(alerts.get(alert.id)!.version).toBe(alert.version + 1);
  });

  test('that nobody knows changes nothing', () => {
    const { world: { engine, alerts }, alert } = robbed();
    engine.command({ kind: 'close', alertId: 'nobody', as: 'theft' }, false);
    expect([...alerts.keys()]).toEqual([alert.id]);
  });
});

describe('what is denied', () => {
  const denials = () => new Denials(new EntityMap('theft'));
  const theft = (tokens: string[], networks: string[]) => ({ tokens, networks }) as unknown as Alert;

  test('a stolen token only together with the thief\'s network, a network by itself', () => {
    const made = denials();
    made.add('a', 'token', theft(['token-a'], ['elsewhere']));
    made.add('b', 'network', theft(['token-b'], ['elsewhere']));
    const covered = (identity: string, token: string, network: string) => made.covers(identity, use(0, 1, { token, networkBlock: network }));
    expect([covered('a', 'token-a', 'elsewhere'), covered('a', 'token-a', 'home'), covered('a', 'token-c', 'elsewhere')]).toEqual([true, false, false]);
    expect([covered('b', 'token-c', 'elsewhere'), covered('b', 'token-b', 'home'), covered('c', 'token-b', 'elsewhere')]).toEqual([true, false, false]);
  });

  test('follows the identity to its real owner; of very many thefts the oldest are forgotten', () => {
    const made = denials();
    made.add('token:x', 'network', theft([], ['elsewhere']));
    made.rename('token:x', 'a');
    expect([made.covers('token:x', use(0, 1, { networkBlock: 'elsewhere' })), made.covers('a', use(0, 1, { networkBlock: 'elsewhere' }))]).toEqual([false, true]);
    for (let number = 0; number < 64; number++) made.add('a', 'network', theft([], [`network-${number}`]));
    expect([made.covers('a', use(0, 1, { networkBlock: 'elsewhere' })), made.covers('a', use(0, 1, { networkBlock: 'network-0' }))]).toEqual([false, true]);
  });
});

describe('opening again', () => {
  test.each(['benign', 'false_alarm'] as const)('what was closed as %s takes back what was learned by it', (as) => {
    const { world: { engine, alerts, most }, alert } = robbed();
    engine.command({ kind: 'close', alertId: alert.id, as }, false);
    expect(most('a')).toBe(1_000);
    engine.command({ kind: 'reopen', alertId: alert.id }, false);
    expect(most('a')).toBe(100);
    expect(alerts.get(alert.id)).toMatchObject({ status: 'open', version: alert.version + 2 });
    // It goes on as if nobody had said anything: no second alert, and the shadow knows what deviated.
    engine.process(later(8, 1_500, 'elsewhere'));
    expect([alerts.size, alerts.get(alert.id)!.count, most('a')]).toEqual([1, alert.count + 1, 100]);
    engine.command({ kind: 'close', alertId: alert.id, as: 'benign' }, false);
    expect(most('a')).toBe(1_500);
  });

  test('what was closed as theft is no thief\'s any more, and what the owner did since stays learned', () => {
    const { world: { engine, alerts, most }, alert } = robbed();
    engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false);
    engine.process(later(8, 150, 'home'));
    engine.command({ kind: 'reopen', alertId: alert.id }, false);
    engine.command({ kind: 'close', alertId: alert.id, as: 'benign' }, false);
    expect([alerts.get(alert.id)!.status, most('a')]).toEqual(['closed', 1_000]);
    engine.process(later(9, 1_800, 'elsewhere'));
    expect([alerts.size, most('a')]).toEqual([1, 1_800]);
  });

  test('while the same deviates anew leaves the new alert alone', () => {
    const { world: { engine, alerts, most }, alert } = robbed();
    engine.command({ kind: 'close', alertId: alert.id, as: 'theft' }, false);
    engine.process(later(8, 1_000, 'elsewhere'));
    engine.command({ kind: 'reopen', alertId: alert.id }, false);
    engine.process(later(9, 1_000, 'elsewhere'));
    const [former, next] = [...alerts.values()];
    expect([former!.status, former!.count, next!.status, next!.count, most('a')]).toEqual(['open', alert.count, 'open', 2, 100]);
  });

  test('an alert that is over is opened in the store; one that changed while it was closed has a higher version', () => {
    const { world: { engine, alerts }, alert } = robbed((id) => ({ ...alert, id, version: 7, status: 'closed' }));
    engine.command({ kind: 'reopen', alertId: 'old' }, false);
    expect(alerts.get('old')).toMatchObject({ version: 8, status: 'open' });
    for (const kind of ['close', 'amend', 'reopen'] as const) engine.command({ kind, alertId: alert.id, as: 'benign' } as Command, false);
    expect(alerts.get(alert.id)).toMatchObject({ version: alert.version + 3, status: 'open' });
  });
});
