import { z } from 'zod';
import { incidentKinds, stages } from '../../model/incident.ts';
import { maybeText, maybeTime, number, text, texts, time } from './schema-words.ts';
import type * as shapes from './shapes.ts';
import type { Message } from './shapes-live.ts';

/** The shapes as schemas, for the API's description; the compiler holds them to the types, a test to the real answers. */
const id = (name: string) => ({ id: name });

const alertStatus = z.enum(['open', 'acknowledged', 'closed']);
export const tokenKind = z.enum([
  'access_key', 'temporary_key', 'jwt', 'opaque', 'refresh', 'api_key', 'session', 'service_account_key', 'vault', 'kubernetes', 'certificate', 'none',
]);
const identityKind = z.enum(['human', 'service', 'role', 'client', 'workload', 'provider', 'unknown']);
const networkClass = z.enum(['private', 'hosting', 'vpn', 'tor', 'isp', 'provider', 'unknown']);
export const intentState = z.enum([
  'proposed', 'waiting_approval', 'ready', 'stale', 'sending', 'accepted', 'verified', 'unknown', 'failed', 'rejected', 'undone',
]);
const intentMode = z.enum(['observe', 'approve', 'enforce']);
const stepKind = z.enum(['pin', 'deny', 'rotate', 'revoke', 'notify', 'watch']);
export const measures = z.record(text, z.union([number, text]));
const role = z.enum(['viewer', 'analyst', 'responder', 'admin']);

export const refused = z.strictObject({
  error: text.meta({ description: 'a fixed word' }), title: text.optional(), detail: text.optional(), status: number.optional(),
  login: text.meta({ description: 'with error step_up: where a browser logs in again' }).optional(),
}).meta(id('Refused'));

export const session: z.ZodType<shapes.Session> = z.strictObject({ account: text, role, csrf: maybeText, expiresMs: maybeTime }).meta(id('Session'));
export const ticket: z.ZodType<shapes.Ticket> = z.strictObject({ ticket: text, expiresMs: time }).meta(id('Ticket'));

export const identity = z.strictObject({
  id: text, kind: identityKind, name: maybeText, owner: maybeText, account: maybeText, firstSeenMs: maybeTime, lastSeenMs: maybeTime,
  tokenCount: number.nullable(),
}).meta(id('Identity'));
export const workload = z.strictObject({ id: text, kind: maybeText, evidence: z.enum(['event', 'registry', 'inventory']).nullable() }).meta(id('Workload'));
const network = z.strictObject({
  block: text, name: maybeText, asNumber: number.nullable(), asOrganization: maybeText, country: maybeText, class: networkClass.nullable(),
}).meta(id('Network'));
export const use = z.strictObject({
  user: text, isWorkload: z.boolean(), network: network.nullable(), calls: number, firstMs: time, lastMs: time, weeks: z.array(time), resources: texts,
  suspect: z.boolean(),
}).meta(id('Use'));
const response = z.strictObject({ state: intentState, steps: number, waiting: number, verified: number }).meta(id('Response'));

export const alertSummary = z.strictObject({
  id: text, version: number, status: alertStatus, severity: number, riskScore: number, detector: text, title: text, reason: text, incidentId: text,
  identityId: maybeText, identityName: maybeText, identityKind: identityKind.nullable(), token: maybeText, handle: maybeText, workload: maybeText,
  network: network.nullable(), startMs: time, endMs: time, createdMs: time, count: number, bytesOut: number, late: z.boolean(), response: response.nullable(),
  owner: maybeText, closedAs: z.enum(['benign', 'false_alarm', 'theft']).nullable(), quietUntilMs: maybeTime,
}).meta(id('Alert'));
export const alertPage: z.ZodType<shapes.AlertPage> = z.strictObject({
  alerts: z.array(alertSummary), grouped: z.array(number).nullable(), total: number, next: maybeText, cursor: number,
});

