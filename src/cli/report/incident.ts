import { detectors } from '../../../detectors/index.ts';
import type { Alert, Incident } from '../../model/alert.ts';
import type { AuditEntry } from '../../model/audit.ts';
import { plainStory } from '../../model/incident.ts';
import type { Intent } from '../../model/intent.ts';
import { verifyChain, type Head } from '../../respond/audit-chain.ts';
import { catalogueOf } from '../../rules/catalogue.ts';
import { touchedPage } from '../../service/touched.ts';
import { currentIncident } from '../../store/current-incident.ts';
import type { Known } from '../known.ts';
import { UsageError } from '../usage-error.ts';
import type { Proof } from './proof.ts';
import { allFromLog, fromLog, iso, isoOrNull, type FromLog } from './text.ts';

/** More than the flight recorder keeps of one incident. */
const maxObjects = 20_000;
const maxEntries = 10_000;

type Touched = ReturnType<typeof touchedPage>['objects'][number];
export type IncidentReport = Awaited<ReturnType<typeof incidentReport>>;

/** One moment. `clock`: `events` as the logs tell it, `wall` when it was done here. */
export interface Moment { readonly at: string; readonly clock: 'events' | 'wall'; readonly what: string; readonly detail: string | FromLog | null }

/** The incident of this id, or the only one whose id begins so; the one that it was joined to. Throws `UsageError`. */
export function findIncident({ store: { effects } }: Known, id: string): Incident {
  const exact = currentIncident(effects, id);
  if (exact !== null) return exact;
  const alike = [...effects.incidents()].filter((incident) => incident.id.startsWith(id));
  const [only] = alike;
  if (alike.length === 1 && only !== undefined) return currentIncident(effects, only.id) ?? only;
  throw new UsageError(alike.length === 0 ? `no incident has the id ${id}` : `${alike.length} incidents begin with ${id}`);
}

/**
 * Everything that is known of an incident, with what was decided and done as the audit chain has it. `head`: what the second place
 * remembers of that. `prove` finds what proves entries of the chain to others.
 */
export async function incidentReport(incident: Incident, known: Known, head: Head, prove: (numbers: readonly number[]) => Promise<Proof | null>) {
  const { store: { effects }, correlator } = known;
  const alerts = incident.alertIds.flatMap((id) => effects.alert(id) ?? []).sort((a, b) => a.startMs - b.startMs);
  const ids = [incident.id, ...incident.formerIds ?? []];
  const intents = ids.flatMap((incidentId) => effects.responses.intents({ incidentId }));
  const touched = touchedPage(effects, ids, alerts, (token) => correlator.token(token), maxObjects);
  const entries = entriesOf(known, new Set([...ids, ...incident.alertIds, ...intents.map(({ id }) => id)]));
  const { kind, name, severity, stages } = incident.story ?? plainStory;
  return {
    incident: {
      id: incident.id, formerIds: ids.slice(1), kind, name: fromLog(name), severity, riskScore: incident.riskScore,
      start: iso(incident.startMs), end: iso(incident.endMs),
    },
    totals: {
      alerts: alerts.length, identities: incident.identityIds.length, tokens: incident.tokens.length,
      bytesOutFromDeviatingNetworks: bytesOf(touched.objects.filter(({ suspect }) => suspect)), bytesOutInAll: bytesOf(touched.objects),
      recordedEvents: touched.events, missedEvents: touched.missedEvents, missedBytes: touched.missedBytes, objects: touched.total,
    },
    stages: stages.map(({ stage, timeMs, detector, alertId }) => ({ stage, at: iso(timeMs), detector, alert: alertId })),
    timeline: timeline(alerts, touched.minted, entries),
    alerts: alerts.map((alert) => alertPart(alert, known)),
    objects: touched.objects.map(objectPart),
    issued: touched.minted.map((one) => ({
      at: iso(one.timeMs), token: fromLog(one.handle ?? one.fingerprint), kind: one.kind, by: fromLog(one.action), network: fromLog(one.network),
      deviates: one.suspect, revoked: isoOrNull(one.revokedAtMs),
    })),
    decisions: intents.map(decisionPart),
    audit: {
      ...chainPart(known, head), entries: entries.map(({ number, previous, hash, note }) => ({ number, previous, hash, note })),
      proof: await prove(entries.map(({ number }) => number)),
    },
  };
}

