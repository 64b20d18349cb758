import { describe, expect, test } from 'vitest';
import type { Detector } from '../../src/model/detector.ts';
import { doubling, use, world } from './harness.ts';

const dayHours = 24;

describe('the path of one event', () => {
  test('a quiet event is learned and raises nothing', () => {
    const { engine, alerts, most } = world();
    for (let hour = 0; hour < 10; hour++) expect(engine.process(use(hour, 100))).toBe('event');
    expect(alerts.size).toBe(0);
    expect(most('a')).toBe(100);
  });

  test('what deviates raises an alert and is not learned, by the caller or by what it shares', () => {
    const { engine, alerts, most, resourceSum } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    expect([...alerts.values()]).toMatchObject([{ detector: 'doubling', count: 1, reason: '5000 after 100', networks: ['away'] }]);
    expect(most('a')).toBe(100);
    expect(resourceSum('store')).toBe(100);
  });

  test('what goes on deviating joins the alert, and is judged by the shadow', () => {
    const { engine, alerts } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    engine.process(use(1.1, 6_000, { networkBlock: 'away' }));
    engine.process(use(1.2, 50_000, { networkBlock: 'away' }));
    const [alert] = [...alerts.values()];
    expect(alerts.size).toBe(1);
    expect(alert?.evidenceFirst).toHaveLength(3);
    expect(alert).toMatchObject({ count: 3, bytesOut: 61_000, version: 3, reason: '5000 after 100' });
  });

  test('the owner goes on learning beside the deviation', () => {
    const { engine, most } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    engine.process(use(2, 150));
    expect(most('a')).toBe(150);
  });

  test('a deviation of another network joins the same open alert', () => {
    const { engine, alerts } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    engine.process(use(2, 5_000, { networkBlock: 'elsewhere' }));
    const [alert] = [...alerts.values()];
    expect(alert).toMatchObject({ count: 2, networks: ['away', 'elsewhere'] });
    expect(alert?.announced.map(({ bytesOut }) => bytesOut)).toEqual([5_000, 10_000]);
  });

  test('a hit a day after the last one opens a new alert', () => {
    const { engine, alerts } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    engine.process(use(1 + dayHours + 1, 50_000, { networkBlock: 'away' }));
    expect([...alerts.values()].map((alert) => alert.count)).toEqual([1, 1]);
    expect(new Set(alerts.keys()).size).toBe(2);
  });

  test('a change left untouched for 14 days is accepted: the shadow takes the place of the record', () => {
    const { engine, alerts, most } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    for (let day = 1; day <= 16; day++) engine.process(use(1 + day * dayHours, 5_000, { networkBlock: 'away' }));
    expect(alerts.size).toBe(1);
    expect(most('a')).toBe(5_000);
  });

  test('a detector that can merge keeps what the owner learned beside it, and shared records learn what was accepted', () => {
    const merging = {
      ...doubling,
      accept: {
        identity: (record, shadow) => { record.most += shadow.most; },
        resource: (record, shadow) => { record.sum += shadow.sum; },
      },
    } satisfies typeof doubling;
    const { engine, most, resourceSum } = world([merging as unknown as Detector]);
    engine.process(use(0, 100));
    engine.process(use(1, 5_000, { networkBlock: 'away' }));
    engine.process(use(2, 7, { networkBlock: 'away', resourceId: 'other' }));
    expect(resourceSum('store')).toBe(100);
    for (let day = 1; day <= 16; day++) engine.process(use(day * dayHours, 150));
    expect(most('a')).toBe(150 + 5_000);
    expect(resourceSum('store')).toBe(100 + 16 * 150 + 5_100);
    expect(resourceSum('other')).toBe(7);
  });

  test('an event that repeats under its exact id counts once within 75 minutes', () => {
    const { engine } = world();
    expect(engine.process(use(0, 1, { dataset: 'repeating', id: 'x' }))).toBe('event');
    expect(engine.process(use(1, 1, { dataset: 'repeating', id: 'x' }))).toBe('duplicate');
    expect(engine.process(use(1, 1, { dataset: 'other', id: 'x' }))).toBe('event');
  });

  test('a late event is judged, marked late, and not learned', () => {
    const { engine, alerts, most } = world();
    engine.process(use(0, 100));
    engine.process(use(10, 100));
    engine.process(use(5, 150));
    expect(most('a')).toBe(100);
    engine.process(use(5, 5_000, { networkBlock: 'away' }));
    expect([...alerts.values()]).toMatchObject([{ late: true }]);
  });

  test('partitions hours apart: what is late is the same however they are read in turn', () => {
    /** Two partitions of one source, five hours apart, each with one late record of a thief. */
    const partitions = [0, 5].map((ahead) => [0, 1, 2, 3, 1.5, 4, 6].map((hour, place) => use(ahead + hour, hour === 1.5 ? 5_000 : 100 + place, {
      source: 'gateway', path: `gateway.access/${ahead}`, identityId: `user-${ahead}`, token: `token-${ahead}`, networkBlock: hour === 1.5 ? 'away' : 'home',
    })));
    const orders = [
      [...partitions[0]!, ...partitions[1]!], [...partitions[1]!, ...partitions[0]!], partitions[0]!.flatMap((event, place) => [event, partitions[1]![place]!]),
      partitions[1]!.flatMap((event, place) => [event, partitions[0]![place]!]),
    ];
    const found = orders.map((order) => {
      const { engine, alerts, most } = world();
      for (const event of order) engine.process(structuredClone(event));
      const told = [...alerts.values()].map(({ first, late, count }) => `${first.identityId} ${late} ${count}`).sort();
      return { told, most: ['user-0', 'user-5'].map((user) => most(user)) };
    });
    expect(found[0]).toEqual({ told: ['user-0 true 1', 'user-5 true 1'], most: [106, 106] });
    for (const each of found) expect(each).toEqual(found[0]);
  });

  test('a record of the far future in one log makes no record of another log late', () => {
    const { engine, most } = world();
    engine.process(use(0, 100, { source: 'gateway' }));
    engine.process(use(1_000_000, 100, { source: 'realm' }));
    engine.process(use(1, 150, { source: 'gateway' }));
    expect(most('a')).toBe(150);
  });

  test('a detector that throws skips the event, its record is restored, the rest goes on', () => {
    const { engine, alerts, most, errors } = world();
    engine.process(use(0, 100));
    engine.process(use(1, 100, { action: 'throw' }));
    expect(most('a')).toBe(100);
    expect(errors).toEqual(['doubling']);
    engine.process(use(2, 5_000));
    expect(alerts.size).toBe(1);
  });

  test('ids are those of the first deviating event, whatever came before', () => {
    const first = use(1, 5_000, { networkBlock: 'away', id: 'fixed' });
    const ids = [0, 1].map(() => {
      const { engine, alerts } = world();
      engine.process(use(0, 100));
      engine.process({ ...first });
      return [...alerts.keys()];
    });
    expect(ids[0]).toEqual(ids[1]);
  });
});

