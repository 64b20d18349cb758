import type { Correlator } from '../correlate/correlator.ts';
import type { Intel } from '../intel/intel.ts';
import type { Alert, Incident } from '../model/alert.ts';
import type { AttackTechnique, Detector } from '../model/detector.ts';
import type { Dependent, Intent } from '../model/intent.ts';
import type { AlertDetail, AttackView, IdentityView, IncidentDetail, IntentView, NetworkView, RuleView, TokenSummary, UseView } from '../server/api/shapes.ts';
import { nameTechnique } from '../sinks/attack.ts';
import { alertDocument } from '../sinks/alert-document.ts';
import { linksOf, noLinks, type LinkSettings } from '../sinks/links.ts';
import { currentIncident, idsOf } from '../store/current-incident.ts';
import type { EffectsStore } from '../store/port.ts';
import type { Activity } from './activity.ts';
import type { Book } from './book.ts';
import type { InventoryIndex } from './inventory.ts';
import { saidOf } from './said.ts';
import { storyOf } from './story.ts';
import { networkView, usesOf, useViews } from './uses.ts';
import { identityView, networkOf, workloadOf } from './views.ts';

/** Of each kind in one answer. */
const most = { alerts: 100, identities: 100, tokens: 100, networks: 100, dependents: 200, intents: 200 } as const;
/** Shown of the time before an alert began. */
const beforeMs = 15 * 60_000;

export interface DetailParts {
  readonly effects: EffectsStore;
  readonly correlator: Correlator;
  readonly book: Book;
  readonly inventory: InventoryIndex;
  readonly activity: Activity;
  readonly intel: Intel;
  readonly ruleOf: (detector: string) => Detector;
  /** Observed users of a token, those of the alert's networks marked as suspects. */
  readonly dependents: (token: string, alert: Alert) => readonly Dependent[];
  readonly view: (intent: Intent) => IntentView;
  readonly links: LinkSettings;
}

/** One alert with everything that somebody needs to decide on it. */
export function alertDetail(alert: Alert, parts: DetailParts): AlertDetail | null {
  const { effects, book, inventory, activity, ruleOf } = parts;
  const incident = currentIncident(effects, alert.incidentId);
  if (incident === null) return null;
  const { identityId } = alert.first;
  const identity = identityId === null ? null : inventory.identity(identityId);
  const intents = intentsOf(incident, effects);
  const tokens = tokensOf(alert.tokens, inventory);
  const links = linksOf(alert, parts.links);
  const series = identityId === null ? null : activity.of(identityId, alert.startMs - beforeMs, alert.endMs);
  return {
    summary: book.summaryOf(alert),
    document: alertDocument(alert, ruleOf(alert.detector), incident, intents, links), links, rule: ruleView(ruleOf(alert.detector)),
    confidence: alert.confidence, surpriseBits: alert.surpriseBits, baseline: alert.baseline, observed: alert.observed, announced: alert.announced,
    timeline: storyOf([alert], tokens, intents.filter(({ target }) => alert.tokens.includes(target.token)), effects.recordings),
    evidence: [...alert.evidenceFirst, ...alert.evidenceLast],
    identity: identity === null ? null : identityView(identity, inventory.ownerOf(identity.id)),
    workload: alert.first.workloadId === null ? workloadOf(identity)
      : { id: alert.first.workloadId, kind: alert.first.workloadKind, evidence: alert.first.workloadEvidence },
    tokens, networks: networksOf([alert], parts.intel), resources: alert.resources,
    dependents: alert.tokens.slice(0, most.tokens).flatMap((token) => parts.dependents(token, alert)).slice(0, most.dependents),
    incident: book.incident(incident), related: book.alertsOf(incident).slice(0, most.alerts), intents: intents.map(parts.view),
    activity: identityId === null || series === null ? null : { identityId, ...series }, uses: usesAround([alert], parts), notes: saidOf(alert),
    cursor: book.change,
  };
}

