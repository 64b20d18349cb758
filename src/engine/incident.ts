import type { Alert, Incident } from '../model/alert.ts';
import type { Evidence } from '../model/detector.ts';
import { incidentKinds, type IncidentKind, type IncidentStory, type Stage, type StageReached } from '../model/incident.ts';
import { decodeJson } from '../state/json.ts';
import { stableId } from '../state/stable-id.ts';
import { addOnce } from './add-once.ts';

const maxMembers = 1_000;
const medium = 47;
/** What a kind is worth by itself, whatever its alerts say. */
const worth: Readonly<Record<IncidentKind, number>> = { 'single': 0, 'chain': 0, 'estate-change': 0, 'campaign': 99, 'vendor-compromise': 73 };

/** What the incident has to know of detectors. */
export interface DetectorFacts {
  /** What its findings rest on; `null`: this version does not have it. */
  evidenceOf(detector: string): Evidence | null;
  stageOf(detector: string): Stage;
}

/** One alert of an incident. */
export interface Member {
  readonly alertId: string;
  readonly detector: string;
  readonly identity: string;
  readonly lineage: string | null;
  /** The incident that it was put into, or would have been without others: steps go by it, so that they stay the same when incidents are joined. */
  readonly homeId: string;
  timeMs: number;
  severity: number;
  /** An authenticator vouched for one of its hits. Absent: not so, or not known. */
  isProven?: boolean;
  /** What it was counted in, or looked for: each once, so that it does not matter how often it is looked. */
  readonly noted: string[];
}

/** Why incidents of several identities were joined. */
export interface Group { readonly kind: IncidentKind; readonly name: string }

export interface IncidentState {
  incident: Incident;
  /** Highest risk by detector: repeats add nothing. */
  risks: Record<string, number>;
  members: Member[];
  /** By the key of what gathered them. */
  groups: Record<string, Group>;
}

/** As a checkpoint stored it, also one of a version that knew fewer fields. */
export function decodeIncident(bytes: Uint8Array): IncidentState {
  const state = decodeJson<IncidentState>(bytes);
  state.members ??= [];
  state.groups ??= {};
  return state;
}

export function createIncident(alert: Alert): IncidentState {
  const { startMs, endMs } = alert;
  const incident: Incident = {
    id: stableId('incident', alert.id), version: 0, startMs, endMs, riskScore: 0, alertIds: [], identityIds: [], tokens: [], mergedInto: null,
  };
  return { incident, risks: {}, members: [], groups: {} };
}

/** Puts the alert in, or brings it up to date. Returns whether that may change what the alerts tell together. */
export function enter(state: IncidentState, alert: Alert, identity: string, lineage: string | null): boolean {
  const { incident, risks, members } = state;
  incident.version++;
  incident.startMs = Math.min(incident.startMs, alert.startMs);
  incident.endMs = Math.max(incident.endMs, alert.endMs);
  addOnce(incident.alertIds, alert.id, maxMembers);
  addOnce(incident.identityIds, identity, maxMembers);
  for (const token of alert.tokens) addOnce(incident.tokens, token, maxMembers);
  const former = risks[alert.detector] ?? 0;
  risks[alert.detector] = Math.max(former, alert.riskScore);
  const known = members.find(({ alertId }) => alertId === alert.id);
  if (known !== undefined) {
    const isOld = alert.riskScore <= former && known.timeMs === alert.startMs && known.severity === alert.severity;
    Object.assign(known, { timeMs: alert.startMs, severity: alert.severity, isProven: alert.provenMs !== null });
    return !isOld;
  }
  const { id: alertId, detector, startMs: timeMs, severity } = alert;
  const isProven = alert.provenMs !== null;
  const homeId = members.find((one) => isRelated(one, { identity, lineage }))?.homeId ?? incident.id;
  if (members.length < maxMembers) members.push({ alertId, detector, identity, lineage, homeId, timeMs, severity, isProven, noted: [] });
  return true;
}

