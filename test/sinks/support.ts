import { setImmediate as breathe } from 'node:timers/promises';
import type { Alert } from '../../src/model/alert.ts';
import type { DeliveryEvent, DeliverySettings, Timing } from '../../src/sinks/deliver.ts';
import { outgoingAlert } from '../../src/sinks/outgoing.ts';
import type { Outcome, Outgoing, Sink } from '../../src/sinks/sink.ts';
import type { Outbox } from '../../src/store/port.ts';

/** A clock that stands still until it is told to go on. */
export class ManualTiming implements Timing {
  timeMs = 1_000_000;
  chance = 0.5;
  readonly #timers = new Map<number, { readonly dueMs: number; readonly callback: () => void }>();
  #next = 0;

  now(): number {
    return this.timeMs;
  }

  random(): number {
    return this.chance;
  }

  after(delayMs: number, callback: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { dueMs: this.timeMs + delayMs, callback });
    return () => this.#timers.delete(id);
  }

  /** No timer set so far will ever go off: whoever set it is dead. */
  forget(): void {
    this.#timers.clear();
  }

  get pendingMs(): number[] {
    return [...this.#timers.values()].map(({ dueMs }) => dueMs - this.timeMs).sort((a, b) => a - b);
  }

  /** Lets the time pass, timer by timer, with everything that follows from each. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.timeMs + durationMs;
    await settled();
    for (let steps = 0; steps < 10_000; steps++) {
      const next = [...this.#timers].sort(([, a], [, b]) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next[1].dueMs > untilMs) break;
      this.timeMs = Math.max(this.timeMs, next[1].dueMs);
      this.#timers.delete(next[0]);
      next[1].callback();
      await settled();
    }
    this.timeMs = untilMs;
  }
}

/** Everything that waits for nothing but its turn has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await breathe();
}

export function outgoingOf(id: string, part: Partial<Outgoing> = {}): Outgoing {
  return { id, version: 1, messageId: `${id}.1`, identityId: 'client-7', createdMs: Date.UTC(2026, 10, 22), document: { id }, ...part };
}

export function settingsOf(outbox: Outbox, timing: Timing, events: DeliveryEvent[] = []): DeliverySettings {
  return { outbox, timing, outgoing: outgoingAlert((alert: Alert) => ({ id: alert.id, version: alert.version, status: alert.status })), report: (event) => events.push(event) };
}

export type Answer = (documents: readonly Outgoing[]) => Outcome | Promise<Outcome>;

/** A sink whose other side is a function. Keeps what was asked. */
export class FakeSink implements Sink<readonly Outgoing[], Outcome> {
  readonly name = 'fake';
  readonly wants = 'every';
  readonly lane = 'bulk';
  concurrency = 1;
  batchSize = 8;
  /** Documents in one request. */
  perRequest = Infinity;
  isClosed = false;
  readonly asked: string[][] = [];
  answer: Answer = accepted;

  build(documents: readonly Outgoing[]): ReturnType<Sink<readonly Outgoing[], Outcome>['build']> {
    const fit = documents.filter(({ id }) => !id.startsWith('unfit'));
    const prepared = [];
    for (let at = 0; at < fit.length; at += this.perRequest) {
      const part = fit.slice(at, at + this.perRequest);
      prepared.push({ request: part, documents: part });
    }
    const unfit = documents.filter((one) => !fit.includes(one)).map((document) => ({ document, reason: 'unfit' }));
    return { prepared, unfit };
  }

  async send(documents: readonly Outgoing[]): Promise<Outcome> {
    this.asked.push(documents.map(({ id }) => id));
    return this.answer(documents);
  }

  classify(_documents: readonly Outgoing[], outcome: Outcome): Outcome {
    return outcome;
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

export function accepted(documents: readonly Outgoing[]): Outcome {
  return { kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) };
}
