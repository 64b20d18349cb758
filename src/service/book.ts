import type { Alert, AlertStatus, Incident } from '../model/alert.ts';
import type { IntentState } from '../model/intent.ts';
import type { AlertGroup, AlertQuery, AlertSort, IncidentQuery, IntentQuery } from '../server/api/ports.ts';
import type { AlertPage, AlertSummary, IncidentSummary, ResponseSummary } from '../server/api/shapes.ts';
import type { Changed } from '../store/changes.ts';
import { currentIncident, idsOf } from '../store/current-incident.ts';
import { alertSummary, incidentSummary, responseSummary, statusOf } from './views.ts';
import type { Told } from './trends.ts';
import { firstOfEach, pageOf, wordsIn, wordsOf, type Ordered } from './paging.ts';

/** Of each kind; the oldest go when a tenth more are there. They stay in the store and are found by id. */
const defaultRoom = 100_000;

interface Line { readonly summary: AlertSummary; readonly words: string }
interface Step { readonly id: string; readonly state: IntentState; readonly incidentId: string; readonly verifiedMs: number | null }

/**
 * A line for each alert, incident and intent, in memory, so that lists are filtered and sorted without reading the store. It follows the
 * store's changes page by page.
 */
export class Book {
  readonly #titleOf: (detector: string) => string;
  readonly #room: number;
  readonly #alerts = new Map<string, Line>();
  readonly #incidents = new Map<string, Incident>();
  /** In the order of change. */
  readonly #steps = new Map<string, Step>();
  readonly #stepsOf = new Map<string, Map<string, IntentState>>();
  readonly #openOf = new Map<string, number>();
  #change = 0;

  constructor(titleOf: (detector: string) => string, room = defaultRoom) {
    this.#titleOf = titleOf;
    this.#room = room;
  }

  /** Everything up to this change is in it. */
  get change(): number {
    return this.#change;
  }

  take({ upTo, alerts, incidents, intents }: Changed): void {
    for (const { id, state, incidentId, refused, kind, verifiedMs } of intents) {
      this.#steps.delete(id);
      // Telling somebody stops nothing.
      this.#steps.set(id, { id, state, incidentId, verifiedMs: kind === 'notify' ? null : verifiedMs });
      const own = this.#stepsOf.get(incidentId) ?? new Map<string, IntentState>();
      // What must not be done wants nobody's eye.
      this.#stepsOf.set(incidentId, own.set(id, refused === null ? state : 'rejected'));
    }
    for (const incident of incidents) this.#incidents.set(incident.id, incident);
    for (const alert of alerts) this.#put(alertSummary(alert, this.#titleOf, null));
    this.#change = upTo;
    this.#makeRoom();
  }

