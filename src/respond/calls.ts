import type { Intent } from '../model/intent.ts';
import type { Timing } from '../outbound/timing.ts';
import type { Circuits } from './circuits.ts';
import type { HandOver } from './hand-over.ts';
import { noteFormer, type Ledger } from './ledger.ts';
import type { Action, Liveness, Verdict } from './port.ts';
import type { World } from './world.ts';

/** Longest that one call or question may take. */
const callMs = 10_000;
/** And making a new credential, which is several. */
const handOverMs = 60_000;

export interface CallsParts { readonly ledger: Ledger; readonly world: World; readonly circuits: Circuits; readonly timing: Timing }

/** Speaks to providers through the actions, each call within a time of its own. Resolves also when they fail. */
export class Calls {
  readonly #parts: CallsParts;
  readonly #handOver: HandOver;

  constructor(parts: CallsParts, handOver: HandOver) {
    this.#parts = parts;
    this.#handOver = handOver;
  }

  #actionOf(intent: Intent): Action | undefined {
    return this.#parts.world.action(intent.action);
  }

  /** How long until a call by the intent's action may begin. */
  waitMs({ action }: Intent): number {
    return this.#parts.circuits.waitMs(action, this.#parts.ledger.now());
  }

  /** What the provider says of the token; `unknown` where nobody can be asked or nobody answers. */
  async ask(intent: Intent, signal: AbortSignal, limitMs = callMs): Promise<Liveness> {
    const probe = this.#actionOf(intent)?.probe ?? null;
    if (probe === null) return 'unknown';
    return this.#limited((limit) => probe(intent, limit), signal, 'unknown', limitMs);
  }

  /** Does, undoes or hands over, as the intent stands. */
  async perform(intent: Intent, signal: AbortSignal): Promise<Verdict> {
    const action = this.#actionOf(intent);
    const undo = action?.undo ?? null;
    if (action === undefined) return { kind: 'failed', reason: 'unknown_action' };
    if (intent.undoing && undo === null) return { kind: 'failed', reason: 'cannot_be_undone' };
    this.#parts.circuits.begun(intent.action, this.#parts.ledger.now());
    if (intent.kind === 'rotate' && !intent.undoing && intent.handover?.phase !== 'cutting') return this.#make(intent, action, signal);
    if (intent.undoing) return this.#limited((limit) => undo!(intent, limit), signal, { kind: 'retry', reason: 'no_answer' });
    return this.#do(intent, action, signal);
  }

  /** Throws `StoreError` where an action has to note something, and that cannot be: then it did nothing. */
  async #do(intent: Intent, action: Action, signal: AbortSignal): Promise<Verdict> {
    const thrown: unknown[] = [];
    const call = (limit: AbortSignal): Promise<Verdict> => action.perform(intent, limit, (former) => {
      let isNoted: boolean;
      try {
        // Who waits for a call that took too long has gone on by then.
        isNoted = !limit.aborted && noteFormer(this.#parts.ledger, intent.id, former);
      } catch (error) {
        thrown.push(error);
        throw error;
      }
      if (!isNoted) throw new Error('nothing is to be done any more');
    });
    const verdict = await this.#limited(call, signal, { kind: 'retry', reason: 'no_answer' });
    if (thrown.length > 0) throw thrown[0];
    return verdict;
  }

  async #make(intent: Intent, { rotation }: Action, signal: AbortSignal): Promise<Verdict> {
    if (rotation === undefined) return { kind: 'failed', reason: 'step_not_supported' };
    const thrown: Error[] = [];
    const work = (limit: AbortSignal): Promise<Verdict> => this.#handOver.make(intent, rotation, limit).catch((error: unknown) => {
      thrown.push(error instanceof Error ? error : new Error('a rotation cannot be noted', { cause: error }));
      throw error;
    });
    const verdict = await this.#limited(work, signal, { kind: 'retry', reason: 'no_answer' }, handOverMs);
    if (thrown[0] !== undefined) throw thrown[0];
    return verdict;
  }

  /** What was thrown may hold secrets of the other side, so nothing of it is kept. */
  async #limited<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal, otherwise: T, limitMs = callMs): Promise<T> {
    const limit = new AbortController();
    const abort = (): void => limit.abort();
    const ended = new Promise<T>((resolve) => { limit.signal.addEventListener('abort', () => resolve(otherwise)); });
    const cancel = this.#parts.timing.after(limitMs, abort);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      return await Promise.race([ended, work(limit.signal).catch(() => otherwise)]);
    } finally {
      cancel();
      signal.removeEventListener('abort', abort);
    }
  }
}
