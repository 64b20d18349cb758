import { request as send } from 'node:http';
import type { AuthorizationServer } from './authorization-server.ts';
import type { Thief, Workload } from './estate.ts';

export interface Reply { readonly status: number; readonly bytes: number }

export interface Request {
  readonly url: string;
  readonly host: string;
  readonly path: string;
  readonly bytes: number;
  readonly token: string;
  readonly address: string;
  readonly agent: string;
  readonly peer: string | null;
  /** Told of each piece that arrived. */
  readonly onBytes?: (bytes: number) => void;
}

/** One call through a gateway; resolves when all of it has arrived. Status 0: nobody answered. */
export function call(request: Request): Promise<Reply> {
  const { url, host, path, token, address, agent, peer } = request;
  return new Promise((resolve) => {
    let bytes = 0;
    let status = 0;
    const done = (): void => resolve({ status, bytes });
    const sent = send(`${url}${path}?bytes=${request.bytes}`, {
      agent: false,
      headers: {
        host, authorization: `Bearer ${token}`, 'user-agent': agent, 'x-forwarded-for': address, ...(peer === null ? {} : { 'x-peer-spiffe-id': peer }),
      },
    }, (answer) => {
      status = answer.statusCode ?? 0;
      answer.on('data', (piece: Buffer) => {
        bytes += piece.length;
        request.onBytes?.(piece.length);
      });
      answer.once('close', done);
    });
    sent.once('error', done);
    sent.end();
  });
}

/** What its workload counts of itself. */
export interface Tally { requests: number; refused: number; renewed: number }

/**
 * A live workload: calls page after page, and gets a new token when its own is refused, as a well-behaved client does. A
 * request that fails with the new token too counts as refused.
 */
export class LiveWorkload {
  readonly workload: Workload;
  readonly tally: Tally = { requests: 0, refused: 0, renewed: 0 };
  readonly #gateway: string;
  readonly #authorization: AuthorizationServer;
  /** Shared credentials are not this workload's to renew. */
  readonly #mayRenew: boolean;
  #token: string | null;
  #timer: NodeJS.Timeout | null = null;
  #page = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(workload: Workload, gatewayUrl: string, authorization: AuthorizationServer, token: string | null, mayRenew: boolean) {
    this.workload = workload;
    this.#gateway = gatewayUrl;
    this.#authorization = authorization;
    this.#token = token;
    this.#mayRenew = mayRenew;
  }

  start(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#turn().finally(() => {
        if (this.#timer !== null) this.start(this.workload.pageEveryMs);
      });
    }, afterMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    this.#timer = null;
    await this.#running;
  }

  async #turn(): Promise<void> {
    this.#token ??= await this.#authorization.fetchToken(this.workload);
    this.tally.requests++;
    const first = await this.#call(this.#token);
    if (first.status === 200) return;
    if (this.#mayRenew) {
      this.#token = await this.#authorization.fetchToken(this.workload);
      this.tally.renewed++;
      if ((await this.#call(this.#token)).status === 200) return;
    }
    this.tally.refused++;
  }

  #call(token: string): Promise<Reply> {
    const { host, paths, medianBytes, address, agent, spiffeId } = this.workload;
    // Sizes vary by a third around the usual one, in a fixed rhythm.
    const bytes = Math.round(medianBytes * (0.7 + 0.1 * (this.#page++ % 7)));
    return call({ url: this.#gateway, host, path: paths[this.#page % paths.length] as string, bytes, token, address, agent, peer: spiffeId });
  }
}

/** Pulls page after page with a stolen token until he has what he wants or is refused `patience` times in a row. */
export class LiveThief {
  readonly thief: Thief;
  bytes = 0;
  requests = 0;
  refusals = 0;
  /** When a call first succeeded and when one was first refused, wall clock. */
  firstMs: number | null = null;
  refusedMs: number | null = null;
  readonly #url: string;
  readonly #host: string;
  readonly #token: string;
  #stopped = false;

  constructor(thief: Thief, gatewayUrl: string, host: string, token: string) {
    this.thief = thief;
    this.#url = gatewayUrl;
    this.#host = host;
    this.#token = token;
  }

  /** One call of so many bytes. Answers its status. */
  async take(path: string, bytes: number): Promise<number> {
    const reply = await call({
      url: this.#url, host: this.#host, path, bytes, token: this.#token, address: this.thief.address, agent: this.thief.agent, peer: null,
      onBytes: (more) => { this.bytes += more; },
    });
    this.requests++;
    if (reply.status === 200) this.firstMs ??= Date.now();
    if (reply.status === 401) {
      this.refusals++;
      this.refusedMs ??= Date.now();
    }
    return reply.status;
  }

  async pull(path: string, patience: number): Promise<void> {
    while (!this.#stopped && this.bytes < this.thief.wantsBytes && this.refusals < patience) {
      const startMs = Date.now();
      const status = await this.take(path, this.thief.pageBytes);
      // His line is no faster than this; refused, he waits a little.
      const tookMs = status === 200 ? (1000 * this.thief.pageBytes) / this.thief.bytesPerSecond : 500;
      await new Promise((resolve) => { setTimeout(resolve, Math.max(0, startMs + tookMs - Date.now())); });
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}
