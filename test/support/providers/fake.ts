/**
 * Strict fakes of providers' documented interfaces: what the documentation does not allow is refused and noted as a fault, so that a test
 * fails by it. They are no proof of what the real services do.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it came over the wire. */
export interface Received {
  readonly method: string;
  /** As sent, still encoded. */
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Reply { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }

/** What the documentation does not allow. */
export class Refusal extends Error {
  readonly reply: Reply;
  constructor(status: number, why: string) {
    super(why);
    this.reply = { status, body: { error: why } };
  }
}

export interface Fake {
  readonly url: string;
  /** `METHOD path?query` of every request. */
  readonly seen: string[];
  /** What was refused as not documented. */
  readonly faults: string[];
}

/** Answers until the test ends. */
export async function startFake(handle: (received: Received) => Reply): Promise<Fake> {
  const seen: string[] = [];
  const faults: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = await receive(request);
    seen.push(`${received.method} ${received.path}${received.query === '' ? '' : `?${received.query}`}`);
    let reply: Reply;
    try {
      reply = handle(received);
    } catch (error) {
      if (!(error instanceof Refusal)) faults.push(`broken: ${String(error)}`);
      else faults.push(`${seen.at(-1)}: ${error.message}`);
      reply = error instanceof Refusal ? error.reply : { status: 500 };
    }
    const { status, body, headers = {} } = reply;
    response.writeHead(status, headers).end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => { void answer(request, response); });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, faults };
}

async function receive(request: IncomingMessage): Promise<Received> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  return { method: request.method ?? '', path, query, headers: request.headers as Record<string, string>, body: Buffer.concat(parts).toString('utf8') };
}

export function must(holds: boolean, status: number, why: string): asserts holds {
  if (!holds) throw new Refusal(status, why);
}

/** The JSON body, which must have been sent as such, with exactly these members. */
export function jsonBody(received: Received, members: readonly string[], type = 'application/json'): Record<string, unknown> {
  must(received.headers['content-type'] === type, 415, `content type ${received.headers['content-type']}`);
  const value = JSON.parse(received.body) as Record<string, unknown>;
  must(Object.keys(value).sort().join() === [...members].sort().join(), 400, `members ${Object.keys(value).join()}`);
  return value;
}

export function formBody(received: Received): Record<string, string> {
  must(received.headers['content-type'] === 'application/x-www-form-urlencoded', 415, 'no form');
  return Object.fromEntries(new URLSearchParams(received.body));
}

/** A call that takes no body. */
export function noBody(received: Received): void {
  must(received.body === '', 400, 'a body where none is documented');
}

type Handler = (received: Received, parts: readonly string[]) => Reply;

/** Routes as `METHOD /path/{}/more`, each `{}` one segment, decoded; with a query where one is documented. */
export function routes(table: Readonly<Record<string, Handler>>): (received: Received) => Reply {
  const known = Object.entries(table).map(([route, handler]) => {
    const [method = '', rest = ''] = route.split(' ', 2);
    const [path = '', query = ''] = rest.split('?', 2);
    return { method, query, handler, pattern: new RegExp(`^${path.split('{}').map((text) => text.replaceAll(/[.()$]/g, '\\$&')).join('([^/]+)')}$`) };
  });
  return (received) => {
    const here = known.filter(({ pattern }) => pattern.test(received.path));
    must(here.length > 0, 404, 'no such path');
    const route = here.find(({ method }) => method === received.method);
    must(route !== undefined, 405, 'method not allowed');
    must(route.query === received.query || route.query === '*', 400, `query ${received.query}`);
    return route.handler(received, route.pattern.exec(received.path)!.slice(1).map(decodeURIComponent));
  };
}

export interface TokenRules { readonly id: string; readonly secret: string; readonly method: 'basic' | 'post'; readonly scope: string | null }

/** A token endpoint for a client in its own name (RFC 6749, 4.4), and the check of what it gave out. */
export class TokenEndpoint {
  readonly #rules: TokenRules;
  readonly #issued = new Set<string>();
  issuedCount = 0;
  /** Of the tokens that are given out; `null`: nobody else can read them. */
  claims: object | null = null;

  constructor(rules: TokenRules) { this.#rules = rules; }

  issue(received: Received): Reply {
    const { id, secret, method, scope } = this.#rules;
    const form = formBody(received);
    must(form['grant_type'] === 'client_credentials', 400, 'unsupported_grant_type');
    must((form['scope'] ?? null) === scope, 400, 'invalid_scope');
    const basic = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
    const isShown = method === 'basic'
      ? received.headers['authorization'] === basic && form['client_secret'] === undefined
      : received.headers['authorization'] === undefined && form['client_id'] === id && form['client_secret'] === secret;
    if (!isShown) return { status: 401, body: { error: 'invalid_client', error_description: JSON.stringify(received) } };
    return this.give();
  }

  /** Where another grant was checked by somebody else. */
  give(): Reply {
    const name = `bearer-canary-${++this.issuedCount}`;
    const token = this.claims === null ? name : `e30.${Buffer.from(JSON.stringify(this.claims)).toString('base64url')}.${name}`;
    this.#issued.add(token);
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: 300 } };
  }

  /** Ends all that was given out. */
  forget(): void { this.#issued.clear(); }

  isKnown({ headers }: Received): boolean {
    return this.#issued.has(headers['authorization']?.replace(/^Bearer /, '') ?? '');
  }
}
