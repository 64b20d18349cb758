import type { Alert } from '../model/alert.ts';
import type { AuditNote } from '../model/audit.ts';
import { isHandingOver, isLeftBeside, type Intent, type IntentState } from '../model/intent.ts';
import { currentIncident } from '../store/current-incident.ts';
import { isName, maxAccount } from './account-name.ts';
import { approvalLastsMs, digestOf, standing } from './approvals.ts';
import type { Enforced, Enforcement } from './enforcement.ts';
import type { ClosedAs, DeskAnswer, DeskPort } from './desk-port.ts';
import type { DeskRefusal } from './desk-refusal.ts';
import type { KillSwitch } from './kill-switch.ts';
import { changed, concerns, noteOf, type Ledger, type Written } from './ledger.ts';
import { noteSwitch } from './switch-watch.ts';
import { coveredBy, type Covered } from './vendor-approval.ts';
import type { World } from './world.ts';

const maxReason = 500;
/** What a person's word can let go on. */
const waiting: ReadonlySet<IntentState> = new Set(['waiting_approval', 'stale']);
const notBegun: ReadonlySet<IntentState> = new Set(['proposed', 'waiting_approval', 'stale', 'ready']);
/** What has, or may have, taken effect. */
const inEffect: ReadonlySet<IntentState> = new Set(['accepted', 'verified', 'unknown']);

const done: DeskAnswer = { ok: true };
const refuse = (reason: DeskRefusal): DeskAnswer => ({ ok: false, reason });

/** What one decision leads to: what is written, or why nothing is. */
type Decision = Written | DeskRefusal;

export interface DeskParts {
  readonly ledger: Ledger;
  readonly world: World;
  readonly killSwitch: KillSwitch;
  readonly enforcement: Enforcement;
}

/** See `DeskPort`. Everything is decided and written in one transaction, so of two people at once both are heard in turn. */
export class Desk implements DeskPort {
  readonly #ledger: Ledger;
  readonly #world: World;
  readonly #killSwitch: KillSwitch;
  readonly #enforcement: Enforcement;

  constructor({ ledger, world, killSwitch, enforcement }: DeskParts) {
    this.#ledger = ledger;
    this.#world = world;
    this.#killSwitch = killSwitch;
    this.#enforcement = enforcement;
  }

