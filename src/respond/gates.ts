import { isHandingOver, isHarmless, isStuck, type Intent, type IntentState, type Target } from '../model/intent.ts';
import { standing } from './approvals.ts';
import { laneOf } from './caps.ts';
import type { Action } from './port.ts';

/** Event times may run ahead of our clock by this much, as far as sources let them; more is no fresh evidence. */
const aheadMs = 5 * 60_000;

/** What the gates are told of the world, asked only as far as needed. */
export interface GateWorld {
  readonly nowMs: number;
  readonly isKilled: boolean;
  /** Hash of the policy in force. */
  readonly policyHash: string;
  readonly maxEvidenceAgeMs: number;
  readonly action: Action | undefined;
  isProtected(target: Target): boolean;
  /** The registry knows the token. */
  isKnown(token: string): boolean;
  /** By what is known now it would cut off more others than the policy lets it, or nobody can tell. */
  wouldBreak(): boolean;
  /** An earlier step of its plan has not ended. */
  isBlocked(): boolean;
  /** Why it waits for a person although its mode would let it go, in a fixed word. */
  whyByHand(): string | null;
  /** Another intent with the same token and action is under way. */
  isBusy(): boolean;
  isOverCap(): boolean;
  /** A cap was reached before, and nobody has let things go on since. */
  isBreakerOpen(): boolean;
}

/** It is to stand in this state. */
export interface Held { readonly kind: 'hold'; readonly state: IntentState; readonly why: string; readonly approvalsNeeded: number }

/** `go`: it may be sent now. `wait`: it stays as it is, and is asked about again. */
export type Gate = { readonly kind: 'go' } | { readonly kind: 'wait'; readonly why: string } | Held;

const hold = (state: IntentState, why: string, approvalsNeeded = 0): Held => ({ kind: 'hold', state, why, approvalsNeeded });

/** The last word before a call, in the transaction that writes `sending`. Whatever cannot be told is a no. */
export function judge(intent: Intent, world: GateWorld): Gate {
  if (world.isKilled) return { kind: 'wait', why: 'kill_switch' };
  if (intent.undoing) return judgeUndo(intent, world);
  if (isHandingOver(intent)) return judgeCut(intent, world);
  const forbidden = whyForbidden(intent, world);
  if (forbidden !== null) return hold('proposed', forbidden);
  const approvals = standing(intent, world.nowMs).length;
  const needed = Math.max(intent.approvalsNeeded, intent.mode === 'approve' ? 1 : 0);
  if (approvals < needed) return hold('waiting_approval', intent.approvals.length > 0 ? 'approval_void' : intent.why ?? 'needs_approval', needed);
  if (approvals === 0) {
    const doubt = whyNotEnforced(intent, world);
    if (doubt !== null) return doubt;
  }
  if (world.isBlocked()) return { kind: 'wait', why: 'earlier_step' };
  if (world.isBusy()) return { kind: 'wait', why: 'token_busy' };
  if (approvals < 2 && (world.isBreakerOpen() || world.isOverCap())) return hold('waiting_approval', 'over_cap', 2);
  return { kind: 'go' };
}

/** Taking back what was done needs another person's word and no more: it does no harm that caps would have to bound. */
function judgeUndo(intent: Intent, { nowMs, action }: GateWorld): Gate {
  if (action === undefined || action.undo === null) return hold('failed', 'cannot_be_undone');
  return standing(intent, nowMs).length > 0 ? { kind: 'go' } : hold('waiting_approval', 'approval_void', 1);
}

/**
 * The second half of a rotation. Whoever let it begin meant this end, where everybody has moved; who did not, and a thief who did, need a person's
 * word for exactly that. What must not be done any more waits for one as well, and is asked about again.
 */
