import { backoffMs, Breaker, longestMs, probeEveryMs } from '../outbound/breaker.ts';
import type { Timing } from '../outbound/timing.ts';
import type { Settled, Taking, Waiting } from '../store/port.ts';
import type { Outcome, Outgoing, Prepared, Sendable, Sink, Verdict } from './sink.ts';

export type { Timing } from '../outbound/timing.ts';

/** Something an operator should hear of. `reason` is a fixed word. */
export interface DeliveryEvent {
  readonly sink: string;
  readonly kind: 'opened' | 'closed' | 'refused' | 'stopped';
  readonly reason: string;
  readonly count: number;
}

export interface DeliveryHealth {
  readonly sink: string;
  /** `failing`: the last request failed; `open`: so many did that only probes are sent; `stopped`: the other side said never again. */
  readonly state: 'ok' | 'failing' | 'open' | 'stopped';
  readonly reason: string | null;
  readonly waiting: number;
  readonly deadLetters: number;
  readonly lastSuccessMs: number | null;
}

/** Since the start. */
export interface DeliveryCounts { requests: number; failedRequests: number; delivered: number; retried: number; refused: number }

export interface DeliverySettings<Row = Waiting, One extends Sendable = Outgoing> {
  readonly outbox: Taking<Row>;
  readonly timing: Timing;
  /** What is sent for a row of the outbox. */
  readonly outgoing: (row: Row) => One;
  /** Is it to be sent at all? What is not counts as done. Absent: everything is. */
  readonly isWanted?: (row: Row) => boolean;
  readonly report: (event: DeliveryEvent) => void;
  /** Carries out a request, for who wants to watch it. */
  readonly watch?: Watch;
}

export type Watch = <T>(sink: string, documents: number, work: () => Promise<T>) => Promise<T>;
const unwatched: Watch = (_sink, _documents, work) => work();

/** Looked at without being woken: rows put back may be due, or the clock may have been set. */
const idleMs = 5000;

/**
 * One sink's loop. Takes what is due from the outbox, sends it, notes what became of it; goes on until stopped.
 * Modes: idle (woken by the outbox), backing off after a failed request, probing while the breaker is open, stopped by
 * the other side (410), stopping (`stop`). What is sent and not yet noted when the process dies is sent again.
 */
export class Delivery<Request, Answer, Row extends { readonly attempts: number } = Waiting, One extends Sendable = Outgoing> {
  readonly counts: DeliveryCounts = { requests: 0, failedRequests: 0, delivered: 0, retried: 0, refused: 0 };
  readonly #sink: Sink<Request, Answer, One>;
  readonly #settings: DeliverySettings<Row, One>;
  readonly #breaker = new Breaker();
  readonly #abort = new AbortController();
  #batchSize: number;
  #reason: string | null = null;
  #lastSuccessMs: number | null = null;
  #isStopped = false;
  #stopAtMs: number | null = null;
  #endPause: (() => void) | null = null;
  /** A word came while nobody waited for one. */
  #isWoken = false;
  #isIdle = false;
  #running: Promise<void> | null = null;

  constructor(sink: Sink<Request, Answer, One>, settings: DeliverySettings<Row, One>) {
    this.#sink = sink;
    this.#settings = settings;
    this.#batchSize = sink.batchSize;
  }

