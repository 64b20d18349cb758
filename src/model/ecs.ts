import { fittingTypes } from './ecs-types.ts';
import type { TokenEvent } from './event.ts';

/** How a field is written: `time` is epoch ms in the event and an ISO text in ECS; a `number` is whole, an `amount` need not be. */
export type EcsKind = 'text' | 'number' | 'amount' | 'boolean' | 'time' | 'texts';
export interface EcsField { readonly field: keyof TokenEvent; readonly path: readonly string[]; readonly kind: EcsKind }

export const ecsVersion = '8.17.0';

const at = (field: keyof TokenEvent, dotted: string, kind: EcsKind = 'text'): EcsField => ({ field, path: dotted.split('.'), kind });

/**
 * The one table between an event's fields and their names in ECS. The writer of `--events`, the
 * alert document and the `ecs` format all go by it, so what is written can be read back.
 */
export const ecsFields: readonly EcsField[] = [
  at('timeMs', '@timestamp', 'time'),
  at('endMs', 'event.end', 'time'),
  at('id', 'event.id'),
  at('module', 'event.module'),
  at('dataset', 'event.dataset'),
  at('provider', 'event.provider'),
  at('action', 'event.action'),
  at('category', 'event.category', 'texts'),
  at('type', 'event.type', 'texts'),
  at('outcome', 'event.outcome'),
  at('code', 'event.code'),
  at('reason', 'event.reason'),
  at('sourceAddress', 'source.address'),
  at('sourceIp', 'source.ip'),
  at('sourcePort', 'source.port', 'number'),
  at('sourceBytes', 'source.bytes', 'number'),
  at('asNumber', 'source.as.number', 'number'),
  at('asOrganization', 'source.as.organization.name'),
  at('country', 'source.geo.country_iso_code'),
  at('destinationBytes', 'destination.bytes', 'number'),
  at('userId', 'user.id'),
  at('userName', 'user.name'),
  at('userEmail', 'user.email'),
  at('targetUserId', 'user.target.id'),
  at('targetUserName', 'user.target.name'),
  at('effectiveUserId', 'user.effective.id'),
  at('effectiveUserName', 'user.effective.name'),
  at('userAgent', 'user_agent.original'),
  at('method', 'http.request.method'),
  at('requestId', 'http.request.id'),
  at('traceId', 'trace.id'),
  at('status', 'http.response.status_code', 'number'),
  at('responseBytes', 'http.response.bytes', 'number'),
  at('urlPath', 'url.path'),
  at('urlDomain', 'url.domain'),
  at('cloudProvider', 'cloud.provider'),
  at('cloudAccount', 'cloud.account.id'),
  at('cloudRegion', 'cloud.region'),
  at('targetAccount', 'cloud.target.account.id'),
  at('service', 'service.name'),
  at('organization', 'organization.id'),
  at('path', 'log.file.path'),
  at('offset', 'log.offset', 'number'),
  at('index', 'tokenward.input.index', 'number'),
  at('source', 'tokenward.input.source'),
  at('orderMs', 'tokenward.complete_at', 'time'),
  at('token', 'tokenward.token.fingerprint'),
  at('tokenHandle', 'tokenward.token.handle'),
  at('tokenKind', 'tokenward.token.kind'),
  at('tokenIssuer', 'tokenward.token.issuer'),
  at('issuedAtMs', 'tokenward.token.issued_at', 'time'),
  at('expiresAtMs', 'tokenward.token.expires_at', 'time'),
  at('scopes', 'tokenward.token.scopes', 'texts'),
  at('roles', 'tokenward.token.roles', 'texts'),
  at('audience', 'tokenward.token.audience', 'texts'),
  at('keyId', 'tokenward.token.key_id'),
  at('boundTo', 'tokenward.token.bound_to'),
  at('aliases', 'tokenward.token.aliases', 'texts'),
  at('parent', 'tokenward.token.parent'),
  at('tokenSeenIn', 'tokenward.token.seen_in'),
  at('authenticated', 'tokenward.authenticated', 'boolean'),
  at('vantage', 'tokenward.vantage'),
  at('partial', 'tokenward.partial', 'boolean'),
  at('lifecycle', 'tokenward.lifecycle'),
  at('issued', 'tokenward.issued.fingerprint'),
  at('issuedHandle', 'tokenward.issued.handle'),
  at('issuedKind', 'tokenward.issued.kind'),
  at('issuedExpiresAtMs', 'tokenward.issued.expires_at', 'time'),
  at('issuedAliases', 'tokenward.issued.aliases', 'texts'),
  at('issuedIdentityId', 'tokenward.issued.identity'),
  at('revoked', 'tokenward.revoked.fingerprint'),
  at('offers', 'tokenward.link.offers'),
  at('takes', 'tokenward.link.takes'),
  at('linkIssuer', 'tokenward.link.issuer'),
  at('identityId', 'tokenward.identity.id'),
  at('identityKind', 'tokenward.identity.kind'),
  at('identityName', 'tokenward.identity.name'),
  at('workloadId', 'tokenward.workload.id'),
  at('workloadKind', 'tokenward.workload.kind'),
  at('workloadEvidence', 'tokenward.workload.evidence'),
  at('likelyIdentityId', 'tokenward.likely.identity'),
  at('likelyPercent', 'tokenward.likely.percent', 'number'),
  at('resourceId', 'tokenward.resource.id'),
  at('resourceKind', 'tokenward.resource.kind'),
  at('route', 'tokenward.resource.route'),
  at('objectId', 'tokenward.resource.object'),
  at('dataClass', 'tokenward.resource.data_class'),
  at('bytesOut', 'tokenward.bytes_out', 'number'),
  at('modelTokens', 'tokenward.model_tokens', 'number'),
  at('cost', 'tokenward.cost.amount', 'amount'),
  at('costCurrency', 'tokenward.cost.currency'),
  at('networkBlock', 'tokenward.network.block'),
  at('networkClass', 'tokenward.network.class'),
  at('networkName', 'tokenward.network.name'),
  at('privatePath', 'tokenward.network.private_path'),
];

const typePath = ['event', 'type'];

type Document = { [key: string]: unknown };

/** Sets a value under nested keys, making the objects on the way. */
export function setPath(document: Document, path: readonly string[], value: unknown): void {
  let at = document;
  for (let i = 0; i < path.length - 1; i++) {
    const key = path[i] as string;
    at = (at[key] ??= {}) as Document;
  }
  at[path[path.length - 1] as string] = value;
}

/** The event as a nested ECS document. Absent means absent: nulls and `partial: false` are left out. */
export function eventDocument(event: TokenEvent): Document {
  const document: Document = { '@timestamp': '', ecs: { version: ecsVersion }, event: { kind: 'event' } };
  for (const { field, path, kind } of ecsFields) {
    const value = event[field];
    if (value === null || value === false && field === 'partial') continue;
    if (field === 'orderMs' && (value === event.endMs || value === event.timeMs)) continue;
    setPath(document, path, kind === 'time' ? new Date(value as number).toISOString() : value);
  }
  if (event.type !== null) setPath(document, typePath, fittingTypes(event.category, event.type));
  return document;
}
