import { isIP } from 'node:net';
import type { AlertFacts } from '../alert-facts.ts';
import type { Document } from '../sink.ts';
import { clip } from './text.ts';

/** Version of the Open Cybersecurity Schema Framework: what this class requires is the same in all later ones so far. */
export const ocsfVersion = '1.5.0';

const maxListed = 20;
const maxTextLength = 4000;
/** What is left out first where a line may not be so long. */
const dispensable = ['unmapped', 'resources', 'observables', 'evidences'] as const;

/** The alert as a Detection Finding (class 2004). `finding_info.uid` is the alert's id: each version replaces the one before. */
export function ocsfFinding(alert: AlertFacts, productVersion: string): Document {
  const activity = alert.status === 'closed' ? 3 : alert.status === 'open' && alert.tellings <= 1 ? 1 : 2;
  const evidence = evidenceOf(alert);
  return {
    class_uid: 2004, category_uid: 2, activity_id: activity, type_uid: 200_400 + activity, time: alert.createdMs, is_alert: true,
    severity_id: { low: 2, medium: 3, high: 4, critical: 5 }[alert.severityName], status_id: { open: 1, acknowledged: 2, closed: 4 }[alert.status],
    confidence_id: alert.confidence < 0.5 ? 1 : alert.confidence < 0.8 ? 2 : 3, confidence_score: Math.round(alert.confidence * 100),
    risk_score: Math.round(alert.riskScore), count: Math.max(1, alert.count), start_time: alert.startMs, end_time: alert.endMs,
    message: clip(alert.reason === '' ? alert.title : alert.reason, maxTextLength),
    metadata: {
      version: ocsfVersion, product: { name: 'Tokenward', vendor_name: 'Tokenward', version: productVersion }, uid: `${alert.id}.${alert.version}`,
      ...defined({ correlation_uid: alert.incidentId, profiles: alert.cloudProvider === null ? null : ['cloud'] }),
    },
    ...defined({ cloud: cloudOf(alert) }),
    finding_info: findingInfo(alert),
    ...defined({ evidences: evidence === null ? null : [evidence], observables: listOf(observables(alert)), resources: listOf(resourcesOf(alert)) }),
    unmapped: unmapped(alert),
  };
}

/**
 * The same on one line of at most `maxBytes`; what the schema does not require is left out, and the message cut, where it must be. `null` when that
 * is not enough.
 */
export function ocsfLine(alert: AlertFacts, productVersion: string, maxBytes: number): string | null {
  const finding = ocsfFinding(alert, productVersion);
  for (const name of [null, ...dispensable, 'message'] as const) {
    if (name === 'message') finding[name] = clip(alert.reason, 200) || alert.title;
    else if (name !== null) delete finding[name];
    const line = JSON.stringify(finding);
    if (Buffer.byteLength(line) <= maxBytes) return line;
  }
  return null;
}

function findingInfo(alert: AlertFacts): Document {
  const version = defined({ version: alert.attackVersion });
  const attacks = alert.techniques.slice(0, maxListed).map(({ kind, id, name }) => ({ ...version, [kind]: { uid: id, name } }));
  return {
    uid: alert.id, title: alert.title, types: ['token-abuse', ...alert.owaspNhi], created_time: alert.createdMs, modified_time: alert.toldMs,
    first_seen_time: alert.startMs, last_seen_time: alert.endMs, analytic: { type_id: 2, uid: alert.detector, name: alert.detectorTitle || alert.detector },
    ...defined({ attacks: listOf(attacks), src_url: alert.url, data_sources: alert.dataset === null ? null : [alert.dataset] }),
  };
}

function evidenceOf(alert: AlertFacts): Document | null {
  const evidence = defined({
    actor: actorOf(alert), src_endpoint: alert.sourceIp === null || isIP(alert.sourceIp) === 0 ? null : {
      ip: alert.sourceIp,
      ...defined({
        autonomous_system: objectOf({ number: alert.asNumber, name: alert.asOrganization }),
        location: /^[A-Z]{2}$/.test(alert.country ?? '') ? { country: alert.country } : null,
      }),
    },
    api: alert.action === null ? null : { operation: alert.action, ...defined({ service: alert.service === null ? null : { name: alert.service } }) },
  });
  // What the schema wants at least one of comes first; a request alone is no evidence.
  if (Object.keys(evidence).length === 0) return null;
  const request = objectOf({
    http_method: alert.method, user_agent: textOf(alert.userAgent), url: alert.urlPath === null ? null : { path: clip(alert.urlPath, maxTextLength) },
  });
  return { ...evidence, ...defined({ http_request: request }) };
}

function actorOf(alert: AlertFacts): Document | null {
  const email = alert.userEmail !== null && /^[\w.%+-]{1,64}@[a-zA-Z0-9.-]{1,190}\.[a-zA-Z]{2,63}$/.test(alert.userEmail) ? alert.userEmail : null;
  const user = objectOf({ uid: alert.identityId, name: alert.identityName, email_addr: email });
  const session = objectOf({ uid: alert.fingerprint, credential_uid: alert.handle, issuer: alert.issuer, expiration_time: alert.expiresAtMs });
  const isNamed = alert.identityId !== null || alert.identityName !== null;
  return objectOf({ user: user === null || !isNamed ? null : { ...user, type_id: alert.identityKind === 'human' ? 1 : 3 }, session });
}

function cloudOf({ cloudProvider, cloudAccount, cloudRegion }: AlertFacts): Document | null {
  if (cloudProvider === null) return null;
  return { provider: cloudProvider, ...defined({ account: cloudAccount === null ? null : { uid: cloudAccount }, region: cloudRegion }) };
}

/** Of what can be looked for: addresses, the user, the token by its public id and by its hash. `name` is where it stands. */
function observables(alert: AlertFacts): Document[] {
  const found: readonly (readonly [name: string, type: number, value: string | null])[] = [
    ['evidences[0].src_endpoint.ip', 2, alert.sourceIp !== null && isIP(alert.sourceIp) !== 0 ? alert.sourceIp : null],
    ['evidences[0].actor.user.uid', 31, alert.identityId], ['evidences[0].actor.session.credential_uid', 19, alert.handle],
    ['evidences[0].actor.session.uid', 8, alert.fingerprint],
  ];
  return found.flatMap(([name, type, value]) => (value === null ? [] : [{ name, type_id: type, value }]));
}

function resourcesOf({ resources, resource }: AlertFacts): Document[] {
  const ids = resources.length > 0 ? resources : resource === null ? [] : [resource];
  return ids.slice(0, maxListed).map((uid) => ({ uid: clip(uid, maxTextLength) }));
}

/** What the schema has no place for. */
function unmapped(alert: AlertFacts): Document {
  return {
    'tokenward.alert.version': alert.version, 'tokenward.bytes_out': alert.bytesOut,
    ...defined({
      'tokenward.token.fingerprint': alert.fingerprint, 'tokenward.token.kind': alert.tokenKind, 'tokenward.workload.id': alert.workload,
      'tokenward.tokens': listOf(alert.tokens.slice(0, maxListed)), 'tokenward.networks': listOf(alert.networks.slice(0, maxListed)),
      'tokenward.evidence': listOf(alert.evidence.slice(0, maxListed)),
    }),
  };
}

function textOf(text: string | null): string | null {
  return text === null ? null : clip(text, maxTextLength);
}

function listOf<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** `null` where nothing of it is known. */
function objectOf(members: Document): Document | null {
  const known = defined(members);
  return Object.keys(known).length === 0 ? null : known;
}

function defined(members: Document): Document {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
