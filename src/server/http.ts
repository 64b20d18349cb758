import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { isIP, type AddressInfo } from 'node:net';
import type { PushAnswer, PushRequest } from '../ingest/push/source.ts';
import type { Credentials } from './credentials.ts';
import { isLoopback } from './loopback.ts';
import { addDenyLists, type ServedList } from './deny-lists.ts';
import { addFeeds, type FeedsHandler } from './feeds.ts';
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
  /** Takes no more requests and waits for those under way. */
  close(): Promise<void>;
}

const limits = {
  headerBytes: 16 << 10, connections: 512, requestsPerSocket: 10_000,
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
  harden(server, options);
  addProbes(server, options);
  if (options.push.length > 0) addPush(server, options);
  addDenyLists(server, options.denyLists ?? [], options.onRefused);
  if (options.feeds !== undefined) addFeeds(server, options.feeds, { read: admitKnown(options), change: admitKnown(options), actorOf: () => 'operator' });
  try {
    await server.listen({ host: options.host, port: options.port });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ServerError(`cannot listen on ${options.host}:${options.port} (${code})`, { cause: error });
  }
  const { address, port } = server.server.address() as AddressInfo;
  return { host: address, port, close: () => server.close() };
}

function checkOptions({ host, credentials, push, denyLists }: ServerOptions): void {
  if (host !== 'localhost' && isIP(host) === 0) throw new ServerError(`"${host}" is no address to listen on: give one such as 127.0.0.1`);
  if (!isLoopback(host) && credentials === null) {
    const advice = 'set server.credentials_file, or listen on 127.0.0.1';
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
function harden(server: FastifyInstance, { credentials, onRefused }: ServerOptions): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(headers);
    // A page may point its own name at this machine; then the browser sends that name.
    if (credentials === null && !isOwnName(request.hostname)) return refuse(reply, 421, 'unknown_host', onRefused);
  });
  server.setNotFoundHandler((_, reply) => refuse(reply, 404, 'not_found', onRefused));
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

function refuse(reply: FastifyReply, status: number, reason: string, onRefused: ServerOptions['onRefused']): FastifyReply {
  onRefused?.(reason, status);
  return reply.code(status).send({ error: reason });
}

function isKnownTo({ credentials }: ServerOptions, request: FastifyRequest): boolean {
  return credentials?.accepts(request.headers.authorization) ?? true;
}

/** Turns away who does not show the server's credentials, where there are any. */
function admitKnown(options: ServerOptions): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    if (isKnownTo(options, request)) return undefined;
    return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'unauthenticated', options.onRefused);
  };
}

function addProbes(server: FastifyInstance, options: ServerOptions): void {
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
function addPush(server: FastifyInstance, { push, onRefused, onPush }: ServerOptions): void {
  const targets = new WeakMap<FastifyRequest, PushTarget>();
  let bodies = 0;
  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    let target: PushTarget | undefined;
    for (const one of push) if (one.credentials.accepts(request.headers.authorization)) target = one;
    if (target === undefined) return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'unauthenticated', onRefused);
    if (bodies >= limits.bodiesAtOnce) return refuse(reply.header('retry-after', '1'), 429, 'too_many_at_once', onRefused);
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
