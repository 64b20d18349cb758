import type { Caps } from '../config/policy.ts';
import type { AuditNote } from '../model/audit.ts';
import { isHandingOver, isHarmless, type Intent, type IntentState, type Target } from '../model/intent.ts';
import type { EffectsStore } from '../store/port.ts';
import { isOverCap, lanes, laneOf, type Lane } from './caps.ts';
import type { GateWorld } from './gates.ts';
import type { KillSwitch, Stopped } from './kill-switch.ts';
import type { NeverRevoke } from './never-revoke.ts';
import type { Action, Actions } from './port.ts';
import type { Moved } from './rotation.ts';

export interface WorldParts {
  readonly effects: EffectsStore;
  readonly actions: Actions;
  readonly killSwitch: KillSwitch;
  readonly neverRevoke: Pick<NeverRevoke, 'protects'>;
  readonly policyHash: string;
  readonly maxEvidenceAgeMs: number;
  readonly caps: Caps;
  /** See `Decisions.wouldBreak`. */
  readonly wouldBreak: (intent: Intent) => boolean;
  /** See `Decisions.moved`. */
  readonly moved: (intent: Intent) => Moved;
  /** See `whyByHand`. */
  readonly whyByHand: (intent: Intent, nowMs: number) => string | null;
  /** The registry knows the token. */
  readonly isKnown: (token: string) => boolean;
  /** Tokens used with success since then, event time. */
  readonly usedSince: (timeMs: number) => number;
}

const activeMs = 30 * 24 * 3_600_000;
/** The number of tokens in use changes slowly, and counting them takes a while. */
const recountMs = 3_600_000;
/** Steps in these states have not ended: later ones of their plan wait. */
const notEnded: readonly IntentState[] = ['waiting_approval', 'ready', 'stale', 'sending'];
/** And rotations that wait for users to move. */
const mayBlock: readonly IntentState[] = [...notEnded, 'accepted'];
const underWay: readonly IntentState[] = ['sending', 'accepted'];

/** What the gates look at, as it is now. */
export class World {
  readonly #parts: WorldParts;
  #active = { count: 0, countedMs: Number.NEGATIVE_INFINITY };

  constructor(parts: WorldParts) {
    this.#parts = parts;
  }

  action(name: string): Action | undefined {
    return this.#parts.actions.get(name);
  }

  stopped(): Stopped | null {
    return this.#parts.killSwitch.state();
  }

  isKilled(): boolean {
    return this.stopped() !== null;
  }

  /** Who has not moved to the new credential of a rotation. */
  moved(intent: Intent): Moved {
    return this.#parts.moved(intent);
  }

  gatesFor(intent: Intent, nowMs: number): GateWorld {
    const { effects, neverRevoke, policyHash, maxEvidenceAgeMs, isKnown, whyByHand } = this.#parts;
    const { id, planId, step, action, target, mintedFrom } = intent;
    const ofToken = (states: readonly IntentState[]): Intent[] => effects.responses.intents({ states, token: target.token });
    return {
      nowMs, isKilled: this.isKilled(), policyHash, maxEvidenceAgeMs, action: this.action(action), isKnown,
      isProtected: (one: Target) => neverRevoke.protects(one),
      whyByHand: () => whyByHand(intent, nowMs), wouldBreak: () => this.#parts.wouldBreak(intent),
      isBlocked: () => [...ofToken(mayBlock), ...mintedFrom === undefined ? [] : effects.responses.intents({ states: mayBlock, token: mintedFrom })]
        .some((other) => other.planId === planId && other.step < step && !other.undoing && isInTheWay(other, intent)),
      // A step of the same plan that was accepted has ended as far as the next one is concerned.
      isBusy: () => ofToken(underWay).some((other) => other.id !== id && other.action === action && (other.state === 'sending' || other.planId !== planId)),
      isBreakerOpen: () => this.breakerSinceMs(laneOf(intent.severity)) !== null,
      isOverCap: () => isOverCap(intent.severity, nowMs, {
        caps: this.#parts.caps, sent: effects.responses, activeTokens: () => this.#activeTokens(nowMs),
      }),
    };
  }

  /** Since when nothing of this lane is done without two people; `null`: it is not so. Stored, so that a restart does not close it. */
  breakerSinceMs(lane: Lane): number | null {
    const text = this.#parts.effects.getMeta(breakerKey(lane));
    return text === null || text === '' ? null : Number(text);
  }

  /** Within a transaction. Answers what is to be noted of it: nothing where it is open already. */
  openBreaker(lane: Lane, { id, severity }: Intent, nowMs: number): AuditNote[] {
    if (this.breakerSinceMs(lane) !== null) return [];
    this.#parts.effects.setMeta(breakerKey(lane), String(nowMs));
    return [{ timeMs: nowMs, kind: 'breaker.open', actor: 'executor', subject: lane, detail: { intent: id, severity } }];
  }

  /** Within a transaction. Answers what is to be noted of it. */
  closeBreakers(account: string, nowMs: number): AuditNote[] {
    const open = lanes.filter((lane) => this.breakerSinceMs(lane) !== null);
    for (const lane of open) this.#parts.effects.setMeta(breakerKey(lane), '');
    return open.map((lane) => ({ timeMs: nowMs, kind: 'breaker.closed', actor: account, subject: lane, detail: {} }));
  }

  #activeTokens(nowMs: number): number {
    if (Math.abs(nowMs - this.#active.countedMs) > recountMs) this.#active = { count: this.#parts.usedSince(nowMs - activeMs), countedMs: nowMs };
    return this.#active.count;
  }
}

function isInTheWay(earlier: Intent, { kind }: Intent): boolean {
  // Telling somebody need not wait until all users have moved.
  return isHandingOver(earlier) ? !isHarmless(kind) : earlier.state !== 'accepted';
}

function breakerKey(lane: Lane): string {
  return `respond.breaker.${lane}`;
}