const target = z.strictObject({
  token: text, handle: maybeText, tokenKind, issuer: maybeText, identityId: maybeText, identityName: maybeText, userId: maybeText, client: maybeText,
  sha256: maybeText, expiresAtMs: maybeTime,
}).meta(id('Target'));
const dependent = z.strictObject({
  workloadId: maybeText, name: text, networks: texts, resources: texts, callsPerDay: number, firstSeenMs: time, lastSeenMs: time, suspect: z.boolean(),
}).meta(id('Dependent'));
const action = z.strictObject({ name: text, type: text, effect: text, delay: text, undo: maybeText, rights: text, exposureMs: number }).meta(id('Action'));
const handover = z.strictObject({
  phase: z.enum(['making', 'waiting', 'cutting']), before: z.strictObject({ ids: z.array(text), atMs: time }).nullable(), made: maybeText,
  former: z.array(text), storedMs: maybeTime, waitingFor: z.array(text), suspects: z.array(text), cutMs: maybeTime,
});
export const intent = z.strictObject({
  id: text, planId: text, step: number, kind: stepKind, action: text, mode: intentMode, rule: text, policyHash: text,
  incidentId: text, alertId: text, severity: number, reason: text, target, dependents: z.array(dependent), keepNetworks: texts, keepWorkloads: texts,
  provenMs: maybeTime, lowered: maybeText, refused: maybeText, decidedMs: time,
  lineage: text.exactOptional(), mintedFrom: text.exactOptional(), handover: handover.exactOptional(), version: number, state: intentState, why: maybeText,
  approvals: z.array(z.strictObject({ by: text, atMs: time, of: text })), approvalsNeeded: number, changedBy: texts,
  attempts: number, notBeforeMs: time, sentMs: maybeTime, acceptedMs: maybeTime,
  verifiedMs: maybeTime, probedAliveMs: maybeTime, undoing: z.boolean(), actionFacts: action.nullable(), because: maybeText, digest: text,
  can: z.strictObject({ approve: z.boolean(), reject: z.boolean(), undo: z.boolean() }),
}).meta(id('Intent'));
export const intentPage: z.ZodType<shapes.IntentPage> = z.strictObject({ intents: z.array(intent), total: number, cursor: number });
export const intentAnswer: z.ZodType<shapes.IntentAnswer> = z.strictObject({ intent });

const flaw = z.strictObject({ kind: text, title: text, isFact: z.boolean(), detail: text, owaspNhi: texts, remedy: text }).meta(id('Flaw'));
export const token = z.strictObject({
  fingerprint: text, kind: tokenKind, handle: maybeText, issuer: maybeText, parent: maybeText, identity: identity.nullable(), workload: workload.nullable(),
  issuedAtMs: maybeTime, issueSeen: z.boolean(), expiresAtMs: maybeTime, revokedAtMs: maybeTime, firstSeenMs: time, lastUsedMs: maybeTime, openAlerts: number,
  posture: z.array(flaw),
}).meta(id('Token'));
const series = z.strictObject({ startMs: time, stepMs: number, bytesOut: z.array(number), calls: z.array(number) }).meta(id('Series'));
export const activity = z.strictObject({ identityId: text, hours: series, minutes: series }).meta(id('Activity'));
export const tokenPage: z.ZodType<shapes.TokenPage> = z.strictObject({ tokens: z.array(token), total: number, next: maybeText, activity: activity.nullable() });

const timeline = z.array(z.strictObject({
  timeMs: time, kind: z.enum(['issued', 'started', 'touched', 'minted', 'announced', 'intent', 'last']), text,
  severity: number.nullable(), bytesOut: number.nullable(),
}).meta(id('TimelineEntry')));
const stage = z.strictObject({ stage: z.enum(stages), timeMs: time, alertId: text, detector: text, identityId: text }).meta(id('Stage'));
const incidentSummary = z.strictObject({
  id: text, version: number, startMs: time, endMs: time, riskScore: number, severity: number, kind: z.enum(incidentKinds), name: maybeText,
  stages: z.array(stage), status: alertStatus, alertIds: texts, identityIds: texts,
  tokens: texts, bytesOut: number, mergedInto: maybeText, response: response.nullable(),
}).meta(id('Incident'));
const evidence = z.enum(['volume', 'origin', 'lifecycle', 'workload']);
const attack = z.array(z.strictObject({ tactic: text, technique: text, name: text }));
const why = z.strictObject({
  alertId: text, detector: text, title: text, restsOn: evidence, attack, owaspNhi: texts, baseline: measures, observed: measures,
}).meta(id('Why'));
const links = z.strictObject({ page: maybeText, runbook: maybeText, siem: maybeText });
const rule = z.strictObject({
  id: text, title: text, grace: text, acceptance: text, blindSpots: texts, attack, owaspNhi: texts,
  restsOn: evidence,
});
const ecs = z.record(text, z.unknown()).meta({ ...id('EcsDocument'), description: 'an event or alert in the Elastic Common Schema' });