/** One incident with its alerts and what is done about it. */
export function incidentDetail(incident: Incident, parts: DetailParts): IncidentDetail {
  const { effects, book, inventory, activity, intel, ruleOf } = parts;
  const alerts = incident.alertIds.slice(0, most.alerts).map((id) => effects.alert(id)).filter((alert) => alert !== null);
  const tokens = tokensOf(incident.tokens, inventory);
  const intents = intentsOf(incident, effects);
  const [first] = alerts;
  const identityId = first?.first.identityId ?? null;
  const series = identityId === null ? null : activity.of(identityId, incident.startMs - beforeMs, incident.endMs);
  return {
    summary: book.incident(incident), alerts: book.alertsOf(incident).slice(0, most.alerts), tokens, networks: networksOf(alerts, intel),
    resources: [...new Set(alerts.flatMap(({ resources }) => resources))], timeline: storyOf(alerts, tokens, intents, effects.recordings),
    intents: intents.map(parts.view), identities: identitiesOf(incident, inventory), dependents: dependentsOf(alerts, parts),
    why: alerts.map(({ id, detector, baseline, observed }) => {
      const { alertTitle, restsOn, attack, owaspNhi } = ruleOf(detector);
      return { alertId: id, detector, title: alertTitle, restsOn, attack: attack.map(attackView), owaspNhi, baseline, observed };
    }),
    activity: identityId === null || series === null ? null : { identityId, ...series }, uses: usesAround(alerts, parts),
    links: first === undefined ? noLinks : linksOf(first, parts.links), cursor: book.change,
  };
}

/** In the order of plan and step. */
function intentsOf(incident: Incident, { responses }: EffectsStore): Intent[] {
  const order = (intent: Intent): string => `${intent.planId} ${String(intent.step).padStart(4, '0')}`;
  return idsOf(incident).flatMap((incidentId) => responses.intents({ incidentId }))
    .sort((left, right) => (order(left) < order(right) ? -1 : 1)).slice(0, most.intents);
}

function tokensOf(fingerprints: readonly string[], inventory: InventoryIndex): TokenSummary[] {
  return fingerprints.slice(0, most.tokens).map((fingerprint) => inventory.token(fingerprint)).filter((token) => token !== null);
}

/** What is known of the blocks now; of the first event's as it was then. */
function networksOf(alerts: readonly Alert[], intel: Intel): NetworkView[] {
  const views = new Map<string, NetworkView>();
  for (const block of alerts.flatMap(({ networks }) => networks)) {
    if (views.has(block) || views.size >= most.networks) continue;
    views.set(block, networkView(block, intel));
  }
  for (const { first } of alerts) {
    const view = networkOf(first);
    if (view !== null) views.set(view.block, view);
  }
  return [...views.values()];
}

/** Of the first alert's identity; whose networks or beginning are an alert's deviates. */
function usesAround(alerts: readonly Alert[], { correlator, intel }: DetailParts): UseView[] {
  const identityId = alerts[0]?.first.identityId ?? null;
  if (identityId === null) return [];
  const own = alerts.filter(({ first }) => first.identityId === identityId);
  const suspected = { networks: new Set(own.flatMap(({ networks }) => networks)), sinceMs: Math.min(...own.map(({ startMs }) => startMs)) };
  return useViews(usesOf(correlator, identityId, own.flatMap(({ tokens }) => tokens)), suspected, intel);
}

function identitiesOf({ identityIds }: Incident, inventory: InventoryIndex): IdentityView[] {
  return identityIds.slice(0, most.identities).map((id) => inventory.identity(id)).filter((identity) => identity !== null)
    .map((identity) => identityView(identity, inventory.ownerOf(identity.id)));
}

/** Several alerts name the same token: its users count once. */
function dependentsOf(alerts: readonly Alert[], { dependents }: DetailParts): Dependent[] {
  const alertOf = new Map(alerts.toReversed().flatMap((alert) => alert.tokens.map((token) => [token, alert] as const)));
  const users = new Map<string, Dependent>();
  for (const [token, alert] of [...alertOf].slice(0, most.tokens)) {
    for (const user of dependents(token, alert)) users.set(`${user.name} ${user.suspect} ${user.firstSeenMs}`, user);
  }
  return [...users.values()].slice(0, most.dependents);
}

function attackView(one: AttackTechnique): AttackView {
  const { techniqueName, subtechnique } = nameTechnique(one);
  return { ...one, name: subtechnique?.name ?? techniqueName };
}

function ruleView({ id, title, grace, acceptance, blindSpots, attack, owaspNhi, restsOn }: Detector): RuleView {
  return { id, title, grace, acceptance, blindSpots, attack: attack.map(attackView), owaspNhi, restsOn };
}
