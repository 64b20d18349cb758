import type { AlertNote, AlertStatus, Announcement } from '../../model/alert.ts';
import type { AttackTechnique, Evidence } from '../../model/detector.ts';
import type { IdentityKind } from '../../model/event.ts';
import type { Measures } from '../../model/finding.ts';
import type { IncidentKind, StageReached } from '../../model/incident.ts';
import type { Approval, Dependent, Intent, IntentState } from '../../model/intent.ts';
import type { ActivityView, TimelineEntry } from './shapes-activity.ts';
import type { LinksView, TriageView } from './shapes-desk.ts';
import type { KillSwitchView } from './shapes-service.ts';
import type { IdentityView, NetworkView, TokenSummary, UseView, WorkloadView } from './shapes-tokens.ts';

export type * from './shapes-activity.ts';
export type * from './shapes-desk.ts';
export type * from './shapes-service.ts';
export type * from './shapes-tokens.ts';
export type * from './shapes-trends.ts';

/*
 * Every JSON answer of the API and every message of the live stream. Times are epoch milliseconds, UTC; `null` means that it is not
 * known. Lists are bounded by the server. Whatever comes from logs is text to show, never markup: names, reasons, paths, ids.
 */
/** Why a request was refused, a fixed word; the HTTP status says the rest. */
export interface Refused extends Partial<Problem> { readonly error: string; readonly status?: number }

/** What there is to be done about a refusal, for people; makes the answer a problem document (RFC 9457). */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  /** Where the page sends whoever must log in again. */
  readonly login: string;
}

/** Where the response to an alert's incident stands, over all its steps. */
export interface ResponseSummary {
  /** Of the step that most wants somebody's eye: waiting for approval, then failed, unknown, under way, and so on. */
  readonly state: IntentState;
  readonly steps: number;
  readonly waiting: number;
  /** Proven to have taken effect. */
  readonly verified: number;
}

/** A line of the queue. */
export interface AlertSummary extends TriageView {
  readonly id: string;
  readonly version: number;
  readonly status: AlertStatus;
  /** 21 low, 47 medium, 73 high, 99 critical. */
  readonly severity: number;
  readonly riskScore: number;
  readonly detector: string;
  /** Short and generic; `reason` is the sentence with the numbers. */
  readonly title: string;
  readonly reason: string;
  readonly incidentId: string;
  readonly identityId: string | null;
  readonly identityName: string | null;
  readonly identityKind: IdentityKind | null;
  /** Fingerprint and public handle of the first deviating event's token. */
  readonly token: string | null;
  readonly handle: string | null;
  readonly workload: string | null;
  /** Of the first deviating event. */
  readonly network: NetworkView | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly createdMs: number;
  /** True number of deviating events. */
  readonly count: number;
  readonly bytesOut: number;
  readonly late: boolean;
  readonly response: ResponseSummary | null;
}

/** `cursor`: the state of the list; live messages after it are what changed since. `next` asks for the following page; `null`: the last one. */
export interface AlertPage {
  readonly alerts: readonly AlertSummary[];
  /** Of each alert, how many its group holds; `null` where nothing is grouped. */
  readonly grouped: readonly number[] | null;
  /** Of alerts, or of groups. */
  readonly total: number;
  readonly next: string | null;
  readonly cursor: number;
}

/** What an action does, for whoever decides on it. */
export interface ActionView {
  readonly name: string;
  readonly type: string;
  /** What it does to tokens already handed out. */
  readonly effect: string;
  readonly delay: string;
  /** How it is taken back; `null`: it cannot be. */
  readonly undo: string | null;
  readonly rights: string;
  readonly exposureMs: number;
}

/** An intent with what people must know of it. */
export interface IntentView extends Omit<Intent, 'former'> {
  /** `null`: the configuration names no such action any more. */
  readonly actionFacts: ActionView | null;
  /** Why it is refused, asks for a person or stands where it stands, as a sentence; `null` where its fixed words say all. */
  readonly because: string | null;
  /** Digest of what one agrees to; send it back as `seen`, so that nobody approves what they were not shown. */
  readonly digest: string;
  /** What its state allows. Whether the account may (role; nobody approves twice) is judged when it asks. */
  readonly can: { readonly approve: boolean; readonly reject: boolean; readonly undo: boolean };
}

/** Approvals so far and who gave them stand in each intent. */
export type ApprovalView = Approval;
export type DependentView = Dependent;

export interface IntentPage { readonly intents: readonly IntentView[]; readonly total: number; readonly cursor: number }

