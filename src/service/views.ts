import type { Alert, AlertStatus, Incident } from '../model/alert.ts';
import type { TokenEvent } from '../model/event.ts';
import { isLeftBeside, type Intent, type IntentState } from '../model/intent.ts';
import type { Identity, Token } from '../model/token.ts';
import { digestOf } from '../respond/approvals.ts';
import { sentenceOn } from '../respond/words.ts';
import type { Action } from '../respond/port.ts';
import type {
  AlertSummary, IdentityView, IncidentSummary, IntentView, NetworkView, ResponseSummary, TokenSummary, WorkloadView,
} from '../server/api/shapes.ts';

/** What most wants somebody's eye comes first. */
const urgency: readonly IntentState[] = [
  'waiting_approval', 'failed', 'unknown', 'stale', 'sending', 'ready', 'accepted', 'proposed', 'verified', 'undone', 'rejected',
];
const waiting: ReadonlySet<IntentState> = new Set(['waiting_approval', 'stale']);
const notBegun: ReadonlySet<IntentState> = new Set(['proposed', 'waiting_approval', 'stale', 'ready']);
const inEffect: ReadonlySet<IntentState> = new Set(['accepted', 'verified', 'unknown']);

/** The line of the queue that an alert makes. `titleOf` gives the short name of a detector. */
export function alertSummary(alert: Alert, titleOf: (detector: string) => string, response: ResponseSummary | null): AlertSummary {
  const { first } = alert;
  return {
    id: alert.id, version: alert.version, status: alert.status, severity: alert.severity, riskScore: alert.riskScore, detector: alert.detector,
    title: titleOf(alert.detector), reason: alert.reason, incidentId: alert.incidentId,
    identityId: first.identityId, identityName: first.identityName, identityKind: first.identityKind,
    token: first.token, handle: first.tokenHandle, workload: first.workloadId, network: networkOf(first),
    startMs: alert.startMs, endMs: alert.endMs, createdMs: alert.createdMs, count: alert.count, bytesOut: alert.bytesOut, late: alert.late, response,
    owner: alert.owner ?? null, closedAs: alert.closedAs ?? null, quietUntilMs: alert.quietUntilMs ?? null,
  };
}

/** Where an event came from; `null` where it had no address. */
export function networkOf(event: TokenEvent): NetworkView | null {
  if (event.networkBlock === null) return null;
  return {
    block: event.networkBlock, name: event.networkName, asNumber: event.asNumber, asOrganization: event.asOrganization, country: event.country,
    class: event.networkClass,
  };
}

/** `null` where nothing is planned. */
export function responseSummary(states: readonly IntentState[]): ResponseSummary | null {
  const state = urgency.find((one) => states.includes(one));
  if (state === undefined) return null;
  const count = (wanted: IntentState): number => states.filter((one) => one === wanted).length;
  return { state, steps: states.length, waiting: count('waiting_approval'), verified: count('verified') };
}

/** `alerts`: those of the incident that are known. */
export function incidentSummary(incident: Incident, alerts: readonly AlertSummary[], response: ResponseSummary | null): IncidentSummary {
  return {
    id: incident.id, version: incident.version, startMs: incident.startMs, endMs: incident.endMs, riskScore: incident.riskScore,
    severity: Math.max(incident.story?.severity ?? 0, ...alerts.map(({ severity }) => severity)),
    kind: incident.story?.kind ?? 'single', name: incident.story?.name ?? null, stages: incident.story?.stages ?? [],
    status: statusOf(alerts),
    alertIds: incident.alertIds, identityIds: incident.identityIds, tokens: incident.tokens,
    bytesOut: bytesOutOf(alerts), mergedInto: incident.mergedInto, response,
  };
}

/** Alerts on one identity tell of the same bytes in several ways: the largest counts. */
function bytesOutOf(alerts: readonly AlertSummary[]): number {
  const most = new Map<string | null, number>();
  for (const { identityId, bytesOut } of alerts) most.set(identityId, Math.max(most.get(identityId) ?? 0, bytesOut));
  return [...most.values()].reduce((sum, bytesOut) => sum + bytesOut, 0);
}

/** As open as the most open of its alerts. */
export function statusOf(alerts: readonly AlertSummary[]): AlertStatus {
  const has = (wanted: AlertStatus): boolean => alerts.some(({ status }) => status === wanted);
  return has('open') || alerts.length === 0 ? 'open' : has('acknowledged') ? 'acknowledged' : 'closed';
}

export function identityView({ id, kind, name, account, firstSeenMs, lastSeenMs, tokenCount }: Identity, owner: string | null): IdentityView {
  return { id, kind, name, owner, account, firstSeenMs, lastSeenMs, tokenCount };
}

export function workloadOf(identity: Identity | null): WorkloadView | null {
  if (identity === null || identity.workloadId === null) return null;
  return { id: identity.workloadId, kind: identity.workloadKind, evidence: identity.workloadEvidence };
}

/** Without its posture, which is judged where it is shown. */
export function tokenSummary(token: Omit<Token, 'upstream'>, identity: Identity | null, owner: string | null, openAlerts: number): TokenSummary {
  const { fingerprint, kind, handle, issuer, parent, issuedAtMs, issueSeen, expiresAtMs, revokedAtMs, firstSeenMs, lastUsedMs } = token;
  return {
    fingerprint, kind, handle, issuer, parent, identity: identity === null ? null : identityView(identity, owner), workload: workloadOf(identity),
    issuedAtMs, issueSeen, expiresAtMs, revokedAtMs, firstSeenMs, lastUsedMs, openAlerts, posture: [],
  };
}

/** `action`: as configured now. */
export function intentView({ former: _former, ...intent }: Intent, action: Action | undefined): IntentView {
  const { state, refused } = intent;
  const isUndoable = action !== undefined && action.undo !== null;
  return {
    ...intent, actionFacts: action === undefined ? null : { name: action.name, type: action.type, ...action.facts },
    because: sentenceOn(intent), digest: digestOf(intent),
    can: {
      approve: waiting.has(state) && refused === null, reject: notBegun.has(state),
      undo: isUndoable && (inEffect.has(state) && !isCutting(intent) || isLeftBeside(intent) || isBeingUndone(intent)),
    },
  };
}

function isBeingUndone({ undoing, state }: Intent): boolean {
  return undoing && (state === 'waiting_approval' || state === 'failed');
}

/** A rotation that has cut the old credential, or is about to. */
function isCutting({ handover }: Intent): boolean {
  return handover?.phase === 'cutting';
}