function alertPart(alert: Alert, { configuration }: Known) {
  const { first } = alert;
  const { alertTitle } = catalogueOf(detectors, configuration.rules).of(alert.detector);
  return {
    id: alert.id, detector: alert.detector, title: alertTitle, severity: alert.severity, confidencePercent: Math.round(alert.confidence * 100),
    reason: fromLog(alert.reason),
    first: iso(alert.startMs), last: iso(alert.endMs), raised: iso(alert.createdMs), events: alert.count,
    bytesOut: alert.bytesOut, identity: fromLog(first.identityName ?? first.identityId), workload: fromLog(first.workloadId),
    token: fromLog(first.tokenHandle ?? first.token), address: fromLog(first.sourceIp ?? first.sourceAddress), client: fromLog(first.userAgent),
    networks: allFromLog(alert.networks), status: alert.status, closedAs: alert.closedAs ?? null, owner: alert.owner ?? null,
    evidence: allFromLog([...alert.evidenceFirst, ...alert.evidenceLast]),
  };
}

/** What another vantage saw of the same requests counts once. */
function bytesOf(objects: readonly Touched[]): number {
  return objects.reduce((sum, { bytesOut, isHop }) => sum + (isHop ? 0 : bytesOut), 0);
}

function objectPart(one: Touched) {
  return {
    resource: fromLog(one.resource), object: fromLog(one.object), network: fromLog(one.network), deviates: one.suspect, seenBy: one.vantage,
    sameRequests: one.isHop,
    bytesOut: one.bytesOut, events: one.events, refused: one.refused, first: iso(one.firstMs), last: iso(one.lastMs),
    token: fromLog(one.token),
  };
}

function decisionPart(intent: Intent) {
  return {
    id: intent.id, step: intent.kind, action: intent.action, token: fromLog(intent.target.handle ?? intent.target.token), mode: intent.mode, rule: intent.rule,
    state: intent.state, why: intent.why ?? intent.refused ?? intent.lowered, decided: iso(intent.decidedMs),
    approvals: intent.approvals.map(({ by, atMs }) => ({ by, at: iso(atMs) })),
    sent: isoOrNull(intent.sentMs), accepted: isoOrNull(intent.acceptedMs), verified: isoOrNull(intent.verifiedMs),
  };
}

type Entry = AuditEntry & { readonly note: string };

/** The chain's entries about these ids, with the text that their hashes cover. */
function entriesOf({ store: { effects } }: Known, subjects: ReadonlySet<string>): Entry[] {
  const found: Entry[] = [];
  for (const row of effects.responses.auditRows()) {
    if (found.length === maxEntries) break;
    const entry = noteIn(row.note);
    if (entry !== null && subjects.has(entry.subject)) found.push({ ...entry, ...row });
  }
  return found;
}

function noteIn(text: string): AuditEntry | null {
  try {
    return JSON.parse(text) as AuditEntry;
  } catch {
    return null;
  }
}

/** How far the chain is in order: who holds the chain finds the entries of this report under these numbers and hashes. */
function chainPart({ store: { effects } }: Known, head: Head) {
  const { count, bad } = verifyChain(effects.responses.auditRows(), head);
  return { head: effects.responses.auditHead(), inOrder: count, fault: bad === null ? null : { number: bad.number, why: bad.why } };
}

function timeline(alerts: readonly Alert[], minted: ReturnType<typeof touchedPage>['minted'], entries: readonly Entry[]): Moment[] {
  const moments: Moment[] = [
    ...alerts.flatMap((alert): Moment[] => [
      { at: iso(alert.startMs), clock: 'events', what: `first deviating use (${alert.detector})`, detail: fromLog(alert.reason) },
      { at: iso(alert.createdMs), clock: 'events', what: `alert ${alert.id} raised`, detail: null },
      { at: iso(alert.endMs), clock: 'events', what: `last deviating use (${alert.detector})`, detail: `${alert.count} events, ${alert.bytesOut} bytes out` },
    ]),
    ...minted.map((one): Moment => (
      { at: iso(one.timeMs), clock: 'events', what: 'a credential was issued', detail: fromLog(one.handle ?? one.fingerprint) })),
    ...entries.map((one): Moment => (
      { at: iso(one.timeMs), clock: 'wall', what: `${one.kind} by ${one.actor}`, detail: `${one.subject}, entry ${one.number} of the audit` })),
  ];
  return moments.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
