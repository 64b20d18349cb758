import { jwtVerify } from 'jose';
import { randomUUID, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { envoyLine, haproxyLine, LogFile, sha256, type Answered, type Claims } from './access-log.ts';
import { header, LoopbackServer } from './loopback-server.ts';

const chunk = Buffer.alloc(1 << 18, 0x2e);

/** What the gateway learned of a request's token. `claims` stay when a good token is refused by the list. */
interface Checked { readonly claims: Claims | null; readonly tokenSha256: string | null; readonly refused: string | null }

/** Decides whether somebody who shows a good token is on the list of the refused. */
export interface Denials {
  refuses(claims: Claims, tokenSha256: string, address: string, peer: string | null): boolean;
}

export interface GatewayOptions {
  readonly logFile: string;
  readonly denials: Denials;
  readonly check: Check;
}

/** `offline`: checks the signature of JWTs and asks nobody. `introspect`: asks the authorization server about each token. */
type Check =
  | { readonly kind: 'offline'; readonly key: KeyObject }
  | { readonly kind: 'introspect'; readonly ask: (token: string) => Promise<Claims | null> };

/**
 * An API behind a gateway, on loopback. It answers `?bytes=N` with so many bytes, counts those that really left, and logs each
 * request when it is over. The address is the one that the load balancer in front of it wrote down.
 */
export class Gateway extends LoopbackServer {
  readonly #options: GatewayOptions;
  readonly #log: LogFile;

  constructor(options: GatewayOptions) {
    super();
    this.#options = options;
    this.#log = new LogFile(options.logFile);
  }

  override async close(): Promise<void> {
    await super.close();
    this.#log.close();
  }

  protected override async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startMs = Date.now();
    const caller = { address: header(request, 'x-forwarded-for') ?? '', peer: header(request, 'x-peer-spiffe-id') };
    const checked = await this.#check(header(request, 'authorization') ?? '', caller);
    const url = new URL(request.url ?? '/', 'http://gateway');
    const status = checked.refused === null ? 200 : 401;
    const wanted = status === 200 ? Number(url.searchParams.get('bytes') ?? 0) : 0;
    response.writeHead(status, { 'content-type': 'application/octet-stream' });
    const bytes = await send(response, wanted);
    this.#write({
      startMs, endMs: Date.now(), method: request.method ?? 'GET', path: url.pathname, host: header(request, 'host') ?? '', status, bytes,
      address: caller.address, agent: header(request, 'user-agent') ?? '', peer: caller.peer, requestId: randomUUID(), ...checked,
    });
  }

  async #check(authorization: string, { address, peer }: { address: string; peer: string | null }): Promise<Checked> {
    const token = authorization.startsWith('Bearer ') ? authorization.slice(7) : '';
    const { check, denials } = this.#options;
    const claims = token === '' ? null : check.kind === 'introspect' ? await check.ask(token) : await verified(token, check.key);
    if (claims === null) return { claims: null, tokenSha256: null, refused: 'invalid_token' };
    const tokenSha256 = sha256(token);
    const refused = denials.refuses(claims, tokenSha256, address, peer) ? 'denied_token' : null;
    return { claims, tokenSha256: check.kind === 'introspect' ? tokenSha256 : null, refused };
  }

  #write(answered: Answered): void {
    this.#log.line(this.#options.check.kind === 'offline' ? envoyLine(answered) : haproxyLine(answered));
  }
}

async function verified(token: string, key: KeyObject): Promise<Claims | null> {
  try {
    const { payload } = await jwtVerify(token, key, { clockTolerance: 60 });
    return payload as unknown as Claims;
  } catch {
    return null;
  }
}

/** Writes so many bytes as fast as the other side takes them; answers how many it took. */
async function send(response: ServerResponse, wanted: number): Promise<number> {
  let left = wanted;
  while (left > 0 && !response.destroyed) {
    const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
    left -= part.length;
    if (!response.write(part)) await drained(response);
  }
  response.end();
  return wanted - left;
}

/** Until it takes more, or the other side is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
