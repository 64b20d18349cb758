import type { Alert, Incident } from '../model/alert.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Entities } from '../state/port.ts';
import type { Gatherings, Sighting } from './gatherings.ts';
import { createIncident, enter, isCalm, isRelated, mergeIncident, retell, type DetectorFacts, type IncidentState } from './incident.ts';

export { decodeIncident, type IncidentState } from './incident.ts';

/** An incident takes further alerts until this long after its last one. */
const incidentEndMs = 7 * 24 * 3_600_000;
/** Each joins two, so a chain of these is short. */
const maxMerges = 64;

/** Alerts whose last hit is remembered, so that one more of the same costs little. */
const maxRemembered = 10_000;

/** What of an alert may change its incident. While it is the same as at the last hit, nothing but counts and times moves on. */
interface LastHit {
  readonly identity: string;
  readonly lineageRoot: string | null;
  readonly network: string | null;
  readonly tokens: number;
  readonly severity: number;
  readonly riskScore: number;
  readonly startMs: number;
  readonly isProven: boolean;
}

/** An incident that is to be stored anew; `isOther`: its alerts tell another kind of story together than before. */
export interface ChangedIncident { readonly incident: Incident; isOther: boolean }

/**
 * Groups alerts into incidents with one risk score: those on one lineage, of one identity, workload or person, and those that a gathering
 * joins. `links` maps each of these to the incident that is open for it. When two incidents turn out to be one, the older id stays
 * and the other points to it.
 */
export class Incidents {
  readonly #incidents: Entities<IncidentState>;
  readonly #links: Entities<string>;
  readonly #gatherings: Gatherings;
  readonly #facts: DetectorFacts;
  /** Only spares work. */
  readonly #lastHits = new Map<string, LastHit>();

  constructor(incidents: Entities<IncidentState>, links: Entities<string>, gatherings: Gatherings, facts: DetectorFacts) {
    this.#incidents = incidents;
    this.#links = links;
    this.#gatherings = gatherings;
    this.#facts = facts;
  }

