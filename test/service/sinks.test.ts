import { expect, onTestFinished, test } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { makeDeliveries } from '../../src/service/sinks.ts';
import { configure } from '../end-to-end/support.ts';
import { fullAlert } from '../sinks/alerts.ts';
import { ManualTiming } from '../sinks/support.ts';
import { batchOf, makeFolder } from '../store/support.ts';

const yaml = `
inventory:
  - match: { handle: AKIAIOSFODNN7EXAMPLE }
    labels: [customer-data]
sinks:
  - { name: labelled, type: stdout, filter: { labels: [customer-data], detectors: [unfamiliar-ip] } }
  - { name: other, type: stdout, filter: { labels: [payroll] } }
  - { name: critical, type: stdout, filter: { severity: critical } }
  - { name: all, type: stdout }
`;

test('each sink gets what its filter lets through, by the inventory\'s labels too; the rest does not wait', async () => {
  const assembly = assemble({ configuration: configure(yaml), dataDir: makeFolder(), format: null, onEvent: () => undefined, warn: () => undefined });
  onTestFinished(() => assembly.store.close());
  const timing = new ManualTiming();
  const written: string[] = [];
  const deliveries = makeDeliveries(configure(yaml), assembly, timing, (text) => {
    written.push(...text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { event: { id: string } }).event.id));
    return Promise.resolve();
  }, () => undefined);
  const running = deliveries.map((delivery) => delivery.start());
  const plain = { ...fullAlert().first, tokenHandle: 'other', token: 'other' };
  assembly.store.effects.commit(batchOf({ alerts: [fullAlert({ id: 'a' }), fullAlert({ id: 'b', first: plain }), fullAlert({ id: 'c', severity: 99, first: plain })] }));
  await timing.pass(0);
  expect(Object.fromEntries(deliveries.map((delivery) => [delivery.health().sink, delivery.counts.delivered]))).toEqual({ labelled: 1, other: 0, critical: 1, all: 3 });
  expect(written.toSorted((one, two) => one.localeCompare(two))).toEqual(['a', 'a', 'b', 'c', 'c']);
  expect(deliveries.map((delivery) => delivery.health().waiting)).toEqual([0, 0, 0, 0]);
  const stopped = deliveries.map((delivery) => delivery.stop(0));
  await timing.pass(0);
  await Promise.all([...stopped, ...running]);
});
