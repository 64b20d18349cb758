import { isJsonObject, type Json } from '../../paths.ts';
import type { Value } from '../format.ts';

/** Attributes of semantic conventions, old names beside new ones, and what they are taken for. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['event.name', 'event'], ['event.id', 'eventId'], ['http.request.method', 'method'], ['http.method', 'method'],
  ['url.path', 'path'], ['http.target', 'path'], ['url.full', 'url'], ['http.url', 'url'],
  ['server.address', 'host'], ['http.host', 'host'], ['http.response.status_code', 'status'], ['http.status_code', 'status'],
  ['http.response.body.size', 'bytes'], ['http.response.size', 'bytes'], ['http.response_content_length', 'bytes'],
  ['client.address', 'address'], ['http.client_ip', 'address'], ['client.port', 'port'],
  ['user_agent.original', 'userAgent'], ['http.user_agent', 'userAgent'], ['user.id', 'userId'], ['enduser.id', 'userId'],
  ['user.name', 'userName'], ['user.email', 'userEmail'], ['session.id', 'sessionId'], ['error.type', 'error'],
  ['service.name', 'service'], ['cloud.provider', 'cloudProvider'], ['cloud.account.id', 'account'], ['cloud.region', 'region'],
  ['jwt.iss', 'iss'], ['jwt.sub', 'sub'], ['jwt.azp', 'client'], ['jwt.client_id', 'client'], ['jwt.jti', 'jti'], ['jwt.iat', 'iat'],
  ['jwt.exp', 'exp'], ['jwt.scope', 'scope'], ['token.sha256', 'tokenDigest'],
]);
/** Any of them makes the record an event. */
const telling: ReadonlySet<string> = new Set(['event', 'method', 'path', 'url', 'status', 'address', 'userId', 'userName', 'sub', 'jti']);
const maxAttributes = 256;

export type Attributes = Readonly<Record<string, Value>>;

/** The attributes that mean something here, by their meaning; `null` where none of them makes an event. */
export function attributesOf(list: Json | null): Attributes | null {
  if (!Array.isArray(list)) return null;
  const found: Record<string, Value> = Object.create(null) as Record<string, Value>;
  let isEvent = false;
  for (const item of (list as readonly Json[]).slice(0, maxAttributes)) {
    const { key, value } = entryOf(item);
    const meaning = key === null ? undefined : meanings.get(key);
    if (meaning === undefined || value === null || Object.hasOwn(found, meaning)) continue;
    found[meaning] = value;
    isEvent ||= telling.has(meaning);
  }
  return isEvent ? found : null;
}

/** `{"key": "a", "value": {"stringValue": "b"}}`; 64-bit numbers are texts. */
function entryOf(item: Json): { readonly key: string | null; readonly value: Value } {
  if (!isJsonObject(item)) return { key: null, value: null };
  const { key, value } = item;
  const inner = isJsonObject(value) ? value['stringValue'] ?? value['intValue'] ?? value['boolValue'] ?? value['doubleValue'] ?? null : null;
  return { key: typeof key === 'string' ? key : null, value: typeof inner === 'object' ? null : inner };
}
