/* Shapes of the API that speak of the service itself and of who uses it. Times are epoch milliseconds, UTC. */

/** Each role may do what those before it may. */
export const roles = ['viewer', 'analyst', 'responder', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who asks. `csrf` is to be sent as the header `x-csrf-token` with every change that a browser makes. */
export interface Session {
  readonly account: string;
  readonly role: Role;
  /** `null` where no session is needed: a bearer token was shown, or there are no accounts. */
  readonly csrf: string | null;
  readonly expiresMs: number | null;
}

/** Opens the live stream once, within 30 s: `/ws?ticket=…`. */
export interface Ticket { readonly ticket: string; readonly expiresMs: number }

export interface SourceView {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly lagRecords: number | null;
  readonly lastFetchAgeMs: number | null;
  /** Since an event of it was last taken, wall clock. */
  readonly lastEventAgeMs: number | null;
}

/** `waitingMs`: for how long documents have waited without one getting through. */
export interface SinkView { readonly name: string; readonly condition: string; readonly waiting: number; readonly waitingMs: number; readonly detail: string }

/** A harmless token whose uses show that the way from its log to here works. */
export interface CanaryView {
  readonly name: string;
  readonly source: string;
  readonly everyMs: number;
  /** How long a use may take to get here: what is promised of the delay. */
  readonly withinMs: number;
  /** When its newest use that came was complete; `null`: none came so far. */
  readonly lastMs: number | null;
  /** How long that took to be judged and stored. */
  readonly delayMs: number | null;
  readonly isMissing: boolean;
}

/** A deny list, and which number of it each gateway has fetched; `null`: none yet. */
export interface DenyListView {
  readonly name: string;
  readonly number: number;
  readonly changedMs: number | null;
  readonly gateways: readonly { readonly name: string; readonly number: number | null }[];
}

export interface CapView { readonly name: 'per_minute' | 'per_hour' | 'per_day'; readonly used: number; readonly limit: number }

export interface KillSwitchView {
  readonly on: boolean;
  /** `off`, `set`, or `unreadable`, which counts as on. */
  readonly state: 'off' | 'set' | 'unreadable';
  /** It can be changed here. */
  readonly changeable: boolean;
}

/** What the service knows of itself now. */
export interface Status {
  readonly version: string;
  readonly nowMs: number;
  readonly startedMs: number;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** The strongest mode of the policy: what happens to a token without anybody's click. */
  readonly mode: 'none' | 'observe' | 'approve' | 'enforce';
  readonly killSwitch: KillSwitchView | null;
  readonly caps: readonly CapView[];
  readonly waitingApproval: number;
  readonly openAlerts: number;
  readonly sources: readonly SourceView[];
  readonly sinks: readonly SinkView[];
  readonly canaries: readonly CanaryView[];
  /** Records refused since the start, by fixed reason, the most frequent first. */
  readonly quarantine: readonly { readonly reason: string; readonly count: number }[];
  readonly denyLists: readonly DenyListView[];
  /** What is known of networks: where from, and of which day. */
  readonly intel: { readonly source: string; readonly builtAt: string };
  /** Completion time of the newest event that was taken; `null` before the first. */
  readonly lastEventMs: number | null;
  /** Since that time: how old what the page shows is. */
  readonly dataAgeMs: number | null;
  readonly cursor: number;
}

/** Body of `POST /api/intents/{id}/approve`. */
export interface ApproveRequest { readonly seen?: string }
/** Body of `POST /api/alerts/{id}/close`. `benign` and `false_alarm`: what deviated is accepted as normal; `theft`: it is never learned. */
export interface CloseRequest { readonly as: 'benign' | 'false_alarm' | 'theft' }
/** Body of `POST /api/kill-switch`. */
export interface KillSwitchRequest { readonly on: boolean; readonly reason: string }
/** Body of `POST /api/session`. */
export interface SessionRequest { readonly token: string }

/** A rule of the policy that says `enforce`. Until two people have agreed to it as it stands it is as good as `approve`. */
export interface EnforcedRule {
  readonly rule: string;
  /** Of what is agreed to: the rule, those before it, and the limits. */
  readonly hash: string;
  /** What it is for, and what it does, in words. */
  readonly match: string;
  readonly plan: readonly string[];
  readonly isInForce: boolean;
  readonly by: readonly string[];
}
export interface EnforcementAnswer { readonly rules: readonly EnforcedRule[] }

/** What one word lets go on; `seen` is to be sent back with it. */
export interface CoveredAnswer { readonly seen: string; readonly intents: readonly string[] }
export interface IncidentAnswer { readonly incidentId: string }
