import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthorizationServer } from './authorization-server.ts';
import { header, LoopbackServer } from './loopback-server.ts';

const freshnessSeconds = 300;
const maxBodyBytes = 64 << 10;

interface StepMessage {
  readonly type: string;
  readonly data: { readonly operation?: string; readonly token: { readonly client?: string; readonly subject?: string } };
}

/**
 * Beside the authorization server: takes signed requests to end a client's grants, and says whether any are alive. Each message
 * is done once, however often it comes.
 */
export class TokenDesk extends LoopbackServer {
  readonly #authorization: AuthorizationServer;
  readonly #key: Buffer;
  readonly #done = new Set<string>();
  /** Effects, as they happened. */
  readonly revoked: { readonly messageId: string; readonly client: string; readonly tokens: number }[] = [];
  /** Deliveries of messages that had been done before. */
  repeats = 0;
  refused = 0;

  constructor(authorization: AuthorizationServer, key: Buffer) {
    super();
    this.#authorization = authorization;
    this.#key = key;
  }

  protected override async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request);
    const id = header(request, 'webhook-id') ?? '';
    if (body === null || !this.#isGenuine(request, id, body)) {
      this.refused++;
      response.writeHead(401).end();
      return;
    }
    const { type, data } = JSON.parse(body) as StepMessage;
    const client = data.token.client ?? data.token.subject ?? '';
    if (type === 'tokenward.token.status') {
      const active = await this.#authorization.liveTokens(client) > 0;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ active }));
      return;
    }
    if (this.#done.has(id)) this.repeats++;
    else if (type === 'tokenward.token.revoke' && data.operation === 'do') {
      this.#done.add(id);
      this.revoked.push({ messageId: id, client, tokens: await this.#authorization.revokeClient(client) });
    }
    response.writeHead(204).end();
  }

  /** Standard Webhooks: HMAC over id, time and body; fresh; compared in constant time. */
  #isGenuine(request: IncomingMessage, id: string, body: string): boolean {
    const seconds = Number(header(request, 'webhook-timestamp') ?? '');
    if (id === '' || !(Math.abs(Date.now() / 1000 - seconds) <= freshnessSeconds)) return false;
    const expected = createHmac('sha256', this.#key).update(`${id}.${seconds}.${body}`).digest();
    return (header(request, 'webhook-signature') ?? '').split(' ').some((signature) => {
      const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

async function read(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBodyBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