  alerts(query: AlertQuery): Omit<AlertPage, 'cursor'> {
    const words = wordsIn(query.text);
    const incidentIds = this.#idsOf(query.incident);
    const wanted = function* (lines: Iterable<Line>): Iterable<Ordered<AlertSummary>> {
      for (const { summary, words: own } of lines) {
        if (matches(summary, query, incidentIds) && words.every((word) => own.includes(word))) yield orderOf(summary, query.sort);
      }
    };
    const { group } = query;
    if (group === undefined) {
      const { values, total, next } = pageOf(wanted(this.#alerts.values()), query);
      return { alerts: values.map((summary) => this.#withResponse(summary)), grouped: null, total, next };
    }
    const { values, total, next } = pageOf(firstOfEach(wanted(this.#alerts.values()), (summary) => groupKeys[group](summary) ?? ''), query);
    return { alerts: values.map(([summary]) => this.#withResponse(summary)), grouped: values.map(([, count]) => count), total, next };
  }

  incidents(query: IncidentQuery): { readonly incidents: IncidentSummary[]; readonly total: number; readonly next: string | null } {
    const wanted = [...this.#incidents.values()].filter((incident) => incident.mergedInto === null && incident.endMs >= (query.since ?? 0)
      && (query.status?.includes(statusOf(this.#linesOf(incident))) ?? true));
    const { values, total, next } = pageOf(wanted.map((value) => ({ value, id: value.id, first: value.endMs, second: 0 })), query);
    return { incidents: values.map((incident) => this.incident(incident)), total, next };
  }

  /** Ids, newest change first. */
  intents({ states, incident, limit }: IntentQuery): { readonly ids: string[]; readonly total: number } {
    const ids = this.#idsOf(incident);
    const wanted = [...this.#steps.values()].filter((step) => (states?.includes(step.state) ?? true) && (ids?.has(step.incidentId) ?? true));
    return { ids: wanted.slice(-limit).reverse().map(({ id }) => id), total: wanted.length };
  }

  alert(id: string): AlertSummary | null {
    const line = this.#alerts.get(id);
    return line === undefined ? null : this.#withResponse(line.summary);
  }

  /** Its line, whether there was room for it or not. */
  summaryOf(alert: Alert): AlertSummary {
    return alertSummary(alert, this.#titleOf, this.responseOf(alert.incidentId));
  }

  incident(incident: Incident): IncidentSummary {
    return incidentSummary(incident, this.#linesOf(incident), this.responseOf(...idsOf(incident)));
  }

  /** The incident that this one is part of by now. */
  incidentOf(id: string): Incident | null {
    return currentIncident({ incident: (one) => this.#incidents.get(one) ?? null }, id);
  }

  alertsOf(incident: Incident): AlertSummary[] {
    return this.#linesOf(incident).map((summary) => this.#withResponse(summary));
  }

  responseOf(...incidentIds: readonly string[]): ResponseSummary | null {
    return responseSummary(incidentIds.flatMap((id) => [...this.#stepsOf.get(id)?.values() ?? []]));
  }

  /** Alerts not closed whose first event presented this token. */
  openAlertsOf(token: string): number {
    return this.#openOf.get(token) ?? 0;
  }

  /** Each incident with its alerts, and when the first step about it was proven to work. */
  *told(): Iterable<Told> {
    const firstMs = new Map<string, number>();
    for (const { incidentId, verifiedMs } of this.#steps.values()) {
      if (verifiedMs !== null) firstMs.set(incidentId, Math.min(verifiedMs, firstMs.get(incidentId) ?? verifiedMs));
    }
    for (const incident of this.#incidents.values()) {
      const proven = idsOf(incident).map((id) => firstMs.get(id)).filter((timeMs) => timeMs !== undefined);
      yield { incident, alerts: this.#linesOf(incident), containedMs: proven.length === 0 ? null : Math.min(...proven) };
    }
  }

  counts(): { readonly openAlerts: number; readonly waitingApproval: number } {
    let openAlerts = 0;
    for (const { summary } of this.#alerts.values()) if (summary.status === 'open') openAlerts++;
    let waitingApproval = 0;
    for (const { state } of this.#steps.values()) if (state === 'waiting_approval') waitingApproval++;
    return { openAlerts, waitingApproval };
  }

  #linesOf({ alertIds }: Incident): AlertSummary[] {
    return alertIds.map((id) => this.#alerts.get(id)?.summary).filter((summary) => summary !== undefined);
  }

  /** An incident's own id and those of the incidents that were joined to it; `undefined`: any. */
  #idsOf(id: string | undefined): ReadonlySet<string> | undefined {
    const incident = id === undefined ? undefined : this.#incidents.get(id);
    return id === undefined ? undefined : new Set(incident === undefined ? [id] : idsOf(incident));
  }

  #withResponse(summary: AlertSummary): AlertSummary {
    return { ...summary, response: this.responseOf(summary.incidentId) };
  }

  #put(summary: AlertSummary): void {
    this.#drop(summary.id);
    const { title, reason, detector, identityId, identityName, token, handle, workload, network, owner } = summary;
    const where = network === null ? [] : [network.block, network.name, network.asOrganization];
    const words = wordsOf(summary.id, title, reason, detector, identityId, identityName, token, handle, workload, owner, ...where);
    this.#alerts.set(summary.id, { summary, words });
    this.#countOpen(summary, 1);
  }

  #drop(id: string): void {
    const line = this.#alerts.get(id);
    if (line !== undefined) this.#countOpen(line.summary, -1);
    this.#alerts.delete(id);
  }

  #countOpen({ status, token }: AlertSummary, by: 1 | -1): void {
    if (status === 'closed' || token === null) return;
    const count = (this.#openOf.get(token) ?? 0) + by;
    if (count === 0) this.#openOf.delete(token); else this.#openOf.set(token, count);
  }

  #makeRoom(): void {
    const most = Math.ceil(this.#room * 1.1);
    if (this.#alerts.size > most) for (const id of oldest(this.#alerts, ({ summary }) => summary.endMs, this.#room)) this.#drop(id);
    if (this.#incidents.size > most) for (const id of oldest(this.#incidents, ({ endMs }) => endMs, this.#room)) this.#incidents.delete(id);
    while (this.#steps.size > most) {
      const [id, { incidentId }] = this.#steps.entries().next().value as [string, Step];
      this.#steps.delete(id);
      this.#stepsOf.delete(incidentId);
    }
  }
}

function oldest<T>(lines: ReadonlyMap<string, T>, timeOf: (line: T) => number, room: number): string[] {
  return [...lines].sort(([, left], [, right]) => timeOf(left) - timeOf(right)).slice(0, lines.size - room).map(([id]) => id);
}

function matches(summary: AlertSummary, { status, severity, detector, since, identity }: AlertQuery, incidentIds: ReadonlySet<string> | undefined): boolean {
  return (status?.includes(summary.status as AlertStatus) ?? true) && summary.severity >= (severity ?? 0) && summary.startMs >= (since ?? 0)
    && (detector === undefined || summary.detector === detector) && (identity === undefined || summary.identityId === identity)
    && (incidentIds?.has(summary.incidentId) ?? true);
}

const sortKeys: Readonly<Record<AlertSort, (summary: AlertSummary) => number>> = {
  newest: ({ createdMs }) => createdMs, severity: ({ severity }) => severity, risk: ({ riskScore }) => riskScore, bytes: ({ bytesOut }) => bytesOut,
};

const groupKeys: Readonly<Record<AlertGroup, (summary: AlertSummary) => string | null>> = {
  token: ({ token }) => token, workload: ({ workload, identityId }) => workload ?? identityId, identity: ({ identityId }) => identityId,
};

function orderOf(summary: AlertSummary, sort: AlertSort): Ordered<AlertSummary> {
  return { value: summary, id: summary.id, first: sortKeys[sort](summary), second: summary.createdMs };
}
