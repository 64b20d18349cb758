import { hash } from 'node:crypto';
import type { Document, Outgoing } from './sink.ts';

/** What an alert's document says, flat and typed: all that formats other than ECS are made of. Absent is `null` or an empty list. */
export interface AlertFacts {
  readonly id: string;
  readonly version: number;
  /** Names the alert at services that know it by a key, over all its versions: letters, digits, `-` and `_`, at most 100 of them. */
  readonly key: string;
  readonly isTest: boolean;
  readonly status: 'open' | 'acknowledged' | 'closed';
  /** Generic, the same for all alerts of a detector. */
  readonly title: string;
  /** One sentence with the numbers. Holds strings of the logs. */
  readonly reason: string;
  readonly detector: string;
  readonly detectorTitle: string;
  /** 21, 47, 73 or 99. */
  readonly severity: number;
  readonly severityName: 'low' | 'medium' | 'high' | 'critical';
  readonly riskScore: number;
  /** 0 to 1. */
  readonly confidence: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly createdMs: number;
  /** When it had last grown enough to be told again. */
  readonly toldMs: number;
  /** How often it was told. */
  readonly tellings: number;
  readonly count: number;
  readonly bytesOut: number;
  readonly incidentId: string | null;
  /** Where people look at it. */
  readonly url: string | null;
  readonly identityId: string | null;
  readonly identityName: string | null;
  readonly identityKind: string | null;
  readonly userEmail: string | null;
  readonly workload: string | null;
  readonly fingerprint: string | null;
  readonly handle: string | null;
  readonly tokenKind: string | null;
  readonly issuer: string | null;
  readonly expiresAtMs: number | null;
  readonly sourceIp: string | null;
  readonly asNumber: number | null;
  readonly asOrganization: string | null;
  readonly country: string | null;
  readonly userAgent: string | null;
  readonly action: string | null;
  readonly outcome: string | null;
  readonly method: string | null;
  readonly urlPath: string | null;
  readonly urlDomain: string | null;
  readonly service: string | null;
  readonly cloudProvider: string | null;
  readonly cloudAccount: string | null;
  readonly cloudRegion: string | null;
  readonly resource: string | null;
  readonly dataset: string | null;
  readonly techniques: readonly Technique[];
  readonly attackVersion: string | null;
  readonly owaspNhi: readonly string[];
  readonly tokens: readonly string[];
  readonly handles: readonly string[];
  readonly networks: readonly string[];
  readonly resources: readonly string[];
  readonly evidence: readonly string[];
}

/** Of MITRE ATT&CK: a tactic, a technique or a sub-technique. */
export interface Technique { readonly kind: 'tactic' | 'technique' | 'sub_technique'; readonly id: string; readonly name: string }

const severityNames = [[99, 'critical'], [73, 'high'], [47, 'medium'], [0, 'low']] as const;

/** Name of a severity from 0 to 99. */
export function severityName(severity: number): AlertFacts['severityName'] {
  return severityNames.find(([least]) => severity >= least)?.[1] ?? 'low';
}

