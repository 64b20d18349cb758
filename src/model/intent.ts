import type { TokenKind } from './event.ts';

/** From what does least to what does most. */
export const intentModes = ['observe', 'approve', 'enforce'] as const;
export type IntentMode = typeof intentModes[number];

/** The one that does less. */
export function lesserMode(left: IntentMode, right: IntentMode): IntentMode {
  return intentModes.indexOf(left) < intentModes.indexOf(right) ? left : right;
}

/**
 * proposed -> (waiting_approval ->) ready -> sending -> accepted -> verified. `stale`: its evidence is too old to act on; a fresh hit
 * arms it again. `unknown`: nobody can tell whether it took effect. In mode `observe` it stays proposed.
 */
export const intentStates = [
  'proposed', 'waiting_approval', 'ready', 'stale', 'sending', 'accepted', 'verified', 'unknown', 'failed', 'rejected', 'undone',
] as const;
export type IntentState = typeof intentStates[number];

/**
 * What a step does to the token. `pin`: it goes on from its workload's own places and is refused elsewhere. `rotate`: its users get another one, and
 * it ends once all of them have it. `watch`: whether it goes on is looked for.
 */
export type StepKind = 'pin' | 'deny' | 'rotate' | 'revoke' | 'notify' | 'watch';

/** Does it cut nobody off? */
export function isHarmless(kind: StepKind): boolean {
  return kind === 'notify' || kind === 'watch';
}

/** Exactly one token: no wildcard exists. Ids are public, never the secret. */
export interface Target {
  readonly token: string;
  readonly handle: string | null;
  readonly tokenKind: TokenKind;
  readonly issuer: string | null;
  readonly identityId: string | null;
  readonly identityName: string | null;
  readonly userId: string | null;
  readonly client: string | null;
  /** SHA-256 of the token in hex, where a log told it. */
  readonly sha256: string | null;
  readonly expiresAtMs: number | null;
}

/** Who was observed to use the token: a workload where one is known, else a place. What breaks if the token is cut. */
export interface Dependent {
  readonly workloadId: string | null;
  /** For people: the workload, else client and network. */
  readonly name: string;
  readonly networks: readonly string[];
  readonly resources: readonly string[];
  readonly callsPerDay: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** It is what deviates: the supposed thief. */
  readonly suspect: boolean;
}

/** One step of a plan as the policy proposes it: a pure function of the alert, its incident and what is known of the token. */
export interface Proposal {
  /** Made of token, incident and step: the same however often it is proposed. It is the idempotency key of the call. */
  readonly id: string;
  /** Steps on one token in one incident, in order. */
  readonly planId: string;
  /** Place in the plan, from 0. */
  readonly step: number;
  readonly kind: StepKind;
  /** Name of the configured action that does it. */
  readonly action: string;
  readonly mode: IntentMode;
  /** Name of the policy's rule that said so. */
  readonly rule: string;
  /** Hash of the policy that it was decided under. */
  readonly policyHash: string;
  readonly incidentId: string;
  readonly alertId: string;
  readonly severity: number;
  /** What happened and why this step, in one sentence each. */
  readonly reason: string;
  readonly target: Target;
  readonly dependents: readonly Dependent[];
  /** `pin`: networks in CIDR form from which the token goes on. */
  readonly keepNetworks: readonly string[];
  /** `pin`: workload ids that the token goes on for, where the gateway can tell. */
  readonly keepWorkloads: readonly string[];
  /** Newest deviating use that an authenticator vouched for, event time; `null`: none, so it may go no further than approval. */
  readonly provenMs: number | null;
  /** Why the mode is less than the policy's, in one of our fixed words; `null` when it is not. */
  readonly lowered: string | null;
  /** Why the step must not be done at all, in one of our fixed words (such as `would_break_others`); then it is only shown. */
  readonly refused: string | null;
  /** First ancestor of the token that the plan is for. */
  readonly lineage?: string;
  /** Token that the target was issued from, where the plan is for that one. */
  readonly mintedFrom?: string;
  /** Event time at which it was decided. */
  readonly decidedMs: number;
}

/**
 * How far a rotation has come. Ids are public; the new secret stands in no record of ours. making: a new credential is made and written to the
 * stores -> waiting: until those who depend on the old one are seen on the new -> cutting: the old one ends.
 */