/** Are both about one identity or lineage? */
export function isRelated({ identity, lineage }: Pick<Member, 'identity' | 'lineage'>, other: Pick<Member, 'identity' | 'lineage'>): boolean {
  return identity === other.identity || lineage !== null && lineage === other.lineage;
}

/** The younger incident becomes a part of the older one. */
export function mergeIncident(into: IncidentState, other: IncidentState): void {
  for (const id of other.incident.alertIds) addOnce(into.incident.alertIds, id, maxMembers);
  for (const id of other.incident.identityIds) addOnce(into.incident.identityIds, id, maxMembers);
  for (const token of other.incident.tokens) addOnce(into.incident.tokens, token, maxMembers);
  into.incident.formerIds ??= [];
  for (const id of [other.incident.id, ...other.incident.formerIds ?? []]) addOnce(into.incident.formerIds, id, maxMembers);
  for (const [detector, risk] of Object.entries(other.risks)) into.risks[detector] = Math.max(into.risks[detector] ?? 0, risk);
  into.members.push(...other.members.slice(0, maxMembers - into.members.length));
  Object.assign(into.groups, other.groups);
  into.incident.endMs = Math.max(into.incident.endMs, other.incident.endMs);
  other.incident.mergedInto = into.incident.id;
  other.incident.version++;
}

/** Works out anew what the alerts tell together. Returns whether they are of another kind than before. */
export function retell(state: IncidentState, facts: DetectorFacts): boolean {
  const { incident, members } = state;
  const former = incident.story?.kind ?? 'single';
  const story = storyOf(state, facts);
  incident.story = story;
  const calm = [...byEvidence(state.risks, facts).values()].reduce((product, risk) => product * (1 - risk / 100), 1);
  incident.riskScore = Math.max(worth[story.kind], Math.round(1000 * (1 - calm)) / 10);
  return members.length > 0 && former !== story.kind;
}

/** Highest risk of what rests on the same fields: only different evidence adds up. */
function byEvidence(risks: Readonly<Record<string, number>>, facts: DetectorFacts): Map<Evidence | null, number> {
  const highest = new Map<Evidence | null, number>();
  for (const [detector, risk] of Object.entries(risks)) {
    const evidence = facts.evidenceOf(detector);
    highest.set(evidence, Math.max(highest.get(evidence) ?? 0, risk));
  }
  return highest;
}

function storyOf({ members, groups }: IncidentState, facts: DetectorFacts): IncidentStory {
  const reached = stagesOf(members, facts);
  const evidence = new Set(members.map(({ detector }) => facts.evidenceOf(detector)));
  const joined = Object.values(groups);
  const own: IncidentKind = reached.length > 1 && evidence.size > 1 ? 'chain' : 'single';
  const kind = [own, ...joined.map((group) => group.kind)].reduce((first, second) => (rank(second) > rank(first) ? second : first));
  const severity = Math.max(0, ...members.map((member) => member.severity), ...joined.map((group) => worth[group.kind]));
  return { kind, name: joined.find((group) => group.kind === kind)?.name ?? null, severity, stages: reached };
}

function rank(kind: IncidentKind): number {
  return incidentKinds.indexOf(kind);
}

function stagesOf(members: readonly Member[], facts: DetectorFacts): StageReached[] {
  const first = new Map<Stage, StageReached>();
  for (const { alertId, detector, identity: identityId, timeMs } of members) {
    const stage = facts.stageOf(detector);
    const known = first.get(stage);
    if (known === undefined || isBefore(timeMs, alertId, known)) first.set(stage, { stage, timeMs, alertId, detector, identityId });
  }
  return [...first.values()].sort((left, right) => (isBefore(left.timeMs, left.alertId, right) ? -1 : 1));
}

function isBefore(timeMs: number, alertId: string, than: StageReached): boolean {
  return timeMs < than.timeMs || timeMs === than.timeMs && alertId < than.alertId;
}

/** Nothing but other places: no alert of weight on these identities rests on anything else. */
export function isCalm({ members }: IncidentState, facts: DetectorFacts): boolean {
  return members.every(({ detector, severity }) => severity < medium || facts.evidenceOf(detector) === 'origin');
}
