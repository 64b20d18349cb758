import type { AlertNote } from '../../model/alert.ts';
import type { Exception } from '../../model/exception.ts';
import type { Measures } from '../../model/finding.ts';
import type { AlertSummary, IntentView } from './shapes.ts';
import type { ActivityView } from './shapes-activity.ts';
import type { IdentityView, TokenSummary, UseView, WorkloadView } from './shapes-tokens.ts';

/* Shapes of the API for whoever looks further: whose life it is, what nobody was told of, how the service does. Times are epoch milliseconds, UTC. */

/** What the operator's inventory says of an identity beside its owner. */
export interface ListedView {
  readonly team: string | null;
  readonly criticality: string | null;
  readonly vendor: string | null;
  readonly environment: string | null;
  readonly labels: readonly string[];
  readonly reviewMs: number | null;
  readonly retiredMs: number | null;
  readonly ownerLeftMs: number | null;
}

/** One moment of an identity's life. `token`: public id, else fingerprint. */
export interface LifeMoment { readonly timeMs: number; readonly kind: 'issued' | 'rotated' | 'revoked'; readonly token: string }

/** An identity with all that is known of it. Lists are bounded, the newest first. */
export interface IdentityDetail {
  readonly identity: IdentityView;
  readonly workload: WorkloadView | null;
  /** `null`: the inventory does not name it. */
  readonly listed: ListedView | null;
  readonly tokens: readonly TokenSummary[];
  readonly tokenTotal: number;
  readonly life: readonly LifeMoment[];
  readonly uses: readonly UseView[];
  readonly activity: ActivityView | null;
  readonly alerts: readonly AlertSummary[];
  readonly alertTotal: number;
  /** Alerts on it that exceptions hide. */
  readonly hidden: number;
  readonly intents: readonly IntentView[];
  /** What people wrote of its alerts. */
  readonly notes: readonly (AlertNote & { readonly alertId: string })[];
  readonly cursor: number;
}

/** What two people agreed to, or one for some hours (`isQuiet`). */
export interface ExceptionTerms extends Omit<Exception, 'name' | 'approver'> {
  readonly isQuiet: boolean;
  /** `null`: one person's word, which ends by itself. */
  readonly approver: string | null;
}

/** An exception and what it has hidden so far. */
export interface ExceptionView {
  readonly name: string;
  /** By the time of events. `removed`: it is no longer configured, so nothing is known of it but what it hid. */
  readonly state: 'waits' | 'holds' | 'ended' | 'removed';
  readonly terms: ExceptionTerms | null;
  readonly alerts: number;
  readonly events: number;
  readonly lastMs: number | null;
}
export interface ExceptionPage { readonly exceptions: readonly ExceptionView[] }

/** An alert that nobody was told of. */
export interface HiddenAlert {
  readonly summary: AlertSummary;
  /** Name of the exception. */
  readonly hiddenBy: string;
  /** Why it was hidden: what holds, did or will; `null`: no longer known. */
  readonly terms: ExceptionTerms | null;
  readonly baseline: Measures;
  readonly observed: Measures;
  readonly networks: readonly string[];
}
/** By when they began, the newest first. */
export interface HiddenPage { readonly alerts: readonly HiddenAlert[]; readonly total: number; readonly next: string | null }

/** May a detector's rule act by itself, by what people said of what was proposed for its alerts? */
export interface ReadinessView {
  readonly detector: string;
  readonly verdict: 'never_proposed' | 'wrong_proposals' | 'too_early' | 'unjudged' | 'ready';
  readonly days: number;
  readonly proposed: number;
  readonly right: number;
  readonly wrong: number;
  readonly unjudged: number;
}
export interface ReadinessPage { readonly neededDays: number; readonly detectors: readonly ReadinessView[] }

/** A promise of how fast, or how small, the service is, beside what it measured of itself. */
export interface BudgetView {
  /** Delays are the slowest of a hundred (p99) since the start. */
  readonly name: 'event_delay' | 'commit' | 'checkpoint' | 'outbox_age' | 'memory' | 'disk';
  readonly unit: 'ms' | 'bytes';
  readonly promised: number;
  /** `null`: nothing to measure yet. */
  readonly measured: number | null;
}

/** What is known of networks, or another table, and of when. */
export interface TableView { readonly name: string; readonly builtMs: number | null }

/** What the service measured of itself. */
export interface HealthView {
  readonly budgets: readonly BudgetView[];
  readonly tables: readonly TableView[];
  readonly versions: readonly { readonly name: string; readonly version: string }[];
  readonly identities: number;
}