  /** Puts the alert into its incident. `sighting`: what it deviates by now. Returns every incident that changed, those first that were joined to another. */
  add(alert: Alert, identity: string, lineageRoot: string | null, sighting: Sighting | null = null): ChangedIncident[] {
    const hit = lastHitOf(alert, identity, lineageRoot, sighting);
    const known = this.#lastHits.get(alert.id);
    const state = known !== undefined && isSame(known, hit) ? this.#resolve(alert.incidentId) : undefined;
    if (state !== undefined) return [this.#count(alert, state)];
    const changed = this.#enter(alert, identity, lineageRoot, sighting);
    if (this.#lastHits.size >= maxRemembered) this.#lastHits.clear();
    this.#lastHits.set(alert.id, hit);
    return changed;
  }

  /** One hit more of what is there. */
  #count(alert: Alert, state: IncidentState): ChangedIncident {
    const { incident } = state;
    incident.version++;
    incident.endMs = Math.max(incident.endMs, alert.endMs);
    this.#incidents.set(incident.id, state);
    place(alert, alert.incidentId, incident);
    return { incident, isOther: false };
  }

  #enter(alert: Alert, identity: string, lineageRoot: string | null, sighting: Sighting | null): ChangedIncident[] {
    const keys = keysOf(alert, identity, lineageRoot, this.#facts.stageOf(alert.detector) === 'mint');
    const open = this.#openOf(keys, alert.startMs);
    const state = open[0] ?? createIncident(alert);
    const changed = new Map<string, ChangedIncident>();
    const isJoined = this.#merge(state, open.slice(1), changed);
    const isNew = enter(state, alert, identity, lineageRoot);
    if (isNew || isJoined) this.#retell(state, changed);
    for (const key of keys) this.#links.set(key, state.incident.id);
    this.#keep(state, changed);
    place(alert, homeOf(alert, state), state.incident);
    const noted = state.members.find(({ alertId }) => alertId === alert.id)?.noted;
    const evidence = this.#facts.evidenceOf(alert.detector);
    const gathered = sighting === null || noted === undefined ? [] : this.#gatherings.note(alert, identity, sighting, evidence, noted);
    for (const key of new Set([...gathered, ...isNew ? Object.keys(state.groups) : []])) this.#settle(key, changed);
    const last = this.#resolve(state.incident.id) as IncidentState;
    place(alert, homeOf(alert, last), last.incident);
    return [...changed.values()].sort((left, right) => Number(left.incident.mergedInto === null) - Number(right.incident.mergedInto === null));
  }

  /** Would it tell something that the event's identity is seen where it is? */
  awaits(event: TokenEvent): boolean {
    return this.#gatherings.awaits(event);
  }

  /** The identity of the event was seen where it is. `isOld`: was it there before that time? Returns every incident that changed. */
  returned(event: TokenEvent, isOld: (sinceMs: number) => boolean): ChangedIncident[] {
    const changed = new Map<string, ChangedIncident>();
    for (const key of this.#gatherings.returned(event, isOld)) this.#settle(key, changed);
    return [...changed.values()];
  }

  /**
   * The alert's own incident, with the score of the one that it is part of now, and the detectors whose alerts are evidence against it: of its
   * identity or lineage, and with a hit that an authenticator vouched for. What anybody can write into a log is none.
   */
  of(alert: Alert): { readonly incident: Incident; readonly detectors: readonly string[] } | null {
    const state = this.#incidents.get(alert.incidentId);
    if (state === undefined) return null;
    const { members, incident: { riskScore } } = this.#resolve(alert.incidentId) as IncidentState;
    const incident = state.incident.riskScore === riskScore ? state.incident : { ...state.incident, riskScore };
    const own = members.find(({ alertId }) => alertId === alert.id);
    if (own === undefined) return { incident, detectors: alert.provenMs === null ? [] : [alert.detector] };
    const related = members.filter((member) => member.isProven === true && isRelated(member, own));
    return { incident, detectors: [...new Set(related.map(({ detector }) => detector))] };
  }

  /** Id of the incident that this one is part of now. */
  currentId(incidentId: string): string | null {
    return this.#resolve(incidentId)?.incident.id ?? null;
  }

  /** Tokens of incidents that are open, newest incidents first; at most so many. */
  openTokens(timeMs: number, most: number): string[] {
    if (this.#incidents.size === 0) return [];
    const open = [...this.#incidents.all()].map(([, { incident }]) => incident)
      .filter(({ endMs, mergedInto }) => mergedInto === null && timeMs - endMs <= incidentEndMs)
      .sort((a, b) => b.endMs - a.endMs || (a.id < b.id ? -1 : 1));
    const tokens = new Set<string>();
    for (const incident of open) for (const token of incident.tokens) if (tokens.size < most) tokens.add(token);
    return [...tokens];
  }

  /** When the oldest incident began that is open for an identity or the root of a lineage, and that not only the detector `besides` saw. */
  openSinceMs(identity: string | null, lineageRoot: string | null, timeMs: number, besides: string): number | null {
    if (this.#incidents.size === 0) return null;
    const keys = [...identity === null ? [] : [`identity ${identity}`], ...lineageRoot === null ? [] : [`lineage ${lineageRoot}`]];
    const open = this.#openOf(keys, timeMs).find(({ risks }) => Object.keys(risks).some((detector) => detector !== besides));
    return open?.incident.startMs ?? null;
  }

  /** Joins the incidents of a gathering, names or unnames it. */
  #settle(key: string, changed: Map<string, ChangedIncident>): void {
    const gathering = this.#gatherings.get(key);
    if (gathering === undefined) return;
    const states = sorted(gathering.members.map(({ incidentId }) => this.#resolve(incidentId)));
    const kind = this.#gatherings.verdict(gathering, states.every((state) => isCalm(state, this.#facts)));
    const [first, ...rest] = states;
    if (first === undefined) return;
    if (kind === null) {
      for (const state of states) if (state.groups[key] !== undefined) this.#regroup(state, () => { delete state.groups[key]; }, changed);
      return;
    }
    this.#gatherings.form(key, gathering);
    const isJoined = this.#merge(first, rest, changed);
    if (!isJoined && first.groups[key]?.kind === kind) return;
    this.#regroup(first, () => { first.groups[key] = { kind, name: gathering.name }; }, changed);
  }

  #regroup(state: IncidentState, change: () => void, changed: Map<string, ChangedIncident>): void {
    change();
    state.incident.version++;
    this.#retell(state, changed);
    this.#keep(state, changed);
  }

  #merge(into: IncidentState, others: readonly IncidentState[], changed: Map<string, ChangedIncident>): boolean {
    for (const other of others) {
      mergeIncident(into, other);
      this.#keep(other, changed);
    }
    return others.length > 0;
  }

  #retell(state: IncidentState, changed: Map<string, ChangedIncident>): void {
    if (retell(state, this.#facts)) changed.set(state.incident.id, { incident: state.incident, isOther: true });
  }

  #keep(state: IncidentState, changed: Map<string, ChangedIncident>): void {
    const { incident } = state;
    this.#incidents.set(incident.id, state);
    if (!changed.has(incident.id)) changed.set(incident.id, { incident, isOther: false });
  }

  /** Different open incidents of these keys, oldest first. */
  #openOf(keys: readonly string[], timeMs: number): IncidentState[] {
    const found = keys.map((key) => this.#resolve(this.#links.get(key)));
    return sorted(found.map((state) => (state !== undefined && timeMs - state.incident.endMs <= incidentEndMs ? state : undefined)));
  }

  #resolve(id: string | undefined): IncidentState | undefined {
    let state = id === undefined ? undefined : this.#incidents.get(id);
    for (let hops = 0; state?.incident.mergedInto && hops < maxMerges; hops++) state = this.#incidents.get(state.incident.mergedInto);
    return state;
  }
}

/** Notes in the alert where it is and what it is a part of. */
function place(alert: Alert, homeId: string, { id, story }: Incident): void {
  alert.incidentId = homeId;
  alert.mergedInto = homeId === id ? null : id;
  alert.incidentKind = story?.kind ?? 'single';
}

function homeOf(alert: Alert, { incident, members }: IncidentState): string {
  return members.find(({ alertId }) => alertId === alert.id)?.homeId ?? incident.id;
}

function lastHitOf(alert: Alert, identity: string, lineageRoot: string | null, sighting: Sighting | null): LastHit {
  const { tokens, severity, riskScore, startMs, provenMs } = alert;
  const network = sighting?.event.networkBlock ?? null;
  return { identity, lineageRoot, network, tokens: tokens.length, severity, riskScore, startMs, isProven: provenMs !== null };
}

function isSame(one: LastHit, other: LastHit): boolean {
  return one.identity === other.identity && one.lineageRoot === other.lineageRoot && one.network === other.network && one.tokens === other.tokens
    && one.severity === other.severity && one.riskScore === other.riskScore && one.startMs === other.startMs && one.isProven === other.isProven;
}

/** Whom an alert is about: whoever else is one of these is the same actor, in whichever cloud. Who makes a credential for somebody acts as him. */
function keysOf({ first }: Alert, identity: string, lineageRoot: string | null, isMinting: boolean): string[] {
  const { workloadId, userEmail, userName, targetUserName, issuedIdentityId } = first;
  const account = first.cloudAccount ?? first.organization;
  const keys = [`identity ${identity}`];
  if (lineageRoot !== null) keys.push(`lineage ${lineageRoot}`);
  if (workloadId !== null) keys.push(`workload ${workloadId}`);
  if (userEmail !== null) keys.push(`person ${userEmail.toLowerCase()}`);
  if (account !== null && userName !== null) keys.push(`user ${account} ${userName}`);
  if (account !== null && isMinting && targetUserName !== null) keys.push(`user ${account} ${targetUserName}`);
  if (isMinting && issuedIdentityId !== null) keys.push(`identity ${issuedIdentityId}`);
  return keys;
}

/** Each once, oldest first. */
function sorted(states: readonly (IncidentState | undefined)[]): IncidentState[] {
  const once = new Map(states.filter((state) => state !== undefined).map((state) => [state.incident.id, state]));
  return [...once.values()].sort((a, b) => a.incident.startMs - b.incident.startMs || (a.incident.id < b.incident.id ? -1 : 1));
}
