import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { isIP, type AddressInfo } from 'node:net';
import type { PushAnswer, PushRequest } from '../ingest/push/source.ts';
import type { Credentials } from './credentials.ts';
import { isLoopback } from './loopback.ts';
import { addDenyLists, type ServedList } from './deny-lists.ts';
import { addFeeds, type FeedsHandler } from './feeds.ts';
import { principalOf } from './access.ts';
import type { Account } from './accounts.ts';
import { addLive, type Live, type LiveOptions } from './live.ts';
import { refusedLoginPage } from './login-page.ts';
import type { Problem } from './api/shapes.ts';
import type { Readiness } from './readiness.ts';

/** Settings of the server under which it must not start. The message says what to change. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/** A source that takes pushes, and who may push to it. */
export interface PushTarget {
  readonly name: string;
  readonly credentials: Credentials;
  receive(request: PushRequest): Promise<PushAnswer>;
}

export interface ServerOptions {
  /** An address of this machine; names other than `localhost` are not looked up. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Opens `/metrics` and the details of `/readyz`; `null` leaves them open, which only a loopback address allows. */
  readonly credentials: Credentials | null;
  readonly readiness: () => Readiness;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly push: readonly PushTarget[];
  /** Lets stopped feeds go on; absent: nobody can. */
  readonly feeds?: FeedsHandler;
  /** For gateways. */
  readonly denyLists?: readonly ServedList[];
  /** The API, the live stream and the page; absent: none of them. */
  readonly live?: LiveOptions;
  /** Longest body of a push as it is sent, compressed or not. */
  readonly maxBodyBytes?: number;
  /** Called for each refused or failed request, for the log; `reason` is a fixed word. */
  readonly onRefused?: (reason: string, status: number, error?: unknown) => void;
  /** Called for each answered push. */
  readonly onPush?: (source: string, answer: PushAnswer) => void;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** The change number has risen: the live stream has something to tell. */
  changed(): void;
  /** Path of a link that begins a session once; `null` without accounts. */
  openSession(account: Account): string | null;
  /** Takes no more requests and waits for those under way. */
  close(): Promise<void>;
}

const limits = {
  headerBytes: 16 << 10, connections: 2_560, requestsPerSocket: 10_000,
  headersMs: 5_000, requestMs: 30_000, keepAliveMs: 15_000, bodiesAtOnce: 8,
} as const;

const headers = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer',
} as const;

/** Starts to listen. Throws `ServerError` where that would open the service to strangers, or where it cannot listen. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  checkOptions(options);
  const server = fastify({
    logger: false, bodyLimit: options.maxBodyBytes ?? 16 << 20, requestTimeout: limits.requestMs, keepAliveTimeout: limits.keepAliveMs,
    maxRequestsPerSocket: limits.requestsPerSocket, forceCloseConnections: 'idle', exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 64 }, return503OnClosing: true,
    http: { maxHeaderSize: limits.headerBytes, headersTimeout: limits.headersMs, connectionsCheckingInterval: 1_000 },
  });
  server.server.maxConnections = limits.connections;
  server.server.timeout = limits.requestMs * 2;
  const live = begin(server, options);
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ServerError(`cannot listen on ${options.host}:${options.port} (${code})`, { cause: error });
  }
  const { address, port } = server.server.address() as AddressInfo;
  return {
    host: address, port, close: () => server.close(), changed: () => live?.changed(),
    openSession: (account) => (hasAccounts(options) ? live?.openSession(account) ?? null : null),
  };
}

/** Adds everything that it answers. */
function begin(server: FastifyInstance, given: ServerOptions): Live | null {
  let live: Live | null = null;
  const options: Wired = { ...given, refused: (request) => live?.refused(request) };
  harden(server, options);
  addProbes(server, options);
  if (options.push.length > 0) addPush(server, options);
  addDenyLists(server, options.denyLists ?? [], (reason, status) => {
    options.onRefused?.(reason, status);
    options.refused({ reason, status, route: 'GET /deny-lists/:name', account: 'nobody' });
  });
  const viewers = isLoopback(options.host) ? null : options.credentials;
  const turnAway = (reply: FastifyReply, status: number, reason: string, problem?: Problem): FastifyReply => refuse(reply, status, reason, options, problem);
  if (options.live !== undefined) live = addLive(server, options.live, viewers, turnAway, (reason, status) => options.onRefused?.(reason, status));
  const operators = { read: admitKnown(options), change: admitKnown(options), actorOf: () => 'operator' };
  if (options.feeds !== undefined) addFeeds(server, options.feeds, hasAccounts(options) && live !== null ? live.admission : operators);
  return live;
}

/** With somebody who is told who was refused what. */
interface Wired extends ServerOptions { readonly refused: Live['refused'] }

function hasAccounts({ live }: ServerOptions): boolean {
  return live !== undefined && live.accounts !== null;
}

