import type { RawRecord } from './record.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';

/**
 * What one read position covers: a Kafka message, a line of a file, a pushed batch. A feed is what has one
 * position and one order: `kafka/<topic>/<partition>`, `file/<identity>`, `http/<source>`.
 */
export interface Delivery {
  readonly feed: string;
  /** Name of the configured source. */
  readonly source: string;
  /** Where to go on once this is consumed, as text that only the source understands. */
  readonly position: string;
  /** The records in it, in order, or in their place why one was refused. May be empty. The bytes are the receiver's. */
  readonly items: readonly (RawRecord | Refusal)[];
  /** Events that were normalized when they were received, in order: they go straight to the engine, before `items`. */
  readonly events?: readonly TokenEvent[];
  /** Records of it that were recognised when they were received and rightly are no events. */
  readonly ignored?: number;
  /** The broker's append time, or when it was received: no event is believed to be more than 5 minutes ahead of it. */
  readonly receivedMs: number;
  readonly bytes: number;
}

/** What a source tells its reader. */
export interface Receiver {
  /** Position from the store, which wins over whatever anybody else remembers; `null` for a feed never read. */
  positionOf(feed: string): string | null;
  /** Deliveries in feed order. The next ones of these feeds come only when the promise is kept: that is the back pressure. */
  deliver(batch: readonly Delivery[]): Promise<void>;
  /** Everything that was there has been delivered: silence now means that nothing happens. */
  caughtUp(feed: string, timeMs: number): void;
  /** The feed will not go on by itself: a gap, a reset, an unreadable store. Somebody must look. */
  stopped(feed: string, reason: string): void;
  /** The feed is read elsewhere or has ended; nothing more comes of it. */
  gone(feed: string): void;
}

export interface SourceHealth {
  readonly ok: boolean;
  /** When something was last asked of the other side with success; `null` before the first time. */
  readonly lastFetchMs: number | null;
  /** Records not yet delivered; `null` where that cannot be told. */
  readonly lag: number | null;
  readonly detail: string;
}

/** How one feed stands. */
export interface FeedStatus {
  readonly feed: string;
  /** Where reading goes on, as a delivery names it; `null` before that is known. */
  readonly position: string | null;
  /** Records not yet delivered; `null` where that cannot be told. */
  readonly lag: number | null;
  /** Why it will not go on by itself; `null` while it does. */
  readonly stoppedBecause: string | null;
}

/** Where a stopped feed goes on: its earliest record, behind its last, or at a number that its source gives to records. */
export type GoOnFrom = 'earliest' | 'end' | number;

/** A source that goes on for as long as the service runs. */
export interface LiveSource {
  readonly name: string;
  /** Starts reading; resolves when reading has begun. Throws where the configuration or the credentials cannot work. */
  start(receiver: Receiver): Promise<void>;
  /** Nothing more is delivered until `resume`; connections are kept. */
  pause(): void;
  resume(): void;
  /** These positions are durable: what may be told to others, such as advisory offset commits, is told now. Never throws. */
  checkpointed(positions: ReadonlyMap<string, string>): Promise<void>;
  health(): SourceHealth;
  /** Stops delivering, waits for a delivery under way, closes connections. */
  stop(): Promise<void>;
}

/** A source whose stopped feeds can be let go on while it runs. */
export interface RestartableSource extends LiveSource {
  /** The feeds that are ours now. */
  feeds(): readonly FeedStatus[];
  /** The position to go on at; `null` where the log does not reach there, or cannot be asked now. Nothing of the feed is under way then. */
  placeToGoOn(feed: string, from: GoOnFrom): Promise<string | null>;
  /** A stopped feed goes on at the position that the receiver now gives, or from its earliest record. */
  goOn(feed: string): void;
}

export function isRestartable(source: LiveSource): source is RestartableSource {
  return 'goOn' in source;
}
