import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Access } from './access.ts';
import type { ChangeFeed } from './api/ports.ts';
import type { Message } from './api/shapes-live.ts';
import type { RefusedRequest } from './refusals.ts';
import type { Admitted, Sessions } from './sessions.ts';
import { closeCodes, frame, Subscriber } from './subscriber.ts';

type IncomingMessage = FastifyRequest['raw'];

const limits = {
  payloadBytes: 16 << 10, fragments: 16, bufferedChunks: 256, perAccount: 10, perAnybody: 100, total: 2_000,
  /** Messages read at once, so that nobody else waits long. */
  batch: 200,
} as const;
const pauseMs = { changes: 20, changesAtMost: 100, upkeep: 1_000, status: 5_000, ping: 30_000 } as const;

export interface HubParts {
  readonly feed: ChangeFeed;
  readonly access: Access;
  readonly sessions: Sessions;
  readonly onRefused: (request: RefusedRequest) => void;
  readonly nowMs?: () => number;
}

/** How much longer the pause is than the writing before it. */
const restOfWriting = 8;

/**
 * The live stream. Who may read it is settled before the connection becomes a websocket. What changed is read once and sent to all
 * who are up to date; who asked for older changes is led up to the present page by page, so that between the two nothing is left out.
 */
export class Hub {
  readonly #parts: HubParts;
  readonly #nowMs: () => number;
  readonly #sockets = new WebSocketServer({
    noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: limits.payloadBytes,
    maxFragments: limits.fragments, maxBufferedChunks: limits.bufferedChunks,
  });
  readonly #subscribers = new Set<Subscriber>();
  readonly #timers: NodeJS.Timeout[];
  /** Everything up to this change was sent to who is live. */
  #cursor: number;
  #scheduled: NodeJS.Timeout | null = null;
  /** Between two times of telling: longer where there are many readers, since each takes a call of the system however little it is told. */
  #pauseMs: number = pauseMs.changes;
  #isClosed = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
    this.#cursor = parts.feed.lastChange();
    this.#timers = [
      setInterval(() => this.#upkeep(), pauseMs.upkeep).unref(),
      setInterval(() => this.#tellStatus(), pauseMs.status).unref(),
      setInterval(() => { for (const subscriber of this.#subscribers) subscriber.ping(); }, pauseMs.ping).unref(),
    ];
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Takes over the upgrades of a server. */
  attach(server: FastifyInstance['server']): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => undefined);
      const answer = this.#judge(request);
      if (typeof answer === 'object') this.#open(answer, request, socket, head);
      else this.#refuse(socket, answer);
    });
  }

  /** The change number has risen. Cheap: what changed is read later, at most 50 times a second. */
  changed(): void {
    if (this.#subscribers.size === 0 || this.#isClosed) return;
    this.#scheduled ??= setTimeout(() => {
      this.#scheduled = null;
      this.#advance();
    }, this.#pauseMs).unref();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    if (this.#scheduled !== null) clearTimeout(this.#scheduled);
    for (const subscriber of this.#subscribers) subscriber.close(closeCodes.goingAway);
  }

  /** Who may open the stream and from which cursor on; else why not, a fixed word. */
  #judge(request: IncomingMessage): { readonly admitted: Admitted; readonly cursor: number | null } | Why {
    const { access, feed } = this.#parts;
    const url = URL.parse(request.url ?? '', 'http://localhost');
    if (url?.pathname !== '/ws' || request.method !== 'GET') return 'not_found';
    const { origin } = request.headers;
    if (origin !== undefined && !access.allowsOrigin(origin, request)) return 'bad_origin';
    const admitted = this.#admit(request, url.searchParams.get('ticket'));
    if (typeof admitted === 'string') return admitted;
    if (!feed.isReady || this.#isClosed) return 'starting';
    if (this.#subscribers.size >= limits.total || this.#countOf(admitted) >= (isAnybody(admitted) ? limits.perAnybody : limits.perAccount)) return 'too_many';
    const cursor = url.searchParams.get('cursor');
    if (cursor !== null && !/^\d{1,15}$/.test(cursor)) return 'bad_request';
    return { admitted, cursor: cursor === null ? null : Number(cursor) };
  }

  /** A page has a ticket and an origin; a program has a token, which no browser sends here unasked. */
  #admit(request: IncomingMessage, ticket: string | null): Admitted | Why {
    const { access, sessions } = this.#parts;
    if (ticket !== null) return request.headers.origin === undefined ? 'bad_origin' : sessions.useTicket(ticket) ?? 'unauthenticated';
    const principal = access.identify(request.headers);
    return principal === null || principal.isBrowser ? 'unauthenticated' : principal;
  }

  #countOf({ account }: Admitted): number {
    let count = 0;
    for (const { admitted } of this.#subscribers) if (admitted.account.name === account.name) count++;
    return count;
  }

  #refuse(socket: Duplex, why: Why): void {
    const status = statuses[why];
    this.#parts.onRefused({ reason: why, status, route: 'GET /ws', account: 'nobody' });
    const body = JSON.stringify({ error: why });
    const headers = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${body.length}`];
    socket.end([`HTTP/1.1 ${status} Refused`, ...headers, '', body].join('\r\n'));
    setTimeout(() => socket.destroy(), 1_000).unref();
  }

  #open({ admitted, cursor }: { admitted: Admitted; cursor: number | null }, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (websocket: WebSocket) => {
      const subscriber = new Subscriber(websocket, socket, admitted, this.#cursor);
      this.#subscribers.add(subscriber);
      websocket.on('close', () => this.#subscribers.delete(subscriber));
      this.#greet(subscriber, cursor);
    });
  }

  #greet(subscriber: Subscriber, from: number | null): void {
    const { account } = subscriber.admitted;
    // Nobody listened until now: what nobody waits for need not be told.
    if (this.#subscribers.size === 1) this.#cursor = this.#parts.feed.lastChange();
    const present = this.#cursor;
    const isOurs = from === null || from <= this.#parts.feed.lastChange();
    // Lists may be a moment ahead of what was sent here.
    subscriber.cursor = Math.min(isOurs ? from ?? present : present, present);
    this.#send(subscriber, { type: 'hello', cursor: subscriber.cursor, account: account.name, role: account.role, status: this.#parts.feed.status() });
    if (!isOurs) this.#send(subscriber, { type: 'resync', cursor: present, from: 0 });
    this.#catchUp(subscriber);
  }

  /** Reads what changed once and sends it to everybody who is up to date. */
  #advance(): void {
    const { feed } = this.#parts;
    const present = feed.lastChange();
    if (present <= this.#cursor) return;
    const { cursor, messages } = feed.changes(this.#cursor, present, limits.batch);
    const frames = encode(messages);
    const live = [...this.#subscribers].filter((subscriber) => !subscriber.catchingUp && !subscriber.isBehind && subscriber.cursor === this.#cursor);
    this.#cursor = cursor;
    const nowMs = this.#nowMs();
    const startMs = performance.now();
    for (const subscriber of live) if (subscriber.send(frames, nowMs)) subscriber.cursor = cursor;
    this.#pauseMs = Math.min(pauseMs.changesAtMost, Math.max(pauseMs.changes, restOfWriting * (performance.now() - startMs)));
    if (cursor < present) this.changed();
  }

  /** One page; the next one when others have had their turn and the reader has room. */
  #catchUp(subscriber: Subscriber): void {
    if (!this.#subscribers.has(subscriber)) return;
    subscriber.catchingUp = subscriber.cursor < this.#cursor;
    if (!subscriber.catchingUp || subscriber.isBehind) return;
    const { cursor, messages } = this.#parts.feed.changes(subscriber.cursor, this.#cursor, limits.batch);
    if (!subscriber.send(encode(messages), this.#nowMs())) return;
    subscriber.cursor = cursor;
    // With little room it goes on at the next upkeep.
    if (subscriber.hasRoom) setImmediate(() => this.#catchUp(subscriber));
  }

  #upkeep(): void {
    const nowMs = this.#nowMs();
    for (const subscriber of this.#subscribers) {
      if (subscriber.admitted.isOver()) subscriber.close(closeCodes.policy);
      else if (subscriber.hasCaughtBreath(nowMs)) this.#resync(subscriber);
      else if (subscriber.catchingUp && !subscriber.isBehind && subscriber.hasRoom) this.#catchUp(subscriber);
    }
  }

  /** Who was behind goes on with the present. */
  #resync(subscriber: Subscriber): void {
    const from = subscriber.cursor;
    subscriber.catchingUp = false;
    subscriber.cursor = this.#cursor;
    this.#send(subscriber, { type: 'resync', cursor: this.#cursor, from });
  }

  #tellStatus(): void {
    if (this.#subscribers.size === 0) return;
    const status = this.#parts.feed.status();
    for (const subscriber of this.#subscribers) this.#send(subscriber, { type: 'status', cursor: subscriber.cursor, status });
  }

  #send(subscriber: Subscriber, message: Message): void {
    subscriber.send(encode([message]), this.#nowMs());
  }
}

const statuses = { not_found: 404, bad_origin: 403, unauthenticated: 401, starting: 503, too_many: 429, bad_request: 400 } as const;
type Why = keyof typeof statuses;

function isAnybody({ account }: Admitted): boolean {
  return account.name === 'anybody';
}

function encode(messages: readonly Message[]): Buffer {
  return Buffer.concat(messages.map((message) => frame(JSON.stringify(message))));
}