describe('late binding', () => {
  test('provisional rows are dropped, the alert is amended and what was observed counts for the owner', () => {
    const observations = [use(0, 100, { identityId: 'a' }), use(1, 100, { identityId: 'a' })];
    const { engine, alerts, most } = world(undefined, {
      correlate: (event) => ({
        event, released: [],
        bound: event.action === 'bind' ? [{ provisionalId: 'token:x', identityId: 'a', identityName: 'Alice', token: 'x', formerToken: null, observations }] : [],
      }),
    });
    engine.process(use(0, 100, { identityId: 'token:x' }));
    engine.process(use(1, 9_000, { identityId: 'token:x', networkBlock: 'away' }));
    engine.process(use(2, 100, { action: 'bind' }));
    expect(most('token:x')).toBe(0);
    expect(most('a')).toBe(100);
    expect([...alerts.values()]).toMatchObject([{ version: 2, first: { identityId: 'a', identityName: 'Alice' } }]);
  });
});

describe('incidents', () => {
  test('alerts on one lineage share an incident; lineage joins two into the older one', () => {
    const { engine, alerts } = world(undefined, { lineageOf: (token) => (token === 'token-c' ? 'token-b' : token) });
    const steal = (hours: number, identityId: string, token: string) => {
      engine.process(use(hours, 100, { identityId, token }));
      engine.process(use(hours + 0.5, 5_000, { identityId, token, networkBlock: 'away' }));
    };
    steal(0, 'a', 'token-a');
    steal(1, 'b', 'token-b');
    steal(2, 'c', 'token-c');
    const incidents = [...alerts.values()].map((alert) => alert.incidentId);
    expect(incidents[0]).not.toBe(incidents[1]);
    expect(incidents[2]).toBe(incidents[1]);
  });

  test('alerts of an incident that is joined to an older one are told again, with where they belong now', () => {
    const lineage: Record<string, string> = {};
    const { engine, alerts } = world(undefined, { lineageOf: (token) => lineage[token] ?? token });
    const steal = (hours: number, identityId: string, token: string) => {
      engine.process(use(hours, 100, { identityId, token }));
      engine.process(use(hours + 0.5, 5_000, { identityId, token, networkBlock: 'away' }));
    };
    steal(0, 'a', 'token-a');
    steal(1, 'b', 'token-b');
    const [older, younger] = [...alerts.values()].map((alert) => ({ ...alert }));
    lineage['token-b'] = 'token-a';
    engine.process(use(2, 6_000, { identityId: 'b', token: 'token-b', networkBlock: 'away' }));
    const amended = alerts.get(younger!.id)!;
    expect([amended.version > younger!.version, amended.mergedInto ?? amended.incidentId]).toEqual([true, older!.incidentId]);
  });
});
