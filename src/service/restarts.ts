import { isRestartable, type RestartableSource } from '../ingest/live.ts';
import type { Decision, FeedsHandler, FeedView, GoOnAnswer, GoOnRequest } from '../server/feeds.ts';
import type { EffectsStore } from '../store/port.ts';
import type { Restarting, ServiceParts } from './parts.ts';

const auditKind = 'feed.went_on';
/** Decisions are shown that are among so many of the last acts. */
const maxShown = 1000;
/** So many may wait to be carried out. */
const maxAsked = 16;

/** What this needs of the service's parts. */
export type RestartParts = Pick<ServiceParts, 'sources' | 'positions' | 'clock' | 'observer'> & {
  readonly store: Pick<EffectsStore, 'transact' | 'responses'>;
};

interface Asked {
  readonly source: RestartableSource;
  readonly request: GoOnRequest;
  readonly position: string;
  readonly answer: (answer: GoOnAnswer) => void;
}

/**
 * Lets stopped feeds go on, as operators decide. The new position is durable before anything is read from there: killed
 * before that, the feed is as stopped as it was; killed after it, it has gone on. So the journal only notes that there was
 * a command, and following it does nothing.
 */
export class Restarts implements FeedsHandler, Restarting {
  readonly #parts: RestartParts;
  #asked: Asked[] = [];
  #hasEnded = false;

  constructor(parts: RestartParts) {
    this.#parts = parts;
  }

  feeds(): FeedView[] {
    return this.#sources.flatMap((source) => source.feeds().map((feed) => ({ ...feed, source: source.name })));
  }

  decisions(): Decision[] {
    const { responses } = this.#parts.store;
    const from = Math.max(1, (responses.auditHead()?.number ?? 0) - maxShown + 1);
    return Array.from(responses.audit(from)).filter(({ kind }) => kind === auditKind).map(({ timeMs, actor, subject, detail }) => (
      { timeMs, actor, feed: subject, position: String(detail['position']), reason: String(detail['reason']) }));
  }

  async goOn(request: GoOnRequest): Promise<GoOnAnswer> {
    const found = this.#sources.flatMap((source) => source.feeds().map((status) => ({ source, status }))).find(({ status }) => status.feed === request.feed);
    if (found === undefined) return { kind: 'refused', why: 'unknown_feed' };
    if (found.status.stoppedBecause === null) return { kind: 'refused', why: 'not_stopped' };
    if (this.#asked.length >= maxAsked) return { kind: 'refused', why: 'busy' };
    const position = await found.source.placeToGoOn(request.feed, request.from);
    if (position === null) return { kind: 'refused', why: 'no_such_place' };
    if (this.#hasEnded) return { kind: 'refused', why: 'stopping' };
    return new Promise((answer) => {
      this.#asked.push({ source: found.source, request, position, answer });
      this.#parts.clock.wake();
    });
  }

  /** Carries out what was asked for; to be called when everything taken is committed. `checkpoint` resolves once it is durable. */
  async perform(checkpoint: () => Promise<void>): Promise<void> {
    for (const { source, request, position, answer } of this.#asked.splice(0)) {
      const { feed } = request;
      const isStopped = source.feeds().some((status) => status.feed === feed && status.stoppedBecause !== null);
      if (!isStopped) {
        answer({ kind: 'refused', why: 'not_stopped' });
        continue;
      }
      this.#parts.positions.set(feed, position);
      this.#note(request, position);
      await checkpoint();
      this.#parts.observer.wentOn(feed, source.name);
      source.goOn(feed);
      answer({ kind: 'done', position });
    }
  }

  /** Nothing more is carried out. */
  end(): void {
    this.#hasEnded = true;
    for (const { answer } of this.#asked.splice(0)) answer({ kind: 'refused', why: 'stopping' });
  }

  get #sources(): readonly RestartableSource[] {
    return this.#parts.sources.filter(isRestartable);
  }

  #note({ feed, actor, reason }: GoOnRequest, position: string): void {
    const { store, clock } = this.#parts;
    const timeMs = clock.nowMs();
    store.transact(() => {
      const number = store.responses.putCommand({ kind: 'go-on', feed, position }, actor, timeMs);
      return { journal: [{ kind: 'command', number }], audit: [{ timeMs, kind: auditKind, actor, subject: feed, detail: { position, reason } }] };
    });
  }
}
