import { isStuck, noHandover, type Intent } from '../model/intent.ts';
import { longestMs } from '../outbound/breaker.ts';
import type { Timing } from '../outbound/timing.ts';
import { standing } from './approvals.ts';
import { laneOf } from './caps.ts';
import { Calls } from './calls.ts';
import type { Circuits } from './circuits.ts';
import type { ExecutorEvent } from './executor-event.ts';
import { HandOver } from './hand-over.ts';
import { judge, type Gate, type Held } from './gates.ts';
import { begunMs, changed, isStillMeant, noteOf, type Ledger, type Written } from './ledger.ts';
import type { World } from './world.ts';

/** Longest that the first call is kept waiting for what the provider says before it. */
const askBeforeMs = 2_000;
/** Attempts go on for so long after the first. */
const deadlineMs = 24 * 3_600_000;
/** After a call the provider is asked at first after this long, then ever more rarely. */
const firstAskMs = 1_000;
const longestAskMs = 60_000;
/** What waits for something that ends by itself is looked at again. */
const lookAgainMs = 1_000;

/** Reasons to wait that end with a change of another intent, which is followed. */
const waitsForOthers: ReadonlySet<string> = new Set(['earlier_step', 'token_busy']);

export interface AdvanceParts {
  readonly ledger: Ledger;
  readonly world: World;
  readonly circuits: Circuits;
  readonly timing: Timing;
  readonly report: (event: ExecutorEvent) => void;
}

/**
 * Takes one intent on from the state it is stored in. ready -> sending -> accepted -> verified, or unknown; every arrow is
 * durable before the next act. What is found in `sending` was begun by a life that ended, or failed and is tried again: the
 * provider is asked first, then it is sent again under the same id.
 */
export class Advance {
  readonly #parts: AdvanceParts;
  readonly #bornMs: number;
  readonly #handOver: HandOver;
  readonly #calls: Calls;

  constructor(parts: AdvanceParts) {
    this.#parts = parts;
    this.#handOver = new HandOver(parts);
    this.#calls = new Calls(parts, this.#handOver);
    this.#bornMs = parts.ledger.now();
  }

  /** Answers when to look at it again, wall clock; `null`: when something changes. `signal` ends what is under way. */
  async look(id: string, signal: AbortSignal): Promise<number | null> {
    const { ledger, world } = this.#parts;
    const intent = ledger.effects.responses.intent(id);
    if (intent === null) return null;
    if (world.isKilled()) return ledger.now() + lookAgainMs;
    switch (intent.state) {
      case 'ready': return this.#begin(intent, signal);
      case 'sending': return this.#resume(intent, signal);
      case 'accepted': return intent.handover?.phase === 'waiting' ? this.#watch(intent) : this.#verify(intent, signal);
      default: return isStuck(intent) ? this.#watch(intent) : null;
    }
  }

