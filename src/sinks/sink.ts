import type { Wanted } from '../store/port.ts';

export type Document = { [key: string]: unknown };

/** An alert on its way to a sink. */
export interface Outgoing {
  readonly id: string;
  /** Of the alert as the document shows it. */
  readonly version: number;
  /** Names what is told, the same over all attempts to tell it: the alert's id and the version that made it worth telling. */
  readonly messageId: string;
  readonly identityId: string | null;
  /** Event time at which it was raised; never changes. */
  readonly createdMs: number;
  readonly document: Document;
}

/** What became of one document. Reasons are fixed words of ours: the other side's texts quote documents. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** What became of a request. */
export type Outcome =
  /** One verdict per document, in their order. */
  | { readonly kind: 'each'; readonly verdicts: readonly Verdict[] }
  /** Nothing is known to have got in, for a reason that has nothing to do with the documents. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** As `retry`, and fewer documents at once may help. `soon`: the other side is well, there is no need to wait. */
  | { readonly kind: 'smaller'; readonly reason: string; readonly afterMs?: number; readonly soon: boolean }
  /** The sink was told to stop for good. What waits is kept. */
  | { readonly kind: 'stop'; readonly reason: string };

/** A request with the documents in it. */
export interface Prepared<Request, One = Outgoing> { readonly request: Request; readonly documents: readonly One[] }

/** A document that must not be sent, since it would fail everything beside it. */
export interface Unfit<One = Outgoing> { readonly document: One; readonly reason: string }

export interface Built<Request, One = Outgoing> {
  readonly prepared: readonly Prepared<Request, One>[];
  readonly unfit: readonly Unfit<One>[];
}

/** What a loop must know of what it delivers. */
export type Sendable = Pick<Outgoing, 'id' | 'version'>;

/** Where alerts go. What sinks have in common (waiting, order, retries, breaker, dead letters) is in `deliver.ts`. */
export interface Sink<Request, Answer, One extends Sendable = Outgoing> {
  /** As configured; the outbox knows it by this. */
  readonly name: string;
  readonly wants: Wanted;
  readonly lane: 'bulk' | 'prompt';
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Documents taken from the outbox at once. */
  readonly batchSize: number;
  /** Pure. Every document is in one request, in order, or among the unfit. */
  build(documents: readonly One[]): Built<Request, One>;
  /** The only part that speaks to the other side. Resolves also when that fails; what it resolves to holds no text of theirs. */
  send(request: Request, signal: AbortSignal): Promise<Answer>;
  /** Pure. */
  classify(documents: readonly One[], answer: Answer): Outcome;
  /** Gives back connections. */
  close(): Promise<void>;
}

/** The outcome of a request that holds one document. */
export function only(verdict: Verdict): Outcome {
  return { kind: 'each', verdicts: [verdict] };
}