export function factsOf({ id, version, createdMs, document }: Outgoing): AlertFacts {
  const text = (path: string): string | null => textAt(document, path);
  const status = text('tokenward.alert.status');
  return {
    id, version, key: keyOf(id), createdMs, isTest: textsAt(document, 'tags').includes('tokenward-test'),
    severity: numberAt(document, 'event.severity') ?? 0, severityName: severityName(numberAt(document, 'event.severity') ?? 0),
    status: status === 'closed' || status === 'acknowledged' ? status : 'open',
    title: text('message') ?? 'Alert of Tokenward', reason: text('event.reason') ?? '', detector: text('rule.id') ?? 'unknown',
    detectorTitle: text('rule.name') ?? '', ...timesOf(document, createdMs),
    riskScore: numberAt(document, 'event.risk_score') ?? 0, confidence: numberAt(document, 'tokenward.alert.confidence') ?? 0,
    count: numberAt(document, 'tokenward.alert.count') ?? 1, bytesOut: numberAt(document, 'tokenward.alert.bytes_out') ?? 0,
    incidentId: text('tokenward.alert.merged_into') ?? text('tokenward.alert.incident_id'), url: text('event.url'),
    identityId: text('tokenward.identity.id'), identityName: text('tokenward.identity.name') ?? text('user.name'),
    identityKind: text('tokenward.identity.kind'), userEmail: text('user.email'), workload: text('tokenward.workload.id'),
    fingerprint: text('tokenward.token.fingerprint'), handle: text('tokenward.token.handle'), tokenKind: tokenKindOf(text('tokenward.token.kind')),
    issuer: text('tokenward.token.issuer'),
    expiresAtMs: timeAt(document, 'tokenward.token.expires_at'), sourceIp: text('source.ip'), asNumber: numberAt(document, 'source.as.number'),
    asOrganization: text('source.as.organization.name'), country: text('source.geo.country_iso_code'), userAgent: text('user_agent.original'),
    action: text('event.action'), outcome: text('event.outcome'), method: text('http.request.method'), urlPath: text('url.path'), urlDomain: text('url.domain'),
    service: text('service.name'), cloudProvider: text('cloud.provider'), cloudAccount: text('cloud.account.id'), cloudRegion: text('cloud.region'),
    resource: text('tokenward.resource.id'), dataset: text('event.dataset'),
    techniques: techniquesOf(document), attackVersion: text('tokenward.alert.attack_version'), owaspNhi: textsAt(document, 'tokenward.alert.owasp_nhi'),
    tokens: textsAt(document, 'tokenward.alert.tokens'), handles: textsAt(document, 'tokenward.alert.handles'),
    networks: textsAt(document, 'tokenward.alert.networks'), resources: textsAt(document, 'tokenward.alert.resources'),
    evidence: textsAt(document, 'tokenward.alert.evidence'),
  };
}

function timesOf(document: Document, createdMs: number): Pick<AlertFacts, 'startMs' | 'endMs' | 'toldMs' | 'tellings'> {
  const startMs = timeAt(document, 'event.start') ?? createdMs;
  const announced = valueAt(document, 'tokenward.alert.announced');
  const tellings = Array.isArray(announced) ? announced as Document[] : [];
  const last = tellings.at(-1);
  return {
    startMs, endMs: timeAt(document, 'event.end') ?? startMs, toldMs: (last === undefined ? null : timeAt(last, 'at')) ?? createdMs, tellings: tellings.length,
  };
}

function techniquesOf(document: Document): Technique[] {
  const levels = [['tactic', 'threat.tactic'], ['technique', 'threat.technique'], ['sub_technique', 'threat.technique.subtechnique']] as const;
  return levels.flatMap(([kind, path]) => {
    const names = textsAt(document, `${path}.name`);
    return textsAt(document, `${path}.id`).map((id, at) => ({ kind, id, name: names[at] ?? id }));
  });
}

function tokenKindOf(kind: string | null): string | null {
  return kind === 'none' ? null : kind;
}

/** Ids are ours and plain; whatever else one may hold is kept out of queries and labels. */
function keyOf(id: string): string {
  return /^[\w-]{1,80}$/.test(id) ? `tokenward-${id}` : `tokenward-${hash('sha256', id, 'hex').slice(0, 40)}`;
}

function valueAt(document: Document, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Document)[key] : undefined), document);
}

function textAt(document: Document, path: string): string | null {
  const value = valueAt(document, path);
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberAt(document: Document, path: string): number | null {
  const value = valueAt(document, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function timeAt(document: Document, path: string): number | null {
  const value = Date.parse(textAt(document, path) ?? '');
  return Number.isNaN(value) ? null : value;
}

function textsAt(document: Document, path: string): string[] {
  const value = valueAt(document, path);
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
