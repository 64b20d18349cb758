import type { Alert } from '../model/alert.ts';
import type { AuditNote } from '../model/audit.ts';
import type { Exception } from '../model/exception.ts';
import { currentIncident } from '../store/current-incident.ts';
import type { Command } from '../store/port.ts';
import { isName } from './account-name.ts';
import type { Ledger } from './ledger.ts';

const maxNote = 1_000;
/** Further ones are refused: the alert is delivered whole at each change. */
export const maxNotes = 50;
/** One person's word holds no longer: what is to last is an exception of the configuration, for which two must agree. */
const maxQuietHours = 24;
const hourMs = 3_600_000;
const critical = 99;

/** Of different people. */
export const maxClaims = 10;

export type TriageRefusal = 'already_claimed' | 'too_many_claims' | 'unknown_alert' | 'bad_request' | 'too_many_notes' | 'never_hidden' | 'already_closed';
export type TriageAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: TriageRefusal };

export interface TriageParts {
  readonly ledger: Pick<Ledger, 'effects' | 'now' | 'command'>;
  /** Whose findings an exception may hide. */
  readonly mayHide: (detector: string) => boolean;
}

/** What the engine is to do, and what the audit says of it. */
interface Decided { readonly command: Command; readonly detail: AuditNote['detail'] }

const done: TriageAnswer = { ok: true };
const refuse = (reason: TriageRefusal): TriageAnswer => ({ ok: false, reason });

/**
 * Who looks after an alert, what people write of it, and that it is to be quiet for a while. Whoever calls has made sure who `account` is
 * and that its role may. Everything is noted in the audit, and is a command of the engine: an alert says the same to every reader.
 */
export class Triage {
  readonly #parts: TriageParts;

  constructor(parts: TriageParts) {
    this.#parts = parts;
  }

  note(alertId: string, text: string, account: string): TriageAnswer {
    const written = text.trim();
    if (written === '' || written.length > maxNote) return refuse('bad_request');
    return this.#on(alertId, account, (alert, atMs) => {
      if ((alert.notes?.length ?? 0) >= maxNotes) return 'too_many_notes';
      return { command: { kind: 'note', alertId, note: { atMs, by: account, text: written } }, detail: { text: written } };
    });
  }

  /** Somebody says that it was he. It is kept as evidence: it closes nothing, stops no step, and teaches nothing. */
  claim(alertId: string, text: string, account: string): TriageAnswer {
    const said = text.trim();
    if (said === '' || said.length > maxNote) return refuse('bad_request');
    return this.#on(alertId, account, ({ claims = [] }, atMs) => {
      if (claims.some(({ by }) => by === account)) return 'already_claimed';
      if (claims.length >= maxClaims) return 'too_many_claims';
      return { command: { kind: 'claim', alertId, note: { atMs, by: account, text: said } }, detail: { text: said } };
    });
  }

  /** `null`: nobody. */
  assign(alertId: string, owner: string | null, account: string): TriageAnswer {
    if (owner !== null && !isName(owner)) return refuse('bad_request');
    return this.#on(alertId, account, () => ({ command: { kind: 'assign', alertId, owner }, detail: { owner } }));
  }

  /** What this detector finds of the alert's identity in its networks is hidden for so many hours; 0: no longer. */
  quiet(alertId: string, hours: number, reason: string, account: string): TriageAnswer {
    const why = reason.trim();
    if (!Number.isFinite(hours) || hours < 0 || hours > maxQuietHours || why === '' || why.length > maxNote) return refuse('bad_request');
    return this.#on(alertId, account, (alert, nowMs) => {
      if (alert.status === 'closed') return 'already_closed';
      const exception = quietOf(alert, { fromMs: nowMs, untilMs: nowMs + hours * hourMs, reason: why, author: account });
      if (exception === null || alert.severity >= critical || !this.#parts.mayHide(alert.detector)) return 'never_hidden';
      return { command: { kind: 'quiet', alertId, exception }, detail: { hours, reason: why } };
    });
  }

  /** Alerts that are not closed, of the alert's own identity or lineage: as many as one person may judge at once. */
  lineage(alertId: string): readonly string[] {
    const { effects } = this.#parts.ledger;
    const alert = effects.alert(alertId);
    const ids = alert === null ? [] : currentIncident(effects, alert.incidentId)?.alertIds ?? [];
    return ids.filter((id) => {
      const one = effects.alert(id);
      return one !== null && one.status !== 'closed' && one.incidentId === alert?.incidentId;
    });
  }

  #on(alertId: string, account: string, decide: (alert: Alert, nowMs: number) => TriageRefusal | Decided): TriageAnswer {
    if (!isName(account)) return refuse('bad_request');
    const { ledger } = this.#parts;
    const alert = ledger.effects.alert(alertId);
    if (alert === null) return refuse('unknown_alert');
    const nowMs = ledger.now();
    const decided = decide(alert, nowMs);
    if (typeof decided === 'string') return refuse(decided);
    const { command, detail } = decided;
    ledger.command(command, account, [{ timeMs: nowMs, kind: `alert.${command.kind}`, actor: account, subject: alertId, detail }]);
    return done;
  }
}

/** `null` where the alert names nobody, or no place: then it would hide too much. */
function quietOf({ id, detector, first, networks }: Alert, part: Pick<Exception, 'fromMs' | 'untilMs' | 'reason' | 'author'>): Exception | null {
  const { identityId } = first;
  if (identityId === null || networks.length === 0) return null;
  return { name: `quiet-${id}`, kind: 'legacy', match: { identity: identityId }, detectors: [detector], networks: [...networks], approver: '', ...part };
}
