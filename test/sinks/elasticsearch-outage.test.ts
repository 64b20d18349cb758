import { expect, test } from 'vitest';
import { Delivery, type DeliveryEvent } from '../../src/sinks/deliver.ts';
import { elasticsearchSink } from '../../src/sinks/elasticsearch.ts';
import type { BulkAnswer, BulkRequest } from '../../src/sinks/elasticsearch-bulk.ts';
import { alertOf, batchOf, opened } from '../store/support.ts';
import { FakeSink, ManualTiming, settingsOf } from './support.ts';

const minuteMs = 60_000;

type Phase = 'well' | 'down' | 'overloaded' | 'flaky';

/** A server with external versions that keeps what it was sent. Its index: id -> version. */
class Stub {
  readonly index = new Map<string, number>();
  phase: Phase = 'well';
  #turn = 0;

  answer({ lines }: BulkRequest): BulkAnswer {
    if (this.phase === 'down') return { kind: 'failed', reason: 'unreachable' };
    if (this.phase === 'overloaded') return { kind: 'refused', status: 429, type: 'es_rejected_execution_exception' };
    const actions = lines.filter((_, at) => at % 2 === 0).map((line) => (JSON.parse(line) as { index: { _id: string; version: number } }).index);
    return { kind: 'answered', items: actions.map((action) => this.#put(action)) };
  }

  #put({ _id, version }: { _id: string; version: number }): { status: number; type: string | null } {
    if (this.phase === 'flaky' && this.#turn++ % 10 === 0) return { status: 503, type: 'unavailable_shards_exception' };
    if ((this.index.get(_id) ?? 0) >= version) return { status: 409, type: 'version_conflict_engine_exception' };
    this.index.set(_id, version);
    return { status: 201, type: null };
  }
}

test('down for ten minutes, overloaded for five, then one item in ten refused: all there, newest, and the other sink never waited', async () => {
  const { effects } = opened(null);
  const timing = new ManualTiming();
  const stub = new Stub();
  const events: DeliveryEvent[] = [];
  const sink = { ...elasticsearchSink({ name: 'es', nodes: ['http://127.0.0.1:1'] }), send: (request: BulkRequest) => Promise.resolve(stub.answer(request)) };
  const page = new FakeSink();
  const [bulk, prompt] = [new Delivery(sink, settingsOf(effects.outbox, timing, events)), new Delivery(page, settingsOf(effects.outbox, timing))];
  effects.outbox.subscribe([
    { sink: 'es', wants: 'every', lane: 'bulk', wake: bulk.wake }, { sink: 'fake', wants: 'told', lane: 'prompt', wake: prompt.wake },
  ]);
  const running = [bulk.start(), prompt.start()];
  const versions = new Map<string, number>();
  const live = async (phase: Phase, minutes: number): Promise<void> => {
    stub.phase = phase;
    for (let tick = 0; tick < minutes * 6; tick++) {
      const ids = [`new-${versions.size}`, `a${tick % 40}`, `b${tick % 7}`];
      for (const id of ids) versions.set(id, (versions.get(id) ?? 0) + 1);
      effects.commit(batchOf({ alerts: ids.map((id) => alertOf(id, versions.get(id)!)) }));
      await timing.pass(0);
      expect(effects.outbox.waiting('fake')).toBe(0);
      await timing.pass(10_000);
    }
  };
  await live('well', 1);
  await live('down', 10);
  const asked = bulk.counts.requests;
  await live('overloaded', 5);
  await live('flaky', 5);
  stub.phase = 'well';
  await timing.pass(6 * minuteMs);
  expect(stub.index).toEqual(versions);
  expect([effects.outbox.waiting('es'), effects.outbox.deadCount('es')]).toEqual([0, 0]);
  // Ten minutes: some attempts until the breaker opened, then one probe each half minute.
  expect(asked).toBeLessThan(40);
  expect(events.map(({ kind }) => kind)).toEqual(['opened', 'closed']);
  await Promise.all([bulk.stop(0), prompt.stop(0), ...running, timing.pass(0)]);
});
