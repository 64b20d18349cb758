import type { FastifyInstance, FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import type { FeedStatus, GoOnFrom } from '../ingest/live.ts';

const maxBodyBytes = 4096;
const maxReason = 500;

export interface FeedView extends FeedStatus { readonly source: string }

/** What an operator decides of a stopped feed. */
export interface GoOnRequest {
  readonly feed: string;
  readonly from: GoOnFrom;
  /** In the operator's words. */
  readonly reason: string;
  /** Account of the operator. */
  readonly actor: string;
}

export interface Decision {
  readonly timeMs: number;
  readonly feed: string;
  readonly position: string;
  readonly reason: string;
  readonly actor: string;
}

const statuses = { unknown_feed: 404, not_stopped: 409, no_such_place: 409, busy: 429, stopping: 503 } as const;

export type GoOnAnswer =
  | { readonly kind: 'done'; readonly position: string }
  | { readonly kind: 'refused'; readonly why: keyof typeof statuses };

/** Who knows the feeds and lets them go on. */
export interface FeedsHandler {
  feeds(): readonly FeedView[];
  /** The last ones, oldest first. */
  decisions(): readonly Decision[];
  goOn(request: GoOnRequest): Promise<GoOnAnswer>;
}

/** Who may look, and who may change something. */
export interface Admission {
  readonly read: onRequestAsyncHookHandler;
  readonly change: onRequestAsyncHookHandler;
  /** The account behind a request that was let in. */
  readonly actorOf: (request: FastifyRequest) => string;
}

/** Adds `GET /api/feeds` and `POST /api/feeds/go-on`. `admit` refuses who may not. */
export function addFeeds(server: FastifyInstance, handler: FeedsHandler, admit: Admission): void {
  server.get('/api/feeds', { onRequest: admit.read }, () => ({ feeds: handler.feeds(), decisions: handler.decisions() }));
  server.post('/api/feeds/go-on', { onRequest: admit.change, bodyLimit: maxBodyBytes }, async (request, reply) => {
    const asked = parse(request.body, admit.actorOf(request));
    if (asked === null) return reply.code(400).send({ error: 'bad_request' });
    const answer = await handler.goOn(asked);
    if (answer.kind === 'refused') return reply.code(statuses[answer.why]).send({ error: answer.why });
    return { feed: asked.feed, position: answer.position };
  });
}

/** `null` for a body that is no such request. Only JSON becomes an object: a page of another origin cannot send that unasked. */
function parse(body: unknown, actor: string): GoOnRequest | null {
  if (typeof body !== 'object' || body === null) return null;
  const { feed, from = 'earliest', reason } = body as Readonly<Record<string, unknown>>;
  if (typeof feed !== 'string' || typeof reason !== 'string') return null;
  if (from !== 'earliest' && from !== 'end' && !(typeof from === 'number' && Number.isSafeInteger(from) && from >= 0)) return null;
  const words = reason.trim();
  return words === '' || words.length > maxReason ? null : { feed, from, reason: words, actor };
}
