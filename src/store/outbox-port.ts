import type { Alert } from '../model/alert.ts';

/** Which changes of an alert a sink wants: each, or only those that are to be told to people again. */
export type Wanted = 'every' | 'told';

/** A sink as the outbox knows it. */
export interface Subscriber {
  readonly sink: string;
  readonly wants: Wanted;
  /** Bulk sinks fill the outbox only up to nine tenths: what they leave undelivered takes no room from those who wait for a word. */
  readonly lane: 'bulk' | 'prompt';
  /** Something was put for it; called after the transaction, must not throw. */
  readonly wake: () => void;
}

/** What waits for a sink: always the newest state of an alert, however often it changed meanwhile. */
export interface Waiting {
  readonly alert: Alert;
  /** Version at which it was last to be told. The same over all attempts to tell that. */
  readonly toldVersion: number;
  /** Attempts that failed for this alert alone. */
  readonly attempts: number;
}

/** What became of an alert at a sink. `version` is the one that was sent. */
export type Settled =
  | { readonly kind: 'done'; readonly alertId: string; readonly version: number }
  | { readonly kind: 'later'; readonly alertId: string; readonly notBeforeMs: number }
  | { readonly kind: 'dead'; readonly alertId: string; readonly version: number; readonly reason: string; readonly timeMs: number };

/** What a sink refused for good. The reason is one of our own fixed words, never the other side's text. */
export interface DeadLetter {
  readonly sink: string;
  readonly alertId: string;
  readonly version: number;
  readonly reason: string;
  readonly timeMs: number;
}

/** What the loop of one sink needs of an outbox. */
export interface Taking<Row> {
  /** The sink was told to stop for good: what is put for it is kept, and counts no longer as too much. Until the next `subscribe`. */
  retire(sink: string): void;
  /**
   * Up to `limit` that are due, oldest first. `nowMs` is wall clock; `latestMs` the longest that any may have been put back:
   * what should be due later was put back under another clock, and is due.
   */
  take(sink: string, nowMs: number, latestMs: number, limit: number): Row[];
  /** In one transaction. What is done leaves, an alert only if no newer version is to be told. */
  settle(sink: string, settled: readonly Settled[]): void;
  /** When the first of those put back is due; `null` when none was. */
  nextDueMs(sink: string): number | null;
  waiting(sink: string): number;
  /** How many were refused for good. */
  deadCount(sink: string): number;
}

/**
 * What waits for each sink, in `effects.db`: put with the alerts in one transaction, so nothing visible stays untold. Of what is taken at
 * most half was put back for later, unless there is room, so that neither kind starves the other.
 */
export interface Outbox extends Taking<Waiting> {
  /** From now on alerts are put for these sinks. What waits for others stays until they are named again. `maxRows` makes it full. */
  subscribe(subscribers: readonly Subscriber[], maxRows?: number): void;
  /** The sources must pause: more waits than is allowed. Nothing is dropped, and `commit` still takes what comes. */
  isFull(): boolean;
  deadLetters(sink?: string): Iterable<DeadLetter>;
  /** Puts back what a sink refused, once the cause is mended. Answers how many. */
  revive(sink: string): number;
}

/** An event for sinks that keep all of them. `id` is the same whenever the event is read; `document` is its JSON. */
export interface EventRecord { readonly id: string; readonly document: string }

export interface WaitingEvent extends EventRecord { readonly attempts: number }

/** Events that wait for sinks, in `effects.db`: put in the transaction that journals their records, so none is lost and some come twice. */
export interface EventOutbox extends Taking<WaitingEvent> {
  /** From now on events are put for these sinks; what they refused is tried again. `maxBytes` of documents make it full. */
  subscribe(subscribers: readonly Pick<Subscriber, 'sink' | 'wake'>[], maxBytes?: number): void;
  /** As `Outbox.isFull`. What was refused counts too: it is kept until somebody has mended the cause. */
  isFull(): boolean;
}