  #watch(intent: Intent): number | null {
    return this.#handOver.watch(intent, this.#parts.world.action(intent.action)?.rotation?.patienceMs ?? 0);
  }

  async #begin(intent: Intent, signal: AbortSignal): Promise<number | null> {
    const { ledger, world } = this.#parts;
    // Asked about before the gates for the last time: the question itself takes a while.
    const gate = judge(intent, world.gatesFor(intent, ledger.now()));
    const isLet = gate.kind === 'go';
    const waitMs = isLet ? this.#calls.waitMs(intent) : 0;
    if (waitMs > 0) return ledger.now() + waitMs;
    const wasAlive = isLet && !intent.undoing && await this.#calls.ask(intent, signal, askBeforeMs) === 'alive';
    if (signal.aborted) return null;
    const { last, sending } = this.#pass(intent, isLet, wasAlive);
    if (sending !== null) return this.#call(sending, signal);
    return last.kind === 'wait' && !waitsForOthers.has(last.why) ? ledger.now() + lookAgainMs : null;
  }

  /** Gates, and what they lead to, in one transaction. `isLet`: the first look let it through, so it was asked about. */
  #pass(intent: Intent, isLet: boolean, wasAlive: boolean): { last: Gate; sending: Intent | null } {
    const { ledger, world, report } = this.#parts;
    let last: Gate = { kind: 'wait', why: 'changed' };
    let sending: Intent | null = null;
    const wasOpen = world.breakerSinceMs(laneOf(intent.severity)) !== null;
    ledger.transact(() => {
      const current = ledger.effects.responses.intent(intent.id);
      if (current === null || current.state !== 'ready') return null;
      last = judge(current, world.gatesFor(current, ledger.now()));
      if (last.kind === 'wait' || last.kind === 'go' && !isLet) return null;
      if (last.kind === 'hold') return this.#held(current, last);
      sending = this.#sendingOf(current, wasAlive);
      return { intents: [sending], audit: [noteOf(sending, current, 'executor', ledger.now())] };
    });
    if (!wasOpen && world.breakerSinceMs(laneOf(intent.severity)) !== null) report({ kind: 'page', reason: 'over_cap', subject: intent.id });
    return { last, sending };
  }

  #held(current: Intent, { state, why, approvalsNeeded }: Held): Written {
    const { ledger, world } = this.#parts;
    const nowMs = ledger.now();
    // What was approved and is not any more counts no further; over a cap, the first person's word still does.
    const held = changed(current, { state, why, approvalsNeeded, approvals: standing(current, nowMs) });
    const opened = why === 'over_cap' ? world.openBreaker(laneOf(current.severity), current, nowMs) : [];
    return { intents: [held], audit: [noteOf(held, current, 'executor', nowMs), ...opened] };
  }

  #sendingOf(current: Intent, wasAlive: boolean): Intent {
    const nowMs = this.#parts.ledger.now();
    return changed(current, {
      state: 'sending', why: null, attempts: current.attempts + 1, notBeforeMs: 0, sentMs: current.sentMs ?? nowMs,
      probedAliveMs: wasAlive ? nowMs : current.probedAliveMs, ...handoverOf(current, nowMs),
    });
  }

  async #resume(intent: Intent, signal: AbortSignal): Promise<number | null> {
    const { ledger, world } = this.#parts;
    const nowMs = ledger.now();
    const waitMs = Math.max(Math.min(intent.notBeforeMs - nowMs, longestMs), this.#calls.waitMs(intent));
    if (waitMs > 0) return nowMs + waitMs;
    if (nowMs - begunMs(intent) > deadlineMs) return this.#fail(intent, 'gave_up');
    const isDone = !intent.undoing && intent.handover?.phase !== 'making' && intent.probedAliveMs !== null && await this.#calls.ask(intent, signal) === 'dead';
    if (signal.aborted) return null;
    if (isDone) return this.#accept(intent, 'found_done');
    let sending: Intent | null = null;
    ledger.transact(() => {
      const current = ledger.effects.responses.intent(intent.id);
      if (current === null || current.state !== 'sending' || world.isKilled()) return null;
      sending = changed(current, { attempts: current.attempts + 1, notBeforeMs: 0 });
      return { intents: [sending], audit: [noteOf(sending, current, 'executor', ledger.now())] };
    });
    return sending === null ? ledger.now() + lookAgainMs : this.#call(sending, signal);
  }

  async #call(intent: Intent, signal: AbortSignal): Promise<number | null> {
    const { ledger, circuits, report, timing } = this.#parts;
    const verdict = await this.#calls.perform(intent, signal);
    // It is found in `sending` by the next life, and asked about.
    if (signal.aborted && verdict.kind === 'retry') return null;
    report({ kind: 'call', action: intent.action, result: verdict.kind, reason: 'reason' in verdict ? verdict.reason : null });
    if (verdict.kind !== 'retry') circuits.answered(intent.action);
    if (verdict.kind === 'failed') return this.#fail(intent, verdict.reason);
    if (verdict.kind !== 'retry') return intent.undoing ? this.#undone(intent, verdict.kind, signal) : this.#accept(intent, verdict.kind);
    const nowMs = ledger.now();
    const waitMs = circuits.failed(intent.action, nowMs, intent.attempts, timing.random(), verdict.afterMs);
    this.#change(intent, { why: verdict.reason, notBeforeMs: nowMs + waitMs });
    return nowMs + waitMs;
  }

  #accept(intent: Intent, why: string): number {
    const nowMs = this.#parts.ledger.now();
    if (intent.handover?.phase === 'making') this.#handedOver(intent, nowMs);
    else this.#change(intent, { state: 'accepted', why, acceptedMs: nowMs });
    return nowMs;
  }

  #handedOver({ id }: Intent, nowMs: number): void {
    // What was noted on the way stands in the store.
    const noted = this.#parts.ledger.effects.responses.intent(id);
    if (noted === null) return;
    const handover = { ...noted.handover ?? noHandover, phase: 'waiting' as const, storedMs: nowMs };
    this.#change(noted, { state: 'accepted', why: 'handing_over', acceptedMs: nowMs, handover });
  }

  /** Taken back, the stolen token may work again as well. Where its alert still stands somebody must know. */
  async #undone(intent: Intent, why: string, signal: AbortSignal): Promise<null> {
    const isAlive = await this.#calls.ask(intent, signal, askBeforeMs) === 'alive';
    if (signal.aborted) return null;
    this.#change(intent, { state: 'undone', why: isAlive ? 'alive_again' : why });
    // The old credential of a rotation that is taken back never was dead.
    const isRevived = isAlive && intent.handover === undefined && isStillMeant(intent, this.#parts.ledger.effects);
    if (isRevived) this.#parts.report({ kind: 'page', reason: 'revived', subject: intent.id });
    return null;
  }

  #fail(intent: Intent, why: string): null {
    this.#change(intent, { state: 'failed', why });
    this.#parts.report({ kind: 'page', reason: intent.undoing ? 'undo_failed' : 'action_failed', subject: intent.id });
    return null;
  }

  /** Only "dead" after "alive" proves anything. Telling somebody is done once he has taken it. */
  async #verify(intent: Intent, signal: AbortSignal): Promise<number | null> {
    const { ledger, report, world } = this.#parts;
    const liveness = intent.kind === 'notify' ? 'unknown' : await this.#calls.ask(intent, signal);
    if (signal.aborted) return null;
    const nowMs = ledger.now();
    const isProven = intent.kind === 'notify' || intent.probedAliveMs !== null && liveness === 'dead';
    if (isProven) {
      this.#change(intent, { state: 'verified', why: intent.kind === 'notify' ? 'taken' : 'probed', verifiedMs: nowMs });
      return null;
    }
    const acceptedMs = intent.acceptedMs ?? nowMs;
    const exposureMs = world.action(intent.action)?.facts.exposureMs ?? 0;
    const nextMs = nowMs + Math.min(Math.max((nowMs - acceptedMs) / 2, firstAskMs), longestAskMs);
    // While this service was down nobody could fetch its lists.
    const endMs = Math.max(acceptedMs, this.#bornMs) + exposureMs;
    if (nowMs < endMs) return Math.min(nextMs, endMs);
    this.#change(intent, { state: 'unknown', why: liveness === 'alive' ? 'still_alive' : liveness === 'dead' ? 'never_seen_alive' : 'nobody_can_tell' });
    report({ kind: 'page', reason: 'unverified', subject: intent.id });
    return null;
  }

  #change(intent: Intent, change: Partial<Intent>): void {
    const { ledger } = this.#parts;
    ledger.transact(() => {
      // Newer evidence may have come while the call was under way; or a person's word, which then holds.
      const current = ledger.effects.responses.intent(intent.id);
      if (current === null || current.state !== intent.state || current.undoing !== intent.undoing) return null;
      const next = changed(current, change);
      return { intents: [next], audit: [noteOf(next, current, 'executor', ledger.now())] };
    });
  }
}

/** A rotation begins, or is past its wait and cuts. */
function handoverOf({ kind, undoing, handover }: Intent, nowMs: number): Pick<Intent, 'handover'> | null {
  if (kind !== 'rotate' || undoing) return null;
  return { handover: handover?.phase === 'waiting' ? { ...handover, phase: 'cutting', cutMs: nowMs } : handover ?? noHandover };
}
