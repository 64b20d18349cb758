import type { Context } from '../model/detector.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Coverage } from './coverage.ts';
import type { Correlation } from './engine.ts';

type Issuance = Pick<Correlation, 'tokenIssuedMs' | 'issueSeen'>;

/** The context of the event at hand: one object for all events, so that none is allocated per event. */
export class EventContext implements Context {
  readonly #coverage: Coverage;
  readonly #correlation: Issuance;
  #source = '';
  #nowMs = 0;
  #token: string | null = null;

  constructor(coverage: Coverage, correlation: Issuance) {
    this.#coverage = coverage;
    this.#correlation = correlation;
  }

  turnTo(event: TokenEvent): void {
    this.#source = event.source;
    this.#nowMs = event.orderMs;
    this.#token = event.token;
  }

  coveredMs(fromMs: number): number {
    return this.#coverage.coveredMs(this.#source, fromMs, this.#nowMs);
  }

  get tokenIssuedMs(): number | null {
    return this.#token === null ? null : this.#correlation.tokenIssuedMs(this.#token);
  }

  get tokenIssueSeen(): boolean {
    return this.#token !== null && this.#correlation.issueSeen(this.#token);
  }
}
