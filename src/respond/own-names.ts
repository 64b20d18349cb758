import type { Timing } from '../outbound/timing.ts';
import type { Ledger } from './ledger.ts';
import type { Action, KnownAs } from './port.ts';

/** Who did not answer is asked again. */
const againMs = 10 * 60_000;
const patienceMs = 30_000;

export interface OwnNamesParts {
  readonly actions: Iterable<Action>;
  readonly ledger: Ledger;
  readonly timing: Timing;
  /** Hears of an action whose credential is watched by no name, or not by all, and why. */
  readonly onUnknown: (action: string, why: Exclude<KnownAs['why'], null>) => void;
}

/**
 * Asks, once the service has started, by what names logs know the credentials that it acts with, where the configuration does not say. The engine is
 * told as of any input. A credential is read at a start only, so what was answered holds until the next.
 */
export class OwnNames {
  readonly #parts: OwnNamesParts;
  readonly #abort = new AbortController();
  #cancel: (() => void) | null = null;
  #asking: Promise<void> = Promise.resolve();

  constructor(parts: OwnNamesParts) {
    this.#parts = parts;
  }

  /** Throws nothing, now or later; who cannot be asked now is asked again. */
  start(): void {
    this.#begin([...this.#parts.actions].filter(({ ownNames }) => ownNames !== undefined));
  }

  /** Resolves when nothing is asked any more. */
  stop(): Promise<void> {
    this.#abort.abort();
    this.#cancel?.();
    return this.#asking;
  }

  #begin(actions: readonly Action[]): void {
    this.#asking = this.#askAll(actions).then((left) => {
      if (left.length === 0 || this.#abort.signal.aborted) return;
      this.#cancel = this.#parts.timing.after(againMs, () => this.#begin(left));
    }, () => undefined);
  }

  /** Answers those that are to be asked again. */
  async #askAll(actions: readonly Action[]): Promise<readonly Action[]> {
    const left: Action[] = [];
    for (const action of actions) {
      const { names, why } = await action.ownNames!(AbortSignal.any([this.#abort.signal, AbortSignal.timeout(patienceMs)]));
      if (this.#abort.signal.aborted) return [];
      if (names.length > 0) this.#note(action.name, names);
      if (why !== null) this.#parts.onUnknown(action.name, why);
      if (why === 'unreachable') left.push(action);
    }
    return left;
  }

  #note(action: string, names: KnownAs['names']): void {
    const { ledger } = this.#parts;
    const [key, text] = [`respond.own-names.${action}`, JSON.stringify(names)];
    if (ledger.effects.getMeta(key) === text) return;
    const audit = [{ timeMs: ledger.now(), kind: 'own.names', actor: 'executor', subject: action, detail: { names: names.map(({ name }) => name).join(' ') } }];
    ledger.command({ kind: 'own-names', action, names }, 'executor', audit);
    ledger.effects.setMeta(key, text);
  }
}
