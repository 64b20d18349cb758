import type { Denial } from '../../model/denial.ts';
import type { Timing } from '../../outbound/timing.ts';
import { leewayMs } from '../deny-list/deny-list.ts';
import { whyNotWritten, type GatewayFiles } from '../deny-list/gateway-files.ts';
import type { FetchedList } from './fetched-list.ts';
import { GatewayFault, type Gateway } from './gateway.ts';

/** What there is to tell. Reasons are fixed words. */
export type AgentNews =
  | { readonly kind: 'in_force'; readonly gateway: string; readonly number: number; readonly entries: number; readonly cut: number }
  | { readonly kind: 'not_in_force'; readonly gateway: string; readonly reason: string }
  | { readonly kind: 'no_list'; readonly reason: string };

export interface AgentOptions {
  readonly list: Pick<FetchedList, 'current' | 'refresh'>;
  readonly gateways: readonly { readonly gateway: Gateway; readonly format: GatewayFiles['format'] }[];
  readonly everyMs: number;
  readonly timing: Timing;
  readonly tell: (news: AgentNews) => void;
}

/** What a gateway has. */
interface Standing { readonly number: number; readonly version: string; readonly entries: readonly Denial[] }

/**
 * Beside a gateway: fetches the signed list, brings it into force, and says so by the next question. Requests never wait for it; where it or
 * Tokenward is down, what is in force stays. What has ended leaves the gateway by itself.
 */
export class GatewayAgent {
  readonly #options: AgentOptions;
  readonly #standings = new Map<Gateway, Standing>();
  readonly #stopping = new AbortController();
  #cancel: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** Brings into force what was kept, then asks again and again. Resolves when the first round is over. */
  async start(): Promise<void> {
    await this.#putAll();
    await this.#next();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancel();
    await this.#round;
  }

  /** Number of the list that every gateway has; `null`: not all have one. */
  get inForce(): number | null {
    const numbers = this.#options.gateways.map(({ gateway }) => this.#standings.get(gateway)?.number);
    return numbers.includes(undefined) ? null : Math.min(...numbers as number[]);
  }

  #next(): Promise<void> {
    this.#round = this.#lookOnce().then(() => {
      if (!this.#stopping.signal.aborted) this.#cancel = this.#options.timing.after(this.#options.everyMs, () => { void this.#next(); });
    });
    return this.#round;
  }

  async #lookOnce(): Promise<void> {
    const before = this.inForce;
    await this.#refresh();
    await this.#putAll();
    // Who acts waits for this.
    if (this.inForce !== before) await this.#refresh();
  }

  async #refresh(): Promise<void> {
    try {
      const fetched = await this.#options.list.refresh(this.inForce, this.#stopping.signal);
      if (typeof fetched === 'object' && !this.#stopping.signal.aborted) this.#options.tell({ kind: 'no_list', reason: fetched.reason });
    } catch {
      this.#options.tell({ kind: 'no_list', reason: 'not_kept' });
    }
  }

  async #putAll(): Promise<void> {
    const list = this.#options.list.current;
    if (list === null) return;
    const endedMs = this.#options.timing.now() - leewayMs;
    const living = list.entries.filter(({ untilMs }) => untilMs === null || untilMs > endedMs);
    await Promise.all(this.#options.gateways.map(({ gateway, format }) => this.#put(gateway, format, list.number, living)));
  }

  async #put(gateway: Gateway, format: GatewayFiles['format'], number: number, living: readonly Denial[]): Promise<void> {
    const version = `${number}-${living.length}`;
    const standing = this.#standings.get(gateway);
    if (standing?.version === version || this.#stopping.signal.aborted) return;
    const { tell } = this.#options;
    const said = living.filter((denial) => whyNotWritten(denial, { format }) === null);
    try {
      const { cut } = await gateway.put(said, standing?.entries ?? said, version);
      // The others are refused by it all the same.
      if (said.length < living.length) throw new GatewayFault('not_expressible');
      this.#standings.set(gateway, { number, version, entries: said });
      tell({ kind: 'in_force', gateway: gateway.name, number, entries: said.length, cut });
    } catch (error) {
      tell({ kind: 'not_in_force', gateway: gateway.name, reason: error instanceof GatewayFault ? error.reason : 'not_written' });
    }
  }
}
