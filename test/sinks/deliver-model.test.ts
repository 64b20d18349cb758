import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Delivery } from '../../src/sinks/deliver.ts';
import type { Outcome, Outgoing, Verdict } from '../../src/sinks/sink.ts';
import { openStore } from '../../src/store/open.ts';
import { alertOf, batchOf } from '../store/support.ts';
import { accepted, FakeSink, ManualTiming, settingsOf, type Answer } from './support.ts';

/** What the other side does with requests from now on. */
type Mood = 'well' | 'down' | 'small' | 'some' | 'blind' | 'hanging' | 'throwing';
type Step =
  | { readonly kind: 'change'; readonly alert: number }
  | { readonly kind: 'mood'; readonly mood: Mood }
  | { readonly kind: 'pass'; readonly durationMs: number }
  /** The process dies, and another goes on with the store. */
  | { readonly kind: 'crash' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('change' as const), alert: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('mood' as const), mood: fc.constantFrom<Mood>('well', 'down', 'small', 'some', 'blind', 'hanging', 'throwing') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass' as const), durationMs: fc.constantFrom(0, 300, 5000, 60_000, 400_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
);

/** The other side: keeps the highest version of each alert, as a server with external versions does. */
class OtherSide {
  readonly versions = new Map<string, number>();
  mood: Mood = 'well';
  #turn = 0;

  readonly answer: Answer = (documents) => {
    switch (this.mood) {
      case 'well': return this.#take(documents);
      case 'down': return { kind: 'retry', reason: 'unreachable' };
      case 'small': return documents.length > 2 ? { kind: 'smaller', reason: 'overloaded', soon: false } : this.#take(documents);
      // Got in, but the answer was lost.
      case 'blind': this.#take(documents); return { kind: 'retry', reason: 'timeout' };
      case 'hanging': return new Promise<Outcome>(() => undefined);
      case 'throwing': throw new Error('thrown');
      case 'some': return { kind: 'each', verdicts: documents.map((one): Verdict => (this.#turn++ % 2 === 0 ? { kind: 'retry', reason: 'overloaded' } : this.#takeOne(one))) };
    }
  };

  #take(documents: readonly Outgoing[]): Outcome {
    documents.forEach((one) => this.#takeOne(one));
    return accepted(documents);
  }

  #takeOne({ id, version }: Outgoing): Verdict {
    this.versions.set(id, Math.max(version, this.versions.get(id) ?? 0));
    return { kind: 'done' };
  }
}

/** Every version sent is one that exists, and in the end every alert's newest one has arrived. */
async function play(steps: readonly Step[]): Promise<void> {
  const store = openStore(null);
  const { effects } = store;
  const other = new OtherSide();
  const newest = new Map<string, number>();
  const timing = new ManualTiming();
  let generation = 0;
  const begin = (): void => {
    const own = ++generation;
    const sink = new FakeSink();
    // What a dead process had asked is never answered to it.
    sink.answer = async (documents) => {
      const outcome = await other.answer(documents);
      return own === generation ? outcome : new Promise<Outcome>(() => undefined);
    };
    const delivery = new Delivery(sink, settingsOf(effects.outbox, timing));
    effects.outbox.subscribe([{ sink: sink.name, wants: 'every', lane: 'bulk', wake: delivery.wake }]);
    void delivery.start();
  };
  begin();
  for (const one of steps) {
    if (one.kind === 'mood') other.mood = one.mood;
    else if (one.kind === 'pass') await timing.pass(one.durationMs);
    else if (one.kind === 'crash') {
      timing.forget();
      begin();
    } else {
      const id = `a${one.alert}`;
      newest.set(id, (newest.get(id) ?? 0) + 1);
      effects.commit(batchOf({ alerts: [alertOf(id, newest.get(id)!)] }));
    }
  }
  other.mood = 'well';
  timing.forget();
  begin();
  await timing.pass(700_000);
  expect(other.versions).toEqual(newest);
  expect([effects.outbox.waiting('fake'), effects.outbox.deadCount('fake')]).toEqual([0, 0]);
  await store.close();
}

test('whatever the other side does and whenever the process dies, every alert arrives in its newest version', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), play), { numRuns: 80 });
});