/** An event in ECS, nested as `replay --events` writes it. */
export type EcsDocument = Readonly<Record<string, unknown>>;

/** One alert whole. */
export interface AlertDetail {
  readonly summary: AlertSummary;
  /** As sinks get it. */
  readonly document: EcsDocument;
  /** What the detector looks for, what it takes for granted, how a legitimate change is accepted. */
  readonly rule: RuleView;
  readonly confidence: number;
  readonly surpriseBits: number;
  /** Named numbers with their units in the names; texts for names such as a network. */
  readonly baseline: Measures;
  readonly observed: Measures;
  readonly announced: readonly Announcement[];
  readonly timeline: readonly TimelineEntry[];
  /** Event ids, first and last; `summary.count` is the true number. */
  readonly evidence: readonly string[];
  readonly identity: IdentityView | null;
  readonly workload: WorkloadView | null;
  readonly tokens: readonly TokenSummary[];
  readonly networks: readonly NetworkView[];
  readonly resources: readonly string[];
  /** Observed users of the tokens: what breaks if they are cut. Those with `suspect` are the supposed thief. */
  readonly dependents: readonly DependentView[];
  readonly incident: IncidentSummary;
  /** The incident's alerts, this one too. */
  readonly related: readonly AlertSummary[];
  /** Of the whole incident, in the order of plan and step. */
  readonly intents: readonly IntentView[];
  readonly activity: ActivityView | null;
  /** Who was seen with the tokens of its identity, where and in which weeks. */
  readonly uses: readonly UseView[];
  readonly notes: readonly AlertNote[];
  readonly links: LinksView;
  readonly cursor: number;
}

/** A technique of MITRE ATT&CK by its id and name. */
export interface AttackView extends AttackTechnique { readonly name: string }

export interface RuleView {
  readonly id: string;
  readonly title: string;
  readonly grace: string;
  readonly acceptance: string;
  readonly blindSpots: readonly string[];
  readonly attack: readonly AttackView[];
  readonly owaspNhi: readonly string[];
  /** What of an event its findings rest on. */
  readonly restsOn: Evidence;
}

/** What one alert of an incident holds against what was usual. */
export interface WhyView {
  readonly alertId: string;
  readonly detector: string;
  readonly title: string;
  readonly restsOn: Evidence;
  readonly attack: readonly AttackView[];
  readonly owaspNhi: readonly string[];
  readonly baseline: Measures;
  readonly observed: Measures;
}

export interface IncidentSummary {
  readonly id: string;
  readonly version: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly riskScore: number;
  /** Highest of its alerts, or what its kind is worth. */
  readonly severity: number;
  /** What its alerts are together. */
  readonly kind: IncidentKind;
  /** Vendor or place that its identities share. */
  readonly name: string | null;
  /** How far it has come: each stage's first alert, in the order of time. */
  readonly stages: readonly StageReached[];
  /** Open as long as one of its alerts is. */
  readonly status: AlertStatus;
  readonly alertIds: readonly string[];
  readonly identityIds: readonly string[];
  readonly tokens: readonly string[];
  readonly bytesOut: number;
  readonly mergedInto: string | null;
  readonly response: ResponseSummary | null;
}

export interface IncidentPage { readonly incidents: readonly IncidentSummary[]; readonly total: number; readonly next: string | null; readonly cursor: number }

export interface IncidentDetail {
  readonly summary: IncidentSummary;
  readonly alerts: readonly AlertSummary[];
  readonly tokens: readonly TokenSummary[];
  readonly networks: readonly NetworkView[];
  readonly resources: readonly string[];
  readonly timeline: readonly TimelineEntry[];
  readonly intents: readonly IntentView[];
  readonly identities: readonly IdentityView[];
  /** Observed users of its tokens: what breaks if they are cut. */
  readonly dependents: readonly DependentView[];
  readonly why: readonly WhyView[];
  /** Of the first alert's identity. */
  readonly activity: ActivityView | null;
  readonly uses: readonly UseView[];
  readonly links: LinksView;
  readonly cursor: number;
}

/** Newest first, out of the last events that are kept in memory. `kept`: how many those are. */
export interface EventPage { readonly events: readonly EcsDocument[]; readonly total: number; readonly kept: number }

/** A change was taken; the new state comes over the live stream too. */
export interface IntentAnswer { readonly intent: IntentView }
/** The alert itself follows over the live stream, when the engine has taken it. */
export interface AlertAnswer { readonly alertId: string }
export interface KillSwitchAnswer { readonly killSwitch: KillSwitchView }