function judgeCut(intent: Intent, world: GateWorld): Gate {
  const { handover } = intent;
  const approvals = standing(intent, world.nowMs).length;
  const forbidden = whyForbidden(intent, world);
  if (forbidden !== null) return hold('waiting_approval', forbidden, 1);
  const needed = handover?.waitingFor.length === 0 && handover.suspects.length === 0 ? 0 : 1;
  if (approvals < needed) return hold('waiting_approval', intent.approvals.length > 0 ? 'approval_void' : 'not_moved', needed);
  if (approvals < 2 && world.isBreakerOpen()) return hold('waiting_approval', 'over_cap', 2);
  return world.isBusy() ? { kind: 'wait', why: 'token_busy' } : { kind: 'go' };
}

/** What an intent becomes when it is first looked at, or when what it rests on has changed. Never more than the gates would let through. */
export function admit(intent: Intent, world: GateWorld): Held {
  // Whoever looks after its hand-over says when it goes on.
  if (isStuck(intent) || isHandingOver(intent)) return hold(intent.state, intent.why ?? 'not_moved', intent.approvalsNeeded);
  const forbidden = whyForbidden(intent, world);
  if (forbidden !== null) return hold('proposed', forbidden);
  const askedFor = intent.state === 'waiting_approval' ? intent.why : null;
  // What people were asked for because of a cap is not let through by newer evidence; but room is kept for what turned out to be critical.
  const hasRoom = askedFor === 'over_cap' && intent.mode === 'enforce' && laneOf(intent.severity) === 'critical' && !world.isBreakerOpen();
  if (askedFor !== null && intent.approvalsNeeded > 1 && !hasRoom) return hold('waiting_approval', askedFor, intent.approvalsNeeded);
  if (intent.mode === 'approve') return hold('waiting_approval', askedFor ?? intent.lowered ?? 'needs_approval', 1);
  return whyNotEnforced(intent, world) ?? (world.isBreakerOpen() ? hold('waiting_approval', 'over_cap', 2) : hold('ready', 'policy'));
}

/** Why it must not be done whoever agrees, in a fixed word; then it is only shown. */
function whyForbidden({ mode, refused, target, kind, keepNetworks }: Intent, world: GateWorld): string | null {
  const { action } = world;
  if (refused !== null) return refused;
  if (mode === 'observe') return 'observe_only';
  if (!namesOne(target)) return 'no_exact_target';
  if (!isHarmless(kind) && world.isProtected(target)) return 'never_revoke';
  if (!world.isKnown(target.token)) return 'unknown_token';
  if (action === undefined) return 'unknown_action';
  if (!action.kinds.includes(kind)) return 'unknown_step';
  return action.fits(target, kind, keepNetworks) ?? (!isHarmless(kind) && world.wouldBreak() ? 'would_break_others' : null);
}

/** Why it cannot be done without a person's word; `null` when it can. */
function whyNotEnforced({ mode, provenMs, policyHash }: Intent, world: GateWorld): Held | null {
  if (mode !== 'enforce') return hold('waiting_approval', 'needs_approval', 1);
  if (policyHash !== world.policyHash) return hold('waiting_approval', 'policy_changed', 1);
  if (provenMs === null) return hold('waiting_approval', 'unproven', 1);
  const ageMs = world.nowMs - provenMs;
  if (ageMs > world.maxEvidenceAgeMs || ageMs < -aheadMs) return hold('stale', 'evidence_too_old');
  const byHand = world.whyByHand();
  return byHand === null ? null : hold('waiting_approval', byHand, 1);
}

/** Exactly one token, by ids that stand for themselves only. */
export function namesOne(target: Target): boolean {
  const { token, handle, client, identityId, userId, sha256, issuer } = target;
  return isId(token) && [handle, client, identityId, userId, sha256, issuer].every((id) => id === null || isId(id));
}

/** A wildcard somewhere, or what no id holds. */
const vague = /[*\p{Cc}]/u;

function isId(text: string): boolean {
  return text.trim() !== '' && !vague.test(text);
}
