/** One refusal, in our own fixed words and names of accounts; never what the request said. */
export interface RefusedRequest {
  /** Fixed word. */
  readonly reason: string;
  readonly status: number;
  /** Method and path as the table of routes has them; `unknown` for others. */
  readonly route: string;
  /** `nobody` where it could not be told. */
  readonly account: string;
}

/** `count` requests that were refused alike, the last of them at `timeMs`. */
export interface RefusalNote extends RefusedRequest { readonly count: number; readonly timeMs: number }

/** Different kinds of refusal within one window; further ones are counted together. */
const maxKinds = 64;
const windowMs = 10_000;

/**
 * Tells each kind of refusal at once and counts its repetitions within 10 s, so that every refusal is told and a flood of them
 * fills nothing.
 */
export class Refusals {
  readonly #tell: (note: RefusalNote) => void;
  readonly #nowMs: () => number;
  readonly #counted = new Map<string, { readonly request: RefusedRequest; count: number; lastMs: number }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (note: RefusalNote) => void, nowMs: () => number = Date.now) {
    this.#tell = tell;
    this.#nowMs = nowMs;
  }

  add(request: RefusedRequest): void {
    const nowMs = this.#nowMs();
    const known = this.#entry(request);
    if (known !== undefined) {
      known.count++;
      known.lastMs = nowMs;
      return;
    }
    this.#counted.set(keyOf(request), { request, count: 0, lastMs: nowMs });
    this.#tell({ ...request, count: 1, timeMs: nowMs });
    this.#timer ??= setTimeout(() => this.flush(), windowMs).unref();
  }

  /** Tells what was counted, and begins anew. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const { request, count, lastMs } of this.#counted.values()) if (count > 0) this.#tell({ ...request, count, timeMs: lastMs });
    this.#counted.clear();
  }

  #entry(request: RefusedRequest) {
    const known = this.#counted.get(keyOf(request));
    if (known !== undefined || this.#counted.size < maxKinds) return known;
    const rest: RefusedRequest = { reason: 'various', status: 400, route: 'unknown', account: 'nobody' };
    const others = this.#counted.get(keyOf(rest)) ?? { request: rest, count: 0, lastMs: 0 };
    this.#counted.set(keyOf(rest), others);
    return others;
  }
}

function keyOf({ reason, status, route, account }: RefusedRequest): string {
  return `${reason} ${status} ${route} ${account}`;
}