function checkOptions(options: ServerOptions): void {
  const { host, credentials, push, denyLists } = options;
  if (host !== 'localhost' && isIP(host) === 0) throw new ServerError(`"${host}" is no address to listen on: give one such as 127.0.0.1`);
  if (!isLoopback(host) && credentials === null && !hasAccounts(options)) {
    const advice = 'set server.credentials_file or server.accounts_file, or listen on 127.0.0.1';
    throw new ServerError(`${host} can be reached from other machines and nothing authenticates them: ${advice}`);
  }
  checkApart('sources', push);
  for (const { gateways } of denyLists ?? []) checkApart('gateways', gateways);
}

function checkApart(what: string, parties: readonly { readonly name: string; readonly credentials: Credentials }[]): void {
  for (const [place, { name, credentials: own }] of parties.entries()) {
    const other = parties.slice(0, place).find((party) => party.credentials.overlaps(own));
    if (other !== undefined) throw new ServerError(`the ${what} ${other.name} and ${name} share a token: each needs one of its own`);
  }
}

/** What holds for every request: fixed headers, no words of ours that quote the request, nothing for pages of other names. */
function harden(server: FastifyInstance, options: Wired): void {
  const { host, credentials, onRefused, live } = options;
  const asksNobody = isLoopback(host) && (credentials === null || live?.accounts === null);
  const publicName = live === undefined || live.publicUrl === null ? null : new URL(live.publicUrl).hostname;
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    // A page may point its own name at this machine; then the browser sends that name.
    if (asksNobody && !isOwnName(request.hostname) && request.hostname !== publicName) return refuse(reply, 421, 'unknown_host', options);
  });
  server.setNotFoundHandler((_, reply) => refuse(reply, 404, 'not_found', options));
  server.setErrorHandler((error: { readonly statusCode?: number }, _, reply) => {
    const status = error.statusCode ?? 500;
    const reason = status === 413 ? 'too_large' : status < 500 ? 'bad_request' : 'failed';
    onRefused?.(reason, status, error);
    // What goes wrong inside may be over in a while: nothing was acknowledged, so the sender tries again.
    return status < 500 ? reply.code(status).send({ error: reason }) : reply.code(503).header('retry-after', '10').send({ error: reason });
  });
}

function isOwnName(hostname: string): boolean {
  return hostname === '' || hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

function refuse(reply: FastifyReply, status: number, reason: string, { onRefused, refused }: Wired, problem?: Problem): FastifyReply {
  const { request } = reply;
  onRefused?.(reason, status);
  refused({ reason, status, route: `${request.method} ${request.routeOptions.url ?? 'unknown'}`, account: principalOf(request)?.account.name ?? 'nobody' });
  const page = refusedLoginPage(request, reason);
  if (page !== null) return reply.code(status).header('content-type', 'text/html; charset=utf-8').send(page);
  if (problem === undefined) return reply.code(status).send({ error: reason });
  return reply.code(status).header('content-type', 'application/problem+json; charset=utf-8').send({ error: reason, status, ...problem });
}

function isKnownTo({ credentials, live, host }: ServerOptions, { headers: { authorization } }: FastifyRequest): boolean {
  return credentials?.accepts(authorization) ?? (isLoopback(host) || (live?.accounts?.findBearer(authorization) ?? null) !== null);
}

/** Turns away who does not show the server's credentials, where there are any. */
function admitKnown(options: Wired): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    if (isKnownTo(options, request)) return undefined;
    return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'unauthenticated', options);
  };
}

function addProbes(server: FastifyInstance, options: Wired): void {
  server.get('/healthz', () => ({ status: 'ok' }));
  server.get('/readyz', (request, reply) => {
    const readiness = options.readiness();
    return reply.code(readiness.ready ? 200 : 503).send(isKnownTo(options, request) ? readiness : { ready: readiness.ready });
  });
  server.get('/metrics', { onRequest: admitKnown(options) }, async (_, reply) => {
    const { contentType, text } = await options.metrics();
    return reply.header('content-type', contentType).send(text);
  });
}

/** Who pushes is known before a byte of the body is read, and only few bodies are held at once. */
function addPush(server: FastifyInstance, options: Wired): void {
  const { push, onPush } = options;
  const targets = new WeakMap<FastifyRequest, PushTarget>();
  let bodies = 0;
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    let target: PushTarget | undefined;
    for (const one of push) if (one.credentials.accepts(request.headers.authorization)) target = one;
    if (target === undefined) return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'unauthenticated', options);
    if (bodies >= limits.bodiesAtOnce) return refuse(reply.header('retry-after', '1'), 429, 'too_many_at_once', options);
    bodies++;
    // 'close' comes once for every request, however it ends.
    reply.raw.once('close', () => { bodies--; });
    targets.set(request, target);
    return undefined;
  };
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    scope.post<{ Params: { format: string } }>('/ingest/:format', { onRequest: admit }, async (request, reply) => {
      const target = targets.get(request)!;
      const answer = await target.receive({
        format: request.params.format, batchId: one(request.headers['idempotency-key']),
        encoding: request.headers['content-encoding'] ?? '', body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
      });
      onPush?.(target.name, answer);
      if (answer.retryAfterSeconds !== null) reply.header('retry-after', String(answer.retryAfterSeconds));
      return reply.code(answer.status).header('content-type', 'application/json; charset=utf-8').send(answer.body);
    });
  });
}

function one(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