  approve(id: string, account: string, seen?: string): DeskAnswer {
    return this.#decide(id, account, (intent, nowMs) => {
      if (!waiting.has(intent.state)) return 'not_waiting';
      if (seen !== undefined && seen !== digestOf(intent)) return 'changed';
      return this.#approved(intent, account, nowMs);
    });
  }

  covered(incidentId: string): Covered | DeskRefusal {
    return coveredBy(this.#ledger.effects, incidentId);
  }

  approveAll(incidentId: string, account: string, seen: string): DeskAnswer {
    return this.#about(incidentId, account, 'incident.refused_to', (nowMs) => {
      const covered = this.covered(incidentId);
      if (typeof covered === 'string') return covered;
      if (covered.seen !== seen) return 'changed';
      const approved = covered.intents.map((intent) => this.#approved(intent, account, nowMs));
      const written = approved.filter((one) => typeof one !== 'string');
      const note: AuditNote = { timeMs: nowMs, kind: 'incident.approved', actor: account, subject: incidentId, detail: { steps: written.length } };
      // One's own proposals are left out; where nothing else is there, why is told.
      if (written.length === 0) return approved[0] as DeskRefusal;
      return { intents: written.flatMap(({ intents }) => intents), audit: [note, ...written.flatMap(({ audit }) => audit)] };
    });
  }

  reject(id: string, account: string): DeskAnswer {
    return this.#decide(id, account, (intent, nowMs) => {
      if (!notBegun.has(intent.state)) return 'not_waiting';
      if (!intent.undoing) return this.#rejected(intent, account, 'rejected', nowMs);
      const state = intent.verifiedMs === null ? 'accepted' : 'verified';
      const kept = changed(intent, { undoing: false, state, why: 'undo_rejected', approvals: [], approvalsNeeded: 0 });
      return { intents: [kept], audit: [named(noteOf(kept, intent, account, nowMs), 'intent.undo_rejected')] };
    });
  }

  undo(id: string, account: string): DeskAnswer {
    return this.#decide(id, account, (intent, nowMs) => {
      if (intent.undoing && intent.state === 'waiting_approval') return this.#approved(intent, account, nowMs);
      return this.#undoProposed(intent, account, nowMs);
    });
  }

  killSwitch(on: boolean, reason: string, account: string): DeskAnswer {
    if (!isName(account) || reason.trim() === '' || reason.length > maxReason) return refuse('bad_request');
    const nowMs = this.#ledger.now();
    const kind = `kill_switch.${on ? 'on' : 'off'}`;
    const note: AuditNote = { timeMs: nowMs, kind, actor: account, subject: 'kill_switch', detail: { reason: reason.trim() } };
    try {
      // Stopping needs no note to hold; going on does.
      if (on) this.#killSwitch.set(account, reason.trim(), nowMs);
      this.#ledger.transact(() => {
        noteSwitch(this.#ledger.effects, on ? 'set' : '');
        return { intents: [], audit: [note, ...(on ? [] : this.#world.closeBreakers(account, nowMs))] };
      });
      if (!on) this.#killSwitch.clear();
      return done;
    } catch {
      return refuse('unavailable');
    }
  }

  close(alertId: string, as: ClosedAs, account: string): DeskAnswer {
    return this.#onAlert(alertId, account, (alert, nowMs) => {
      const written = as === 'theft' ? [] : this.#withdrawn(alert, account, nowMs);
      const note: AuditNote = { timeMs: nowMs, kind: 'alert.close', actor: account, subject: alertId, detail: { as } };
      const notes = [note, ...written.flatMap(({ audit }) => audit)];
      this.#ledger.command({ kind: 'close', alertId, as }, account, notes, written.flatMap(({ intents }) => intents));
      return done;
    });
  }

  reopen(alertId: string, account: string): DeskAnswer {
    if (!isName(account)) return refuse('bad_request');
    const { effects } = this.#ledger;
    const alert = effects.alert(alertId);
    if (alert === null) return refuse('unknown_alert');
    if (alert.status !== 'closed' || this.#pending('reopen').has(alertId)) return refuse('not_closed');
    const nowMs = this.#ledger.now();
    const stopped = effects.responses.intents({ incidentId: alert.incidentId })
      .filter(({ state, why }) => state === 'rejected' && why === 'alert_closed')
      .filter((intent) => concerns(alert, intent));
    const again = stopped.map((intent) => [intent, changed(intent, { state: 'proposed', why: 'alert_reopened' })] as const);
    const note: AuditNote = { timeMs: nowMs, kind: 'alert.reopen', actor: account, subject: alertId, detail: {} };
    const notes = [note, ...again.map(([former, next]) => noteOf(next, former, account, nowMs))];
    this.#ledger.command({ kind: 'reopen', alertId }, account, notes, again.map(([, next]) => next));
    return done;
  }

  acknowledge(alertId: string, account: string): DeskAnswer {
    return this.#onAlert(alertId, account, (_, nowMs) => {
      const note: AuditNote = { timeMs: nowMs, kind: 'alert.acknowledge', actor: account, subject: alertId, detail: {} };
      this.#ledger.command({ kind: 'acknowledge', alertId }, account, [note]);
      return done;
    });
  }

  enforced(): readonly Enforced[] {
    return this.#enforcement.list();
  }

  agree(rule: string, account: string, seen: string): DeskAnswer {
    return this.#about(rule, account, 'policy.refused_to', (nowMs) => this.#enforcement.agree(rule, account, seen, nowMs));
  }

  withdraw(rule: string, account: string): DeskAnswer {
    return this.#about(rule, account, 'policy.refused_to', (nowMs) => this.#enforcement.withdraw(rule, account, nowMs));
  }

  /** Decides and writes in one transaction; a refusal is noted. */
  #about(subject: string, account: string, refusal: string, decision: (nowMs: number) => Decision): DeskAnswer {
    if (!isName(account)) return refuse('bad_request');
    let answer = done;
    this.#ledger.transact(() => {
      const nowMs = this.#ledger.now();
      const decided = decision(nowMs);
      if (typeof decided !== 'string') return decided;
      answer = refuse(decided);
      return { intents: [], audit: [{ timeMs: nowMs, kind: refusal, actor: account, subject: subject.slice(0, maxAccount), detail: { reason: decided } }] };
    });
    return answer;
  }

  #decide(id: string, account: string, decision: (intent: Intent, nowMs: number) => Decision): DeskAnswer {
    if (!isName(account)) return refuse('bad_request');
    let reason: DeskRefusal | null = null;
    this.#ledger.transact(() => {
      const nowMs = this.#ledger.now();
      const intent = this.#ledger.effects.responses.intent(id);
      const decided = intent === null ? 'unknown_intent' : decision(intent, nowMs);
      if (typeof decided !== 'string') return decided;
      reason = decided;
      if (intent === null) return null;
      return { intents: [], audit: [{ timeMs: nowMs, kind: 'intent.refused_to', actor: account, subject: id, detail: { reason: decided } }] };
    });
    return reason === null ? done : refuse(reason);
  }

  #approved(intent: Intent, account: string, nowMs: number): Decision {
    if (intent.changedBy.includes(account)) return 'own_proposal';
    const valid = standing(intent, nowMs);
    if (valid.some(({ by }) => by === account)) return 'already_approved';
    const approvals = [...valid, { by: account, atMs: nowMs, of: digestOf(intent) }];
    const isEnough = approvals.length >= Math.max(intent.approvalsNeeded, 1);
    const next = changed(intent, isEnough ? { approvals, state: 'ready', why: 'approved', notBeforeMs: 0 } : { approvals });
    return { intents: [next], audit: [named(noteOf(next, intent, account, nowMs), 'intent.approved', { untilMs: nowMs + approvalLastsMs })] };
  }

  #rejected(intent: Intent, account: string, why: string, nowMs: number): Written {
    const next = changed(intent, { state: 'rejected', why, approvals: [] });
    return { intents: [next], audit: [noteOf(next, intent, account, nowMs)] };
  }

  #undoProposed(intent: Intent, account: string, nowMs: number): Decision {
    const wasTried = intent.state === 'failed' && intent.undoing;
    if (!inEffect.has(intent.state) && !wasTried && !isLeftBeside(intent)) return 'nothing_to_undo';
    if (intent.handover !== undefined && intent.handover.phase !== 'waiting') return 'cannot_be_undone';
    if ((this.#world.action(intent.action)?.undo ?? null) === null) return 'cannot_be_undone';
    const next = changed(intent, {
      undoing: true, state: 'waiting_approval', why: 'undo_proposed', approvals: [], approvalsNeeded: 1, changedBy: [account], attempts: 0,
    });
    return { intents: [next], audit: [named(noteOf(next, intent, account, nowMs), 'intent.undo_proposed')] };
  }

  /** Of an alert that was none: what was done is proposed to be taken back, what was not begun is not done any more. */
  #withdrawn(alert: Alert, account: string, nowMs: number): Written[] {
    const { effects } = this.#ledger;
    const others = (currentIncident(effects, alert.incidentId)?.alertIds ?? []).filter((id) => id !== alert.id).map((id) => effects.alert(id));
    const closing = this.#pending('close');
    const isOpen = (other: Alert | null): other is Alert => other !== null && other.status !== 'closed' && !closing.has(other.id);
    const isStillMeant = ({ target }: Intent): boolean => others.some((other) => isOpen(other) && other.tokens.includes(target.token));
    const own = effects.responses.intents({ incidentId: alert.incidentId })
      .filter((intent) => concerns(alert, intent) && !isStillMeant(intent));
    const decisions = own.map((intent) => {
      if (intent.undoing) return null;
      const isBegun = !notBegun.has(intent.state) || isHandingOver(intent);
      return isBegun ? this.#undoProposed(intent, account, nowMs) : this.#rejected(intent, account, 'alert_closed', nowMs);
    });
    return decisions.filter((decision) => decision !== null && typeof decision !== 'string');
  }

  /** Alerts that the engine is about to close, or to open again. */
  #pending(kind: 'close' | 'reopen'): Set<string> {
    const { responses } = this.#ledger.effects;
    const commands = responses.pendingCommands().map((number) => responses.command(number));
    return new Set(commands.flatMap((command) => (command?.kind === kind ? [command.alertId] : [])));
  }

  #onAlert(alertId: string, account: string, work: (alert: Alert, nowMs: number) => DeskAnswer): DeskAnswer {
    if (!isName(account)) return refuse('bad_request');
    const alert = this.#ledger.effects.alert(alertId);
    if (alert === null) return refuse('unknown_alert');
    return alert.status === 'closed' || this.#pending('close').has(alertId) ? refuse('already_closed') : work(alert, this.#ledger.now());
  }
}

function named(note: AuditNote, kind: string, detail: AuditNote['detail'] = {}): AuditNote {
  return { ...note, kind, detail: { ...note.detail, ...detail } };
}
