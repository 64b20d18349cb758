import type { Alert, Incident } from '../model/alert.ts';
import type { Detector } from '../model/detector.ts';
import { eventDocument, setPath } from '../model/ecs.ts';
import { plainStory } from '../model/incident.ts';
import type { Intent } from '../model/intent.ts';
import { attackVersion, nameTechnique, owaspNhiYear } from './attack.ts';
import { noLinks, type AlertLinks } from './links.ts';

type Document = { [key: string]: unknown };

/** What the catalogue says of the detector that raised the alert. */
export type AlertRule = Pick<Detector, 'id' | 'title' | 'alertTitle' | 'attack' | 'owaspNhi'>;

/** What an alert's document tells of an intent. */
export type ToldIntent = Pick<Intent, 'id' | 'action' | 'mode' | 'state'>;

/** Places of the first event that speak of that one record or of the event's own kind, not of the alert. */
const eventOnly: readonly (readonly [string, string])[] = [['event', 'code'], ['event', 'end'], ['tokenward', 'complete_at'], ['tokenward', 'partial']];

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

/** The alert as an ECS document: pure, the same for every sink. `incident`: the one that it is part of by now. */
export function alertDocument(
  alert: Alert, rule: AlertRule, incident: Incident | null, intents: readonly ToldIntent[], links: AlertLinks = noLinks,
): Document {
  const document = eventDocument(alert.first);
  for (const [group, key] of eventOnly) delete (document[group] as Document | undefined)?.[key];
  document['@timestamp'] = iso(alert.startMs);
  Object.assign(document['event'] as Document, {
    kind: 'alert', id: alert.id, start: iso(alert.startMs), end: iso(alert.endMs), created: iso(alert.createdMs),
    severity: alert.severity, risk_score: alert.riskScore, reason: alert.reason, code: rule.id,
    ...(links.page === null ? {} : { url: links.page }),
  });
  document['message'] = rule.alertTitle;
  document['rule'] = { id: rule.id, name: rule.title, ...(links.runbook === null ? {} : { reference: links.runbook }) };
  // Rules of the operator's own may name none.
  if (rule.attack.length > 0) document['threat'] = threat(rule);
  document['related'] = related(alert);
  setPath(document, ['tokenward', 'alert'], episode(alert, rule, incident));
  setPath(document, ['tokenward', 'response'], intents.map(({ id, action, mode, state }) => ({ id, action, mode, state })));
  return document;
}

function episode(alert: Alert, rule: AlertRule, incident: Incident | null): Document {
  const target = incident === null || incident.id === alert.incidentId ? alert.mergedInto : incident.id;
  return {
    status: alert.status, count: alert.count, version: alert.version, late: alert.late, incident_id: alert.incidentId,
    ...(alert.owner === undefined ? {} : { owner: alert.owner }), ...(alert.closedAs === undefined ? {} : { closed_as: alert.closedAs }),
    ...(target === null ? {} : { merged_into: target }), ...(incident === null ? {} : { incident: incidentPart(incident) }),
    evidence: [...alert.evidenceFirst, ...alert.evidenceLast],
    // Certain facts need no numbers.
    ...named({ baseline: alert.baseline, observed: alert.observed }),
    ...told({ owasp_nhi: rule.owaspNhi.map((id) => `${id}:${owaspNhiYear}`) }), attack_version: attackVersion,
    confidence: Math.round(alert.confidence * 100) / 100,
    surprise_bits: Math.round(alert.surpriseBits * 10) / 10,
    announced: alert.announced.map((one) => ({ at: iso(one.timeMs), severity: one.severity, reason: one.reason, bytes_out: one.bytesOut })),
    ...(alert.claims === undefined ? {} : { claims: alert.claims.map(({ atMs, by, text }) => ({ at: iso(atMs), by, text })) }),
    bytes_out: alert.bytesOut, ...told({ tokens: alert.tokens, handles: alert.handles, networks: alert.networks, resources: alert.resources }),
  };
}

/** What the incident's alerts tell together, as far as it was known when the alert changed last. */
function incidentPart({ story = plainStory, riskScore, alertIds, identityIds }: Incident): Document {
  const { kind, name, severity, stages } = story;
  return {
    kind, ...(name === null ? {} : { name }), ...(severity === 0 ? {} : { severity }), risk_score: riskScore,
    alerts: alertIds.length, identities: identityIds.length,
    ...(stages.length === 0 ? {} : { stages: stages.map(({ stage, timeMs, alertId, detector }) => ({ stage, at: iso(timeMs), detector, alert: alertId })) }),
  };
}

function named(measures: Readonly<Record<string, Alert['baseline']>>): Document {
  return Object.fromEntries(Object.entries(measures).filter(([, values]) => Object.keys(values).length > 0));
}

/** Lists that have something in them: absent means absent. Alerts of an older store lack some lists. */
function told(lists: Readonly<Record<string, readonly string[] | undefined>>): Document {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== undefined && list.length > 0));
}

function threat(rule: AlertRule): Document {
  const known = rule.attack.map(nameTechnique);
  const technique: Document = { id: once(known.map((entry) => entry.techniqueId)), name: once(known.map((entry) => entry.techniqueName)) };
  const sub = known.map((entry) => entry.subtechnique).filter((entry) => entry !== null);
  if (sub.length > 0) technique['subtechnique'] = { id: once(sub.map((entry) => entry.id)), name: once(sub.map((entry) => entry.name)) };
  return {
    framework: 'MITRE ATT&CK',
    tactic: { id: once(known.map((entry) => entry.tacticId)), name: once(known.map((entry) => entry.tacticName)) },
    technique,
  };
}

function once(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function related(alert: Alert): Document {
  const { first } = alert;
  const document: Document = alert.tokens.length === 0 ? {} : { hash: alert.tokens };
  if (first.sourceIp !== null) document['ip'] = [first.sourceIp];
  const users = once([first.userId, first.userName, first.identityName].filter((name) => name !== null));
  if (users.length > 0) document['user'] = users;
  return document;
}
