import type { Alert, Incident } from '../model/alert.ts';
import type { Entities } from '../state/port.ts';
import { stableId } from '../state/stable-id.ts';

/** An incident takes further alerts until this long after its last one. */
const incidentEndMs = 7 * 24 * 3_600_000;
const maxMembers = 1_000;

/** Scores of the alerts by detector: repeats of one detector add nothing to the risk. */
export interface IncidentState { incident: Incident; risks: Record<string, number> }

/**
 * Groups alerts on one lineage into an incident with one risk score. `links` maps a lineage's root
 * token and each identity to the incident that is open for it. When lineage joins two incidents, the
 * older id stays and the other points to it.
 */
export class Incidents {
  readonly #incidents: Entities<IncidentState>;
  readonly #links: Entities<string>;

  constructor(incidents: Entities<IncidentState>, links: Entities<string>) {
    this.#incidents = incidents;
    this.#links = links;
  }

  /** Puts the alert into its incident. Returns every incident that changed. */
  add(alert: Alert, identity: string, lineageRoot: string | null): Incident[] {
    const keys = [`identity ${identity}`, ...(lineageRoot === null ? [] : [`lineage ${lineageRoot}`])];
    const open = this.#openOf(keys, alert.startMs);
    const state = open[0] ?? this.#create(alert);
    const changed = [state.incident];
    for (const other of open.slice(1)) {
      merge(state, other);
      changed.push(other.incident);
      this.#incidents.set(other.incident.id, other);
    }
    enter(state, alert, identity);
    for (const key of keys) this.#links.set(key, state.incident.id);
    this.#incidents.set(state.incident.id, state);
    return changed;
  }

  /** The incident that an alert is in, and the detectors whose alerts are in it. */
  of(alert: Alert): { readonly incident: Incident; readonly detectors: readonly string[] } | null {
    const state = this.#incidents.get(alert.incidentId);
    return state === undefined ? null : { incident: state.incident, detectors: Object.keys(state.risks) };
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

  /** Different open incidents of these keys, oldest first. */
  #openOf(keys: readonly string[], timeMs: number): IncidentState[] {
    const found = new Map<string, IncidentState>();
    for (const key of keys) {
      const state = this.#resolve(this.#links.get(key));
      if (state !== undefined && timeMs - state.incident.endMs <= incidentEndMs) found.set(state.incident.id, state);
    }
    return [...found.values()].sort((a, b) => a.incident.startMs - b.incident.startMs || (a.incident.id < b.incident.id ? -1 : 1));
  }

  #resolve(id: string | undefined): IncidentState | undefined {
    let state = id === undefined ? undefined : this.#incidents.get(id);
    for (let hops = 0; state?.incident.mergedInto && hops < 8; hops++) state = this.#incidents.get(state.incident.mergedInto);
    return state;
  }

  #create(alert: Alert): IncidentState {
    const id = stableId('incident', alert.id);
    const { startMs, endMs } = alert;
    return { incident: { id, version: 0, startMs, endMs, riskScore: 0, alertIds: [], identityIds: [], tokens: [], mergedInto: null }, risks: {} };
  }
}

function enter(state: IncidentState, alert: Alert, identity: string): void {
  const { incident } = state;
  alert.incidentId = incident.id;
  incident.version++;
  incident.startMs = Math.min(incident.startMs, alert.startMs);
  incident.endMs = Math.max(incident.endMs, alert.endMs);
  addOnce(incident.alertIds, alert.id);
  addOnce(incident.identityIds, identity);
  for (const token of alert.tokens) addOnce(incident.tokens, token);
  state.risks[alert.detector] = Math.max(state.risks[alert.detector] ?? 0, alert.riskScore);
  incident.riskScore = combinedRisk(Object.values(state.risks));
}

function merge(into: IncidentState, other: IncidentState): void {
  for (const id of other.incident.alertIds) addOnce(into.incident.alertIds, id);
  for (const id of other.incident.identityIds) addOnce(into.incident.identityIds, id);
  for (const token of other.incident.tokens) addOnce(into.incident.tokens, token);
  for (const [detector, risk] of Object.entries(other.risks)) into.risks[detector] = Math.max(into.risks[detector] ?? 0, risk);
  into.incident.endMs = Math.max(into.incident.endMs, other.incident.endMs);
  other.incident.mergedInto = into.incident.id;
  other.incident.version++;
}

function addOnce(list: string[], value: string): void {
  if (list.length < maxMembers && !list.includes(value)) list.push(value);
}

/** Risks of different detectors add up as independent evidence would: 100 is never exceeded. */
function combinedRisk(risks: readonly number[]): number {
  const calm = risks.reduce((product, risk) => product * (1 - risk / 100), 1);
  return Math.round(1000 * (1 - calm)) / 10;
}
