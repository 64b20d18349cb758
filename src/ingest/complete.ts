import { hash } from 'node:crypto';
import type { TokenEvent } from '../model/event.ts';
import type { QuarantineReason } from '../model/quarantine.ts';
import type { RawRecord } from './record.ts';

const earliestMs = Date.UTC(1990, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);

/** Longest text of an event, in UTF-16 units. Longer ones are cut. */
const maxText = 2048;
/** Longest id. A cut id would be another's, so a longer one refuses the record. */
const maxId = 512;

type Field = keyof TokenEvent;
const idFields = [
  'id', 'tokenHandle', 'tokenIssuer', 'issuedHandle', 'keyId', 'identityId', 'workloadId', 'userId', 'targetUserId', 'effectiveUserId',
  'cloudAccount',
] as const satisfies readonly Field[];
const textFields = [
  'dataset', 'module', 'provider', 'action', 'code', 'reason', 'sourceAddress', 'sourceIp', 'userAgent', 'userName', 'userEmail',
  'targetUserName', 'effectiveUserName', 'method', 'requestId', 'urlPath', 'urlDomain', 'cloudProvider', 'cloudRegion', 'service',
  'organization', 'resourceId', 'resourceKind', 'boundTo', 'identityName', 'workloadKind',
] as const satisfies readonly Field[];
const listFields = ['category', 'type', 'scopes', 'roles', 'audience', 'aliases', 'issuedAliases'] as const satisfies readonly Field[];

/** What is wrong with an event that a format built. */
export interface EventProblem { readonly reason: QuarantineReason; readonly detail: string }

/**
 * Fills what no format knows: where the record stood, when it was complete, and an id where the
 * provider gives none. Keeps the bounds on times and texts. `null` when the event is good.
 */
export function completeEvent(event: TokenEvent, record: RawRecord, formatId: string): EventProblem | null {
  if (event.endMs !== null && event.endMs > event.orderMs) event.orderMs = event.endMs;
  if (!plausible(event.timeMs) || !plausible(event.orderMs)) {
    return { reason: 'bad_time', detail: 'The time is not between 1990 and 2100.' };
  }
  // Every text comes out of the record, some put together of two or three parts of it.
  if (record.bytes.length * 2 > maxId && !boundTexts(event)) {
    return { reason: 'bad_field', detail: `An id is longer than ${maxId} characters.` };
  }
  const { origin } = record;
  event.source = origin.source ?? formatId;
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

let scratch = Buffer.alloc(4096);

/**
 * 128 bits of SHA-256 over the record's position and bytes: two equal lines at two places are two
 * events, and the same line read again is the same one.
 */
function derivedId({ origin, originalPosition, offset, index, bytes }: RawRecord): string {
  const place = originalPosition ?? `${origin.identity}|${offset}|${index ?? ''}`;
  const needed = place.length * 3 + 1 + bytes.length;
  if (scratch.length < needed) scratch = Buffer.alloc(needed * 2);
  let length = scratch.write(place);
  scratch[length] = 0;
  length += 1;
  scratch.set(bytes, length);
  return hash('sha256', scratch.subarray(0, length + bytes.length), 'base64url').slice(0, 22);
}
