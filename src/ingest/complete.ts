import type { TokenEvent } from '../model/event.ts';
import type { QuarantineReason } from '../model/quarantine.ts';
import { derivedId } from './derived-id.ts';
import type { RawRecord } from './record.ts';

const earliestMs = Date.UTC(1990, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);

/** Longest text of an event, in UTF-16 units. Longer ones are cut. */
const maxText = 2048;
/** Longest id. A cut id would be another's, so a longer one refuses the record. */
const maxId = 512;

type Field = keyof TokenEvent;
export const idFields = [
  'id', 'tokenHandle', 'tokenIssuer', 'issuedHandle', 'keyId', 'identityId', 'workloadId', 'userId', 'targetUserId', 'effectiveUserId',
  'cloudAccount', 'targetAccount', 'issuedIdentityId', 'source',
] as const satisfies readonly Field[];
export const textFields = [
  'dataset', 'module', 'provider', 'action', 'code', 'reason', 'sourceAddress', 'sourceIp', 'userAgent', 'userName', 'userEmail',
  'targetUserName', 'effectiveUserName', 'method', 'requestId', 'traceId', 'urlPath', 'urlDomain', 'cloudProvider', 'cloudRegion', 'service',
  'organization', 'resourceId', 'resourceKind', 'boundTo', 'identityName', 'workloadKind', 'privatePath',
  'route', 'objectId', 'dataClass', 'offers', 'takes', 'linkIssuer', 'likelyIdentityId', 'costCurrency',
] as const satisfies readonly Field[];
export const listFields = ['category', 'type', 'scopes', 'roles', 'audience'] as const satisfies readonly Field[];

/** What is wrong with an event that a format built. */
export interface EventProblem { readonly reason: QuarantineReason; readonly detail: string }

/**
 * Fills what no format knows: where the record stood, when it was complete, and an id where the
 * provider gives none. Keeps the bounds on times and texts. `null` when the event is good.
 */
export function completeEvent(event: TokenEvent, record: RawRecord): EventProblem | null {
  if (event.endMs !== null && event.endMs > event.orderMs) event.orderMs = event.endMs;
  if (!plausible(event.timeMs) || !plausible(event.orderMs)) {
    return { reason: 'bad_time', detail: 'The time is not between 1990 and 2100.' };
  }
  // Texts come out of the record: a short one holds no long ones.
  if (record.bytes.length > maxId && hasLongText(event) && !boundTexts(event)) {
    return { reason: 'bad_field', detail: `An id is longer than ${maxId} characters.` };
  }
  const { origin } = record;
  event.source = origin.source ?? event.source;
  event.path = origin.path;
  event.offset = record.offset;
  event.index = record.index;
  if (event.id === '') event.id = derivedId(record);
  return null;
}

/** False for NaN and the infinities too. */
function plausible(timeMs: number): boolean {
  return timeMs >= earliestMs && timeMs < latestMs;
}

/**
 * Is any text longer than an id may be? The fields of the lists above, one by one: this runs for each
 * event, and access by a name in a variable costs ten times as much.
 */
function hasLongText(event: TokenEvent): boolean {
  return long(event.id) || long(event.tokenHandle) || long(event.tokenIssuer) || long(event.issuedHandle) || long(event.keyId)
    || long(event.identityId) || long(event.workloadId) || long(event.userId) || long(event.targetUserId) || long(event.effectiveUserId)
    || long(event.cloudAccount) || long(event.issuedIdentityId) || long(event.source)
    || long(event.dataset) || long(event.module) || long(event.provider) || long(event.action)
    || long(event.code) || long(event.reason) || long(event.sourceAddress) || long(event.sourceIp) || long(event.userAgent)
    || long(event.userName) || long(event.userEmail) || long(event.targetUserName) || long(event.effectiveUserName)
    || long(event.method) || long(event.requestId) || long(event.urlPath) || long(event.urlDomain) || long(event.cloudProvider)
    || long(event.cloudRegion) || long(event.service) || long(event.organization) || long(event.resourceId) || long(event.resourceKind)
    || long(event.boundTo) || long(event.identityName) || long(event.workloadKind) || long(event.privatePath) || long(event.traceId)
    || long(event.route) || long(event.objectId) || long(event.dataClass)
    || long(event.offers) || long(event.takes) || long(event.linkIssuer) || long(event.likelyIdentityId)
    || long(event.costCurrency) || long(event.targetAccount)
    || event.category !== null && event.category.some(long) || event.type !== null && event.type.some(long)
    || event.scopes !== null && event.scopes.some(long) || event.roles !== null && event.roles.some(long)
    || event.audience !== null && event.audience.some(long);
}

function long(text: string | null): boolean {
  return text !== null && text.length > maxId;
}

/** Cuts long texts; `false` when an id is too long. */
function boundTexts(event: TokenEvent): boolean {
  for (const field of idFields) {
    const text = event[field];
    if (text !== null && text.length > maxId) return false;
  }
  for (const field of textFields) {
    const text = event[field];
    if (text !== null && text.length > maxText) event[field] = cut(text);
  }
  for (const field of listFields) {
    const list = event[field];
    if (list !== null && list.some((text) => text.length > maxText)) event[field] = list.map(cut);
  }
  return true;
}

function cut(text: string): string {
  const kept = text.slice(0, maxText);
  // Not between the halves of a surrogate pair.
  return kept.isWellFormed() ? kept : kept.slice(0, -1);
}
