import type { AlertStatus } from '../../model/alert.ts';
import type { IntentState } from '../../model/intent.ts';
import type {
  AlertDetail, AlertPage, EnforcedRule, EventPage, IncidentDetail, IncidentPage, IntentPage, IntentView, Status, TokenPage, TouchedPage, Trends,
} from './shapes.ts';
import type { ExceptionPage, HealthView, HiddenPage, IdentityDetail, ReadinessPage } from './shapes-insight.ts';
import type { Message } from './shapes-live.ts';

export interface Paging {
  readonly limit: number;
  /** From a former answer's `next`. */
  readonly after?: string | undefined;
}

export const alertSorts = ['newest', 'severity', 'risk', 'bytes'] as const;
export type AlertSort = (typeof alertSorts)[number];

export const alertGroups = ['token', 'workload', 'identity'] as const;
export type AlertGroup = (typeof alertGroups)[number];

export interface AlertQuery extends Paging {
  readonly status?: readonly AlertStatus[] | undefined;
  /** At least. */
  readonly severity?: number | undefined;
  readonly detector?: string | undefined;
  readonly incident?: string | undefined;
  readonly identity?: string | undefined;
  /** All these words, somewhere in what the line shows; case does not matter. */
  readonly text?: string | undefined;
  /** Begun at this time or later. */
  readonly since?: number | undefined;
  readonly sort: AlertSort;
  /** Only the first of each, and how many there are. */
  readonly group?: AlertGroup | undefined;
}

export interface IncidentQuery extends Paging { readonly status?: readonly AlertStatus[] | undefined; readonly since?: number | undefined }
export interface TokenQuery extends Paging { readonly text?: string | undefined; readonly identity?: string | undefined }
export interface IntentQuery { readonly states?: readonly IntentState[] | undefined; readonly incident?: string | undefined; readonly limit: number }
export interface EventQuery {
  /** Only what proves this alert. */
  readonly alert?: string | undefined;
  readonly identity?: string | undefined;
  readonly token?: string | undefined;
  readonly address?: string | undefined;
  readonly text?: string | undefined;
  readonly since?: number | undefined;
  readonly limit: number;
}

export interface HiddenQuery extends Paging { readonly identity?: string | undefined; readonly exception?: string | undefined }

/** What is looked up when somebody looks further. */
export interface Insight {
  /** `null`: no event named it. */
  identity(id: string): Promise<IdentityDetail | null>;
  exceptions(): Promise<ExceptionPage>;
  /** What exceptions hide: in no other answer. */
  hidden(query: HiddenQuery): Promise<HiddenPage>;
  /** `neededDays` without one wrong proposal make a detector ready. */
  readiness(neededDays: number): Promise<ReadinessPage>;
  health(): Promise<HealthView>;
}

/** What the API shows. Answers are bounded. */
export interface Reader {
  /** False while what was stored before is still being looked through: lists would be incomplete. */
  readonly isReady: boolean;
  readonly insight: Insight;
  alerts(query: AlertQuery): AlertPage;
  alert(id: string): AlertDetail | null;
  incidents(query: IncidentQuery): IncidentPage;
  incident(id: string): IncidentDetail | null;
  /** What the flight recorder has of the alert's lineage; of all lineages of the incident. */
  touchedOfAlert(id: string, limit: number): TouchedPage | null;
  touchedOfIncident(id: string, limit: number): TouchedPage | null;
  tokens(query: TokenQuery): Promise<TokenPage>;
  trends(): Promise<Trends>;
  intents(query: IntentQuery): IntentPage;
  intent(id: string): IntentView | null;
  events(query: EventQuery): EventPage;
  status(): Status;
}

/** What the live stream tells. */
export interface ChangeFeed {
  readonly isReady: boolean;
  /** Number of the newest change. */
  lastChange(): number;
  /**
   * What changed after `since` up to `upTo`, in the order of change: about `limit` messages, a change always whole. `cursor`: how far it
   * goes; all but the last message carry `since`, so that who saw only some misses none.
   */
  changes(since: number, upTo: number, limit: number): { readonly cursor: number; readonly messages: readonly Message[] };
  status(): Status;
}

/** What became of a wish; reasons are fixed words. */
export type DeskAnswer = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** What people note of alerts, by the names of their accounts. */
export interface Triage {
  note(alertId: string, text: string, account: string): DeskAnswer;
  /** The account's own word that it was he. */
  claim(alertId: string, text: string, account: string): DeskAnswer;
  /** `null`: nobody looks after it any more. */
  assign(alertId: string, owner: string | null, account: string): DeskAnswer;
  /** 0 hours: told again. */
  quiet(alertId: string, hours: number, reason: string, account: string): DeskAnswer;
  /** Ids of the alerts that are not closed and of the same identity or lineage. */
  lineage(alertId: string): readonly string[];
}

/** Who takes decisions of people, by the names of their accounts. It judges by what it knows of the intent, and writes the audit. */
export interface Desk {
  /** `seen`: digest of what the account was shown. */
  approve(id: string, account: string, seen?: string): DeskAnswer;
  /** Steps that one word lets go on in an incident of a breached third party, and what is agreed to by it; else why not. */
  covered(incidentId: string): { readonly intents: readonly { readonly id: string }[]; readonly seen: string } | string;
  approveAll(incidentId: string, account: string, seen: string): DeskAnswer;
  reject(id: string, account: string): DeskAnswer;
  undo(id: string, account: string): DeskAnswer;
  killSwitch(on: boolean, reason: string, account: string): DeskAnswer;
  close(alertId: string, as: 'benign' | 'false_alarm' | 'theft', account: string): DeskAnswer;
  reopen(alertId: string, account: string): DeskAnswer;
  acknowledge(alertId: string, account: string): DeskAnswer;
  enforced(): readonly EnforcedRule[];
  agree(rule: string, account: string, seen: string): DeskAnswer;
  /** It acts by itself no more, until people have agreed anew. */
  withdraw(rule: string, account: string): DeskAnswer;
}