export const alertDetail: z.ZodType<shapes.AlertDetail> = z.strictObject({
  summary: alertSummary, document: ecs, rule, confidence: number, surpriseBits: number, baseline: measures, observed: measures,
  announced: z.array(z.strictObject({ timeMs: time, severity: number, reason: text, bytesOut: number })), timeline, evidence: texts,
  identity: identity.nullable(), workload: workload.nullable(), tokens: z.array(token), networks: z.array(network), resources: texts,
  dependents: z.array(dependent), incident: incidentSummary, related: z.array(alertSummary), intents: z.array(intent),
  activity: activity.nullable(), uses: z.array(use), notes: z.array(z.strictObject({ atMs: time, by: text, text })),
  links, cursor: number,
}).meta(id('AlertDetail'));
export const incidentPage: z.ZodType<shapes.IncidentPage> = z.strictObject({
  incidents: z.array(incidentSummary), total: number, next: maybeText, cursor: number,
});
export const incidentDetail: z.ZodType<shapes.IncidentDetail> = z.strictObject({
  summary: incidentSummary, alerts: z.array(alertSummary), tokens: z.array(token), networks: z.array(network), resources: texts, timeline,
  intents: z.array(intent), identities: z.array(identity), dependents: z.array(dependent), why: z.array(why), activity: activity.nullable(),
  uses: z.array(use), links, cursor: number,
}).meta(id('IncidentDetail'));
export const eventPage: z.ZodType<shapes.EventPage> = z.strictObject({ events: z.array(ecs), total: number, kept: number });

const killSwitch = z.strictObject({ on: z.boolean(), state: z.enum(['off', 'set', 'unreadable']), changeable: z.boolean() }).meta(id('KillSwitch'));
export const killSwitchAnswer: z.ZodType<shapes.KillSwitchAnswer> = z.strictObject({ killSwitch });
export const alertAnswer: z.ZodType<shapes.AlertAnswer> = z.strictObject({ alertId: text });
export const status: z.ZodType<shapes.Status> = z.strictObject({
  version: text, nowMs: time, startedMs: time, ready: z.boolean(), reasons: texts, mode: z.enum(['none', 'observe', 'approve', 'enforce']),
  killSwitch: killSwitch.nullable(), caps: z.array(z.strictObject({ name: z.enum(['per_minute', 'per_hour', 'per_day']), used: number, limit: number })),
  waitingApproval: number, openAlerts: number,
  sources: z.array(z.strictObject({
    name: text, ok: z.boolean(), detail: text, lagRecords: number.nullable(), lastFetchAgeMs: number.nullable(), lastEventAgeMs: number.nullable(),
  })),
  sinks: z.array(z.strictObject({ name: text, condition: text, waiting: number, waitingMs: number, detail: text })),
  canaries: z.array(z.strictObject({
    name: text, source: text, everyMs: number, withinMs: number, lastMs: maybeTime, delayMs: number.nullable(), isMissing: z.boolean(),
  }).meta(id('Canary'))),
  quarantine: z.array(z.strictObject({ reason: text, count: number })),
  denyLists: z.array(z.strictObject({
    name: text, number, changedMs: maybeTime, gateways: z.array(z.strictObject({ name: text, number: number.nullable() })),
  })),
  intel: z.strictObject({ source: text, builtAt: text }),
  lastEventMs: maybeTime, dataAgeMs: number.nullable(), cursor: number,
}).meta(id('Status'));

const cursor = { cursor: number };
/** Messages of the live stream. */
export const message: z.ZodType<Message> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), ...cursor, account: text, role, status: status as z.ZodType<shapes.Status> }),
  z.strictObject({ type: z.literal('alert'), ...cursor, alert: alertSummary }),
  z.strictObject({ type: z.literal('incident'), ...cursor, incident: incidentSummary }),
  z.strictObject({ type: z.literal('intent'), ...cursor, intent }),
  z.strictObject({ type: z.literal('status'), ...cursor, status: status as z.ZodType<shapes.Status> }),
  z.strictObject({ type: z.literal('resync'), ...cursor, from: number }),
]).meta(id('Message'));
