import type { TokenEvent } from '../../../model/event.ts';
import { firstOf, path } from '../../paths.ts';
import { tokenId } from '../../token-id.ts';
import { instant, shortText, text } from '../../values.ts';
import { auditEvent, authentication, calledBy, fromAddress, iam, runsAs, typeOfVerb } from '../audit.ts';
import { defineFormat, quarantine, shape, type NormalizeContext, type Normalized, type Values } from '../format.ts';
import { logfmt } from './logfmt.ts';

const id = 'spire.audit';

/** Selectors, signing requests and join tokens are not read. */
const fields = {
  time: path('time'), type: path('type'), requestId: path('request_id'), service: path('service'), method: path('method'),
  status: path('status'), code: path('status_code'), message: path('status_message'),
  callerId: path('caller_id'), callerAddress: path('caller_addr'), callerPath: path('caller_path'), callerUid: path('caller_uid'),
  spiffeId: path('spiffe_id'), entryId: firstOf(path('entry_id'), path('registration_id')), parentId: path('parent_id'),
  agentId: path('agent_id'), expires: firstOf(path('expires_at'), path('expiration')), trustDomain: path('trust_domain_id'),
};
type Fields = Values<typeof fields>;

function recognize({ type, status, requestId, method, callerId, callerPath, callerAddress }: Fields): boolean {
  return type === 'audit' && (status === 'success' || status === 'error') && requestId !== null
    && (method !== null || callerId !== null || callerPath !== null || callerAddress !== null);
}

function normalize(values: Fields, context: NormalizeContext): Normalized {
  const timeMs = instant(values.time, context.source.timezone) ?? context.envelopeTimeMs;
  if (timeMs === null) return quarantine('no_time', 'A SPIRE audit record has no time.');
  const event = auditEvent(id, 'spire', timeMs, 'iam', context);
  const method = text(values.method);
  const target = text(values.spiffeId) ?? text(values.agentId);
  event.provider = text(values.service) ?? 'spire';
  event.action = method;
  event.category = /SVID|Agent|JoinToken/.test(method ?? '') ? authentication : iam;
  event.type = typeOfVerb((method ?? 'Get').replace(/^Batch/, ''));
  event.outcome = values.status === 'success' ? 'success' : 'failure';
  event.code = event.outcome === 'failure' ? text(values.code) : null;
  event.reason = event.outcome === 'failure' ? shortText(values.message) : null;
  event.requestId = text(values.requestId);
  fromAddress(event, values.callerAddress);
  describeCaller(event, values);
  event.targetUserName = target;
  event.resourceId = text(values.entryId) ?? text(values.trustDomain);
  event.resourceKind = values.entryId !== null ? 'registration_entry' : event.resourceId === null ? null : 'trust_domain';
  describeIssue(event, values, method ?? '', target, context);
  return event;
}

/** Over TLS the certificate of the caller, which the server checked; over the socket the process. */
function describeCaller(event: TokenEvent, values: Fields): void {
  const spiffe = text(values.callerId);
  const process = text(values.callerPath);
  const uid = text(values.callerUid);
  const refused = event.code === 'Unauthenticated';
  event.authenticated = refused ? false : spiffe !== null || uid !== null ? true : null;
  if (spiffe !== null) {
    event.tokenKind = 'certificate';
    event.boundTo = event.identityId = event.identityName = spiffe;
    event.identityKind = 'workload';
    runsAs(event, spiffe, 'spiffe');
  } else if (uid !== null) {
    event.userId = uid;
    calledBy(event, 'spire', `uid:${uid}`, 'service', process);
  }
}

/** What was minted has no id in the log: it goes by its kind and its SPIFFE ID, which is the subject that gateways see. */
function describeIssue(event: TokenEvent, values: Fields, method: string, target: string | null, context: NormalizeContext): void {
  if (event.outcome === 'failure' || !/^(?:Mint|BatchNew|New)\w*(?:SVID|CA)$/.test(method)) return;
  event.lifecycle = 'issued';
  event.issuedKind = method.includes('JWT') ? 'jwt' : 'certificate';
  event.issuedExpiresAtMs = instant(values.expires);
  event.issuedIdentityId = target;
  if (target === null) return;
  event.issued = tokenId(context, 'spire', 'session', `${event.issuedKind}:${target}`);
  event.offers = target;
}

export const spireAudit = defineFormat({
  id,
  title: 'SPIRE server audit log',
  describe: 'Audit entries of the SPIRE server (documentation: Audit log), JSON or text: minting, registration entries, agents.',
  vantage: 'iam',
  repeats: false,
  notes: [
    'caller_id stands for a certificate that the server checked, caller_uid for a process on its socket: both are the verdict; Unauthenticated is false.',
    'SVIDs have no id in the log: those of one kind and SPIFFE ID are one. Gateways name the workload by its SPIFFE ID, which is the identity here and there.',
    'The log tells no bytes. server.conf: server { audit_log_enabled = true  log_format = "json" }.',
  ],
  shapes: [
    shape({ kind: 'json', fields, recognize, normalize }),
    shape({ kind: 'text', grammar: (line) => (line.includes('type=audit') ? logfmt(line) : null), fields, recognize, normalize }),
  ],
});