export interface Handover {
  readonly phase: 'making' | 'waiting' | 'cutting';
  /** Public ids of the owner's credentials before the newest attempt to make one, and when that began (wall clock); `null`: none has begun. */
  readonly before: { readonly ids: readonly string[]; readonly atMs: number } | null;
  /** Public id of the new credential; `null`: there is none. Noted before its secret is written anywhere. */
  readonly made: string | null;
  /** What each store held before, by its place in the configuration: the version to go back to. */
  readonly former: readonly string[];
  /** When it stood in all stores, wall clock. */
  readonly storedMs: number | null;
  /** Users of the old credential that were not yet seen on the new one, by name. */
  readonly waitingFor: readonly string[];
  /** Who was seen on the new one from where the alert's deviation comes: the thief reads the store as well. */
  readonly suspects: readonly string[];
  /** When the old one was begun to be cut, wall clock. */
  readonly cutMs: number | null;
}

/** Before anything was done. */
export const noHandover: Handover = { phase: 'making', before: null, made: null, former: [], storedMs: null, waitingFor: [], suspects: [], cutMs: null };

export interface Approval {
  readonly by: string;
  readonly atMs: number;
  /** Digest of what was approved: it holds for nothing else. */
  readonly of: string;
}

/** Who depends on a token, as far as it decides what may be done: not how much and when they called last, which changes with each call. */
export function usersOf(dependents: readonly Dependent[]): readonly (readonly [string | null, string, boolean])[] {
  return dependents.map(({ workloadId, name, suspect }) => [workloadId, name, suspect] as const)
    .sort(([, left, isLeft], [, right, isRight]) => (left < right ? -1 : left > right ? 1 : Number(isLeft) - Number(isRight)));
}

/** Would somebody who agreed to the one also have agreed to the other? Newer evidence and another wording are the same thing. */
export function isSameDecision(left: Proposal, right: Proposal): boolean {
  return JSON.stringify(termsOf(left)) === JSON.stringify(termsOf(right));
}

function termsOf({ mode, rule, policyHash, refused, lowered, target, dependents, keepNetworks, keepWorkloads }: Proposal): unknown {
  return [mode, rule, policyHash, refused, lowered, target, usersOf(dependents), keepNetworks, keepWorkloads];
}

/** A proposal with what became of it. Times below are of the wall clock. */
export interface Intent extends Proposal {
  readonly version: number;
  readonly state: IntentState;
  /** Why it stands where it stands, in one of our fixed words; `null` when there is nothing to say. */
  readonly why: string | null;
  readonly approvals: readonly Approval[];
  /** So many different people must approve it before it may begin; 0 where the policy alone is enough. */
  readonly approvalsNeeded: number;
  /** Accounts that proposed or changed it: none of them can approve it. */
  readonly changedBy: readonly string[];
  readonly attempts: number;
  readonly notBeforeMs: number;
  /** When its first call was begun. */
  readonly sentMs: number | null;
  readonly acceptedMs: number | null;
  readonly verifiedMs: number | null;
  /** The probe said "alive" before the call: only then does "dead" after it prove anything. */
  readonly probedAliveMs: number | null;
  /** It is being taken back (`sending` then means the undo). */
  readonly undoing: boolean;
  /** Of a rotation, once its first call was begun. */
  readonly handover?: Handover;
  /** How it stood at the provider before a call of ours changed it, in the action's own words: to take it back. Public, never a secret. */
  readonly former?: string;
}

/** There is a new credential beside the old one, which nobody has begun to cut: it can still be taken back, and later steps wait. */
export function isHandingOver({ handover, state }: Pick<Intent, 'handover' | 'state'>): boolean {
  return handover?.phase === 'waiting' && (state === 'accepted' || state === 'waiting_approval' || state === 'ready');
}

/** The same where nobody looks after it any more, because somebody rejected the cut. */
export function isLeftBeside({ handover, state }: Pick<Intent, 'handover' | 'state'>): boolean {
  return handover?.phase === 'waiting' && state !== 'undone' && state !== 'sending';
}

/** It waits for a person's word to cut the old credential, although not all of its users were seen on the new one. */
export function isStuck(intent: Pick<Intent, 'handover' | 'state' | 'undoing'>): boolean {
  return isHandingOver(intent) && intent.state === 'waiting_approval' && !intent.undoing;
}

/** What a proposal is before anybody looked at it. */
export function newIntent(proposal: Proposal): Intent {
  return {
    ...proposal, version: 1, state: 'proposed', why: null, approvals: [], approvalsNeeded: 0, changedBy: [], attempts: 0, notBeforeMs: 0,
    sentMs: null, acceptedMs: null, verifiedMs: null, probedAliveMs: null, undoing: false,
  };
}
