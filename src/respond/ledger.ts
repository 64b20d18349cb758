import type { Alert } from '../model/alert.ts';
import type { AuditNote } from '../model/audit.ts';
import type { Intent } from '../model/intent.ts';
import { currentIncident } from '../store/current-incident.ts';
import type { Command, EffectsStore } from '../store/port.ts';

/** Of an incident's alerts only the newest are amended for one intent: others tell it with their own next change. */
const maxAmended = 64;

/** What one act writes: all of it or nothing. */
export interface Written {
  readonly intents: readonly Intent[];
  /** At least one: nothing is done that is not noted. */
  readonly audit: readonly AuditNote[];
}

export interface LedgerParts {
  readonly effects: EffectsStore;
  readonly now: () => number;
  /** Notes were added to the chain. */
  readonly onNotes: () => void;
  /** Commands for the engine were kept. */
  readonly onCommands: () => void;
}

/** Writes intents, their notes and what the engine is to do about them, in one transaction each. */
export class Ledger {
  readonly effects: EffectsStore;
  readonly now: () => number;
  readonly #parts: LedgerParts;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.effects = parts.effects;
    this.now = parts.now;
  }

  /** `work` reads and decides within the transaction. Documents of alerts that tell of a changed intent are amended. Throws `StoreError`. */
  transact(work: () => Written | null): void {
    let written: Written | null = null;
    let commanded = false;
    this.effects.transact(() => {
      const batch = written = work();
      for (const intent of batch?.intents ?? []) commanded = [this.#noteCall(intent), this.#amend(intent)].includes(true) || commanded;
      return batch;
    });
    if (written === null) return;
    this.#parts.onNotes();
    if (commanded) this.#parts.onCommands();
  }

  /** Keeps a command with its note. */
  command(command: Command, actor: string, notes: readonly AuditNote[], intents: readonly Intent[] = []): void {
    this.transact(() => {
      this.effects.responses.putCommand(command, actor, this.now());
      return { intents, audit: notes };
    });
    this.#parts.onCommands();
  }

  /** What is written in `sending` is about to be called: the engine hears of it first. */
  #noteCall({ state, action, target, kind }: Intent): boolean {
    if (state !== 'sending') return false;
    const call = { action, atMs: this.now(), token: target.token, step: kind };
    this.effects.responses.putCommand({ kind: 'own-call', call }, 'executor', this.now());
    return true;
  }

  #amend(intent: Intent): boolean {
    const { effects } = this;
    const former = effects.responses.intent(intent.id);
    if (former !== null && former.state === intent.state && former.mode === intent.mode && former.undoing === intent.undoing) return false;
    const alertIds = new Set([intent.alertId, ...currentIncident(effects, intent.incidentId)?.alertIds.slice(-maxAmended) ?? []]);
    let commanded = false;
    for (const alertId of alertIds) {
      const alert = effects.alert(alertId);
      if (alert === null || !concerns(alert, intent)) continue;
      effects.responses.putCommand({ kind: 'amend', alertId }, 'executor', this.now());
      commanded = true;
    }
    return commanded;
  }
}

/** Does the alert's document tell of the intent? */
export function concerns(alert: Alert, intent: Pick<Intent, 'alertId' | 'target'>): boolean {
  return intent.alertId === alert.id || alert.tokens.includes(intent.target.token);
}

/** The intent with what became of it, as its next version. */
export function changed(intent: Intent, change: Partial<Intent>): Intent {
  return { ...intent, ...change, version: intent.version + 1 };
}

/** A note of what became of an intent. `former` is what it was before. */
export function noteOf(intent: Intent, former: Intent, actor: string, timeMs: number): AuditNote {
  const { id, state, why, action, kind, mode, attempts, undoing, target, alertId, policyHash } = intent;
  const detail = { from: former.state, why, step: kind, action, mode, attempts, undoing, token: target.token, alert: alertId, policy: policyHash };
  return { timeMs, kind: `intent.${state}`, actor, subject: id, detail };
}

/** Keeps how it stood before the call that is about to be made; false where that is not to be made any more. Throws `StoreError`. */
export function noteFormer(ledger: Ledger, id: string, former: string): boolean {
  let isNoted = false;
  ledger.transact(() => {
    const current = ledger.effects.responses.intent(id);
    if (current === null || current.state !== 'sending' || current.undoing) return null;
    isNoted = true;
    const next = changed(current, { former });
    return { intents: [next], audit: [{ ...noteOf(next, current, 'executor', ledger.now()), kind: 'intent.former' }] };
  });
  return isNoted;
}

/** When the attempts began: of an undo, when it was approved; of a cut, when that was let through. */
export function begunMs({ undoing, sentMs, approvals, handover }: Intent): number {
  return undoing ? Math.max(...approvals.map(({ atMs }) => atMs)) : handover?.cutMs ?? sentMs ?? 0;
}

/** Nobody said that the alert which the intent is for was none. */
export function isStillMeant({ alertId }: Intent, effects: Pick<EffectsStore, 'alert'>): boolean {
  const closedAs = effects.alert(alertId)?.closedAs;
  return closedAs !== 'benign' && closedAs !== 'false_alarm';
}
