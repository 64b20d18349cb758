import { expect, test } from 'vitest';
import { Delivery } from '../../src/sinks/deliver.ts';
import { isWanted, type SinkFilter } from '../../src/sinks/filter.ts';
import { alertOf, batchOf, opened } from '../store/support.ts';
import { FakeSink, ManualTiming, settingsOf } from './support.ts';

const labels = { a1: ['customer-data'], a2: [] as string[] };
const labelsOf = ({ id }: { id: string }): readonly string[] => labels[id as keyof typeof labels] ?? [];

test('severity at least, one of the detectors, one of the labels: all that are given must hold', () => {
  const alert = alertOf('a1', 1, { severity: 73, detector: 'egress-spike' });
  const cases: [SinkFilter, boolean][] = [
    [{}, true], [{ severity: 73 }, true], [{ severity: 99 }, false], [{ detectors: ['egress-spike', 'x'] }, true], [{ detectors: ['x'] }, false],
    [{ labels: ['customer-data', 'x'] }, true], [{ labels: ['x'] }, false], [{ severity: 47, detectors: ['egress-spike'], labels: ['customer-data'] }, true],
    [{ severity: 47, detectors: ['egress-spike'], labels: ['x'] }, false],
  ];
  for (const [filter, wanted] of cases) expect([filter, isWanted(alert, filter, labelsOf)]).toEqual([filter, wanted]);
  expect(isWanted(alertOf('a2', 1), { labels: ['customer-data'] }, labelsOf)).toBe(false);
});

test('what a sink does not want is done: it neither waits nor is sent, until it becomes wanted', async () => {
  const { effects } = opened(null);
  const [timing, sink] = [new ManualTiming(), new FakeSink()];
  const delivery = new Delivery(sink, { ...settingsOf(effects.outbox, timing), isWanted: ({ alert }) => isWanted(alert, { severity: 73 }, labelsOf) });
  effects.outbox.subscribe([{ sink: sink.name, wants: sink.wants, lane: sink.lane, wake: delivery.wake }]);
  const running = delivery.start();
  effects.commit(batchOf({ alerts: [alertOf('low', 1, { severity: 21 }), alertOf('high', 1, { severity: 73 }), alertOf('grows', 1, { severity: 47 })] }));
  await timing.pass(0);
  expect([sink.asked, delivery.health().waiting, delivery.counts.delivered]).toEqual([[['high']], 0, 1]);
  effects.commit(batchOf({ alerts: [alertOf('low', 2, { severity: 21 }), alertOf('grows', 2, { severity: 73 })] }));
  await timing.pass(0);
  expect([sink.asked, delivery.health().waiting]).toEqual([[['high'], ['grows']], 0]);
  const stopped = delivery.stop(0);
  await timing.pass(0);
  await Promise.all([stopped, running]);
});
