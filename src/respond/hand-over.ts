import { isStuck, noHandover, type Handover, type Intent } from '../model/intent.ts';
import type { ExecutorEvent } from './executor-event.ts';
import { changed, noteOf, type Ledger } from './ledger.ts';
import type { Rotation, Verdict } from './port.ts';
import type { Moved } from './rotation.ts';
import type { World } from './world.ts';

/** It took too long, or is not what is to be done any more: nothing further of it counts. */
class GivenUp extends Error {}

/** How often it is looked who has moved: no faster than logs come, and some times before the patience is over. */
const longestLookMs = 12_000;
const looks = 8;

export interface HandOverParts {
  readonly ledger: Ledger;
  readonly world: World;
  readonly report: (event: ExecutorEvent) => void;
}

/**
 * The middle of a rotation, between the call that begins it and the cut. accepted (waiting) -> ready, once every user was seen on the new
 * credential; else, after the rotation's patience or where the thief was seen on the new one, waiting_approval. A person's word leads to ready as well.
 */
export class HandOver {
  readonly #parts: HandOverParts;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** Makes the new credential. What is noted on the way is durable before the next act. Throws `StoreError` where it cannot be noted. */
  async make(intent: Intent, rotation: Rotation, signal: AbortSignal): Promise<Verdict> {
    const thrown: Error[] = [];
    const note = (change: Partial<Handover>): Handover => {
      try {
        return this.#note(intent.id, change, signal);
      } catch (error) {
        thrown.push(asError(error));
        throw error;
      }
    };
    const verdict = await rotation.handOver(intent, note, signal);
    // An action takes what is thrown for a mistake of its own.
    const [failure] = thrown;
    if (failure !== undefined && !(failure instanceof GivenUp)) throw failure;
    return failure === undefined ? verdict : { kind: 'retry', reason: 'given_up' };
  }

  /** Who moves. Answers when to look again, wall clock. */
  watch(intent: Intent, patienceMs: number): number | null {
    const { ledger, world, report } = this.#parts;
    const nowMs = ledger.now();
    const lookMs = Math.min(longestLookMs, patienceMs / looks);
    const moved = world.moved(intent);
    const handover = { ...intent.handover ?? noHandover, ...moved };
    const next = this.#next(intent, moved, nowMs >= (handover.storedMs ?? 0) + patienceMs);
    if (next === null && isSame(intent.handover, moved)) return nowMs + lookMs;
    this.#change(intent, { handover, ...next });
    if (next?.state === 'waiting_approval') report({ kind: 'page', reason: next.why, subject: intent.id });
    return next?.state === 'ready' ? nowMs : nowMs + lookMs;
  }

  /** `null`: it stays where it is. */
  #next(intent: Intent, { waitingFor, suspects }: Moved, isOver: boolean): { readonly state: 'ready' | 'waiting_approval'; readonly why: string } | null {
    const isAll = waitingFor.length === 0;
    if (isAll && suspects.length === 0) return { state: 'ready', why: 'all_moved' };
    if (isStuck(intent) && (intent.why === 'thief_has_new' || suspects.length === 0)) return null;
    const waits = { state: 'waiting_approval', approvals: [], approvalsNeeded: 1 } as const;
    if (suspects.length > 0) return { ...waits, why: 'thief_has_new' };
    return isOver ? { ...waits, why: 'not_moved' } : null;
  }

  #note(id: string, change: Partial<Handover>, signal: AbortSignal): Handover {
    const { ledger } = this.#parts;
    let noted: Handover | null = null;
    ledger.transact(() => {
      const current = ledger.effects.responses.intent(id);
      if (signal.aborted || current === null || current.state !== 'sending' || current.undoing) return null;
      noted = { ...current.handover ?? noHandover, ...change };
      if (Object.keys(change).length === 0) return null;
      const next = changed(current, { handover: noted });
      const note = noteOf(next, current, 'executor', ledger.now());
      return { intents: [next], audit: [{ ...note, kind: 'intent.handover', detail: { ...note.detail, made: noted.made } }] };
    });
    if (noted === null) throw new GivenUp('a rotation was given up');
    return noted;
  }

  #change(intent: Intent, change: Partial<Intent>): void {
    const { ledger } = this.#parts;
    ledger.transact(() => {
      const current = ledger.effects.responses.intent(intent.id);
      // A person may have spoken meanwhile.
      if (current === null || current.version !== intent.version) return null;
      const next = changed(current, change);
      const note = noteOf(next, current, 'executor', ledger.now());
      const { waitingFor, made } = next.handover ?? noHandover;
      return { intents: [next], audit: [{ ...note, detail: { ...note.detail, made, left: waitingFor.length } }] };
    });
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a rotation cannot be noted', { cause: error });
}

function isSame(known: Handover | undefined, { waitingFor, suspects }: Moved): boolean {
  return JSON.stringify([known?.waitingFor, known?.suspects]) === JSON.stringify([waitingFor, suspects]);
}