  /** For the outbox: something was put. Ends idleness, not a back-off. */
  readonly wake = (): void => {
    this.#isWoken = true;
    if (this.#isIdle) this.#endPause?.();
  };

  /** Resolves when it has stopped. Rejects with a `StoreError` when the outbox cannot be used: then nothing more is delivered. */
  start(): Promise<void> {
    return this.#running ??= this.#run();
  }

  /** Delivers what is due while that works, at most for `graceMs`; then gives up what is under way and closes the sink. */
  async stop(graceMs: number): Promise<void> {
    const { timing } = this.#settings;
    this.#stopAtMs = timing.now() + graceMs;
    this.#endPause?.();
    const cancel = timing.after(graceMs, () => this.#abort.abort());
    await this.#running;
    cancel();
    await this.#sink.close();
  }

  health(): DeliveryHealth {
    const { outbox } = this.#settings;
    const { name } = this.#sink;
    const state = this.#isStopped ? 'stopped' : this.#breaker.isOpen ? 'open' : this.#reason === null ? 'ok' : 'failing';
    return {
      sink: name, state, reason: this.#reason, waiting: outbox.waiting(name), deadLetters: outbox.deadCount(name),
      lastSuccessMs: this.#lastSuccessMs,
    };
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#isWoken = false;
      const pauseMs = await this.#round();
      if (this.#stopAtMs !== null && (pauseMs > 0 || this.#settings.timing.now() >= this.#stopAtMs)) return;
      if (pauseMs > 0 && !(this.#isIdle && this.#isWoken)) await this.#pause(pauseMs);
      this.#isIdle = false;
    }
  }

  /** One taking from the outbox, with all its requests. Answers how long to wait before the next. */
  async #round(): Promise<number> {
    const { outbox, timing } = this.#settings;
    const { name } = this.#sink;
    const nowMs = timing.now();
    const taken = outbox.take(name, nowMs, nowMs + longestMs, this.#breaker.isOpen ? 1 : this.#batchSize);
    if (taken.length === 0) {
      this.#isIdle = true;
      const dueMs = outbox.nextDueMs(name);
      return dueMs === null ? idleMs : Math.min(idleMs, Math.max(1, dueMs - nowMs));
    }
    const wanted = this.#wanted(taken);
    const documents = wanted.map((row) => this.#settings.outgoing(row));
    const attempts = new Map(documents.map(({ id }, at) => [id, wanted[at]!.attempts]));
    const { prepared, unfit } = this.#sink.build(documents);
    this.#note(unfit.map(({ document }) => document), unfit.map(({ reason }) => ({ kind: 'refused', reason })), attempts);
    return this.#sendAll(prepared, attempts);
  }

  /** Those that are to be sent; the others are done. */
  #wanted(taken: readonly Row[]): readonly Row[] {
    const { outbox, outgoing, isWanted = () => true } = this.#settings;
    const unwanted = taken.filter((row) => !isWanted(row)).map((row) => outgoing(row));
    if (unwanted.length > 0) outbox.settle(this.#sink.name, unwanted.map(({ id, version }) => ({ kind: 'done', alertId: id, version })));
    return taken.filter((row) => isWanted(row));
  }

  /** A few at once, in order. After a failed request no further one begins. */
  async #sendAll(prepared: readonly Prepared<Request, One>[], attempts: ReadonlyMap<string, number>): Promise<number> {
    let next = 0;
    let pauseMs = 0;
    const work = async (): Promise<void> => {
      while (next < prepared.length && pauseMs === 0 && !this.#isStopped && !this.#abort.signal.aborted) {
        const waitMs = await this.#sendOne(prepared[next++]!, attempts);
        pauseMs = Math.max(pauseMs, waitMs);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#sink.concurrency, prepared.length) }, work));
    return pauseMs;
  }

  async #sendOne({ request, documents }: Prepared<Request, One>, attempts: ReadonlyMap<string, number>): Promise<number> {
    this.counts.requests++;
    let outcome: Outcome;
    try {
      const { watch = unwatched } = this.#settings;
      const send = (): Promise<Answer> => this.#sink.send(request, this.#abort.signal);
      outcome = this.#sink.classify(documents, await watch(this.#sink.name, documents.length, send));
    } catch {
      // What was thrown may hold the documents, so nothing of it is kept.
      outcome = { kind: 'retry', reason: 'internal_error' };
    }
    if (outcome.kind === 'each') return this.#settle(documents, outcome.verdicts, attempts);
    if (outcome.kind === 'stop') return this.#stopForGood(outcome.reason);
    if (outcome.kind === 'smaller') this.#batchSize = Math.max(1, Math.floor(Math.min(this.#batchSize, documents.length) / 2));
    this.counts.retried += documents.length;
    const isSoon = outcome.kind === 'smaller' && outcome.soon && documents.length > 1;
    return isSoon ? 0 : this.#failed(outcome.reason, outcome.afterMs);
  }

  /** An answered request. One that got nothing through, though it should have, counts as failed. Answers how long to wait. */
  #settle(documents: readonly One[], verdicts: readonly Verdict[], attempts: ReadonlyMap<string, number>): number {
    this.#note(documents, verdicts, attempts);
    const retried = verdicts.filter((verdict) => verdict.kind === 'retry');
    if (retried.length > 0 && retried.length === verdicts.length) {
      const pauseMs = this.#failed(retried[0]!.reason);
      return this.#breaker.isOpen ? pauseMs : 0;
    }
    this.#succeeded();
    this.#reason = retried[0]?.reason ?? null;
    return 0;
  }

  /** Writes down what became of documents. */
  #note(documents: readonly One[], verdicts: readonly Verdict[], attempts: ReadonlyMap<string, number>): void {
    if (documents.length === 0) return;
    const { outbox, timing, report } = this.#settings;
    const nowMs = timing.now();
    const settled = documents.map((document, at) => this.#settledOf(document, verdicts[at]!, attempts.get(document.id) ?? 0, nowMs));
    outbox.settle(this.#sink.name, settled);
    for (const { kind } of verdicts) this.counts[kind === 'done' ? 'delivered' : kind === 'retry' ? 'retried' : 'refused']++;
    const refused = verdicts.filter((verdict) => verdict.kind === 'refused');
    for (const [reason, group] of Map.groupBy(refused, (verdict) => verdict.reason)) {
      report({ sink: this.#sink.name, kind: 'refused', reason, count: group.length });
    }
  }

  #settledOf({ id, version }: One, verdict: Verdict, attempts: number, nowMs: number): Settled {
    if (verdict.kind === 'done') return { kind: 'done', alertId: id, version };
    if (verdict.kind === 'refused') return { kind: 'dead', alertId: id, version, reason: verdict.reason, timeMs: nowMs };
    return { kind: 'later', alertId: id, notBeforeMs: nowMs + backoffMs(attempts, this.#settings.timing.random(), verdict.afterMs) };
  }

  #succeeded(): void {
    const { batchSize } = this.#sink;
    this.#lastSuccessMs = this.#settings.timing.now();
    this.#batchSize = Math.min(batchSize, this.#batchSize + Math.ceil(batchSize / 16));
    if (this.#breaker.succeeded()) this.#settings.report({ sink: this.#sink.name, kind: 'closed', reason: 'answered', count: 1 });
  }

  /** Answers how long to wait. */
  #failed(reason: string, askedMs?: number): number {
    const { timing, report } = this.#settings;
    this.counts.failedRequests++;
    this.#reason = reason;
    if (this.#breaker.failed(timing.now())) report({ sink: this.#sink.name, kind: 'opened', reason, count: 1 });
    return this.#breaker.waitMs(timing.random(), askedMs);
  }

  #stopForGood(reason: string): number {
    this.#isStopped = true;
    this.#reason = reason;
    this.#settings.outbox.retire(this.#sink.name);
    this.#settings.report({ sink: this.#sink.name, kind: 'stopped', reason, count: 1 });
    return probeEveryMs;
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.#endPause = null;
        cancel();
        resolve();
      };
      const cancel = this.#settings.timing.after(pauseMs, end);
      this.#endPause = end;
    });
  }
}
