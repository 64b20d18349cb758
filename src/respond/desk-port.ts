import type { Command } from '../store/port.ts';
import type { DeskRefusal } from './desk-refusal.ts';
import type { Enforced } from './enforcement.ts';
import type { Covered } from './vendor-approval.ts';

export type DeskAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: DeskRefusal };

/** How an alert is closed. */
export type ClosedAs = Extract<Command, { kind: 'close' }>['as'];

/**
 * Where people decide. Whoever calls has made sure who `account` is and that its role may do this; the desk sees to it that
 * proposer and approver differ, that everything is noted, and that nothing is done that the intent's state does not allow.
 */
export interface DeskPort {
  /** `seen`: digest of what the account was shown (`digestOf`); where given, an intent that changed since is not approved. */
  approve(id: string, account: string, seen?: string): DeskAnswer;
  /** What one word would let go on in an incident of a breached third party. */
  covered(incidentId: string): Covered | DeskRefusal;
  /** Approves all of it at once, each step as with `approve`. `seen`: as `covered` told it. */
  approveAll(incidentId: string, account: string, seen: string): DeskAnswer;
  /** It will not be done. Of an undo: what was done stays. */
  reject(id: string, account: string): DeskAnswer;
  /** Proposes to take it back; where another account has proposed that already, confirms it. */
  undo(id: string, account: string): DeskAnswer;
  /** On: no call starts from now on. Off: also lets go on what stood still because a cap was reached. */
  killSwitch(on: boolean, reason: string, account: string): DeskAnswer;
  /** Closed as anything but theft, what was done because of it is proposed to be taken back. */
  close(alertId: string, as: ClosedAs, account: string): DeskAnswer;
  /** Takes a closing back: the alert and what it kept from being learned are as they were before; steps that it had stopped wait again. */
  reopen(alertId: string, account: string): DeskAnswer;
  acknowledge(alertId: string, account: string): DeskAnswer;
  /** Rules that say `enforce`, and whether they do. */
  enforced(): readonly Enforced[];
  /** Agrees that a rule acts by itself; it does once two different people have, within a day. `seen`: hash of what the account was shown. */
  agree(rule: string, account: string, seen: string): DeskAnswer;
  /** It acts by itself no more, until two people have agreed anew. One person is enough, as with stopping. */
  withdraw(rule: string, account: string): DeskAnswer;
}
