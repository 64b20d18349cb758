import type { TokenEvent } from './event.ts';
import type { IncidentKind, IncidentStory } from './incident.ts';
import type { Measures } from './finding.ts';

export type AlertStatus = 'open' | 'acknowledged' | 'closed';

/** What somebody said that it was. */
export type ClosedAs = 'benign' | 'false_alarm' | 'theft';

/** Something that somebody wrote of an alert, by the wall clock. */
export interface AlertNote { readonly atMs: number; readonly by: string; readonly text: string }

/** One episode of one detector on one identity, as it is stored and delivered. */
export interface Alert {
  id: string;
  version: number;
  status: AlertStatus;
  detector: string;
  /** Risen severity and reason of the strongest hit so far. */
  severity: number;
  riskScore: number;
  surpriseBits: number;
  confidence: number;
  reason: string;
  baseline: Measures;
  observed: Measures;
  /** Order time of the first and the last deviating event. */
  startMs: number;
  endMs: number;
  /** Event time at which it was raised. */
  createdMs: number;
  /** True number of deviating events. */
  count: number;
  bytesOut: number;
  /** Event ids: the first 25 and the last 25. */
  evidenceFirst: string[];
  evidenceLast: string[];
  late: boolean;
  /** Never changes: where that incident is joined to another, `mergedInto` says so. */
  incidentId: string;
  /** What the alerts of its incident are together; absent: `single`. */
  incidentKind?: IncidentKind;
  mergedInto: string | null;
  /** Name of the exception that hides it: stored and counted, told to nobody, no ground for acting. */
  hiddenBy?: string;
  /** The first deviating event, whole. */
  first: TokenEvent;
  /** Tokens and networks seen in hits, bounded; the tokens' public ids where the log told them. */
  tokens: string[];
  handles: string[];
  networks: string[];
  resources: string[];
  /** Newest deviating use that an authenticator vouched for (`authenticated` true), event time; `null`: none yet. */
  provenMs: number | null;
  /** Account that looks after it; absent: nobody. */
  owner?: string;
  /** As what it was closed. */
  closedAs?: ClosedAs;
  /** What people wrote of it, the oldest first; at most 50. */
  notes?: AlertNote[];
  /** Who says that it was he, the oldest first: one word of each, at most 10. Evidence, and nothing more. */
  claims?: AlertNote[];
  /** Until then nobody is told of more of it, ms. */
  quietUntilMs?: number;
  /** When it was raised, and each time it had grown enough to be told again; at most 64. */
  announced: Announcement[];
}

/** What was known of an alert at one moment of event time. */
export interface Announcement {
  readonly timeMs: number;
  readonly severity: number;
  readonly reason: string;
  readonly bytesOut: number;
}

/** Alerts on one lineage with one risk score. The older id stays when two are joined. */
export interface Incident {
  id: string;
  version: number;
  startMs: number;
  endMs: number;
  riskScore: number;
  alertIds: string[];
  identityIds: string[];
  tokens: string[];
  mergedInto: string | null;
  /** Ids of incidents that were joined to this one. Their alerts and steps keep them. */
  formerIds?: string[];
  /** Absent where an older version stored it: no more than its alerts. */
  story?: IncidentStory;
}
