import { skipBlanks } from './recognize.ts';

interface Span { readonly start: number; readonly end: number }

/** Attributes that make an OpenTelemetry record an event in itself; with any of them its body is only text for people. */
const telling: readonly string[] = [
  'http.request.method', 'http.method', 'http.response.status_code', 'http.status_code', 'url.path', 'url.full', 'http.url', 'http.target', 'client.address',
  'http.client_ip', 'event.name', 'user.id', 'user.name', 'enduser.id', 'jwt.sub', 'jwt.jti',
].map((name) => `"${name}"`);

/**
 * The text in an OpenTelemetry record's body (`{"stringValue":"..."}`), where it is a log line that somebody's collector picked up. `null` where the body
 * is none, or where the attributes tell the event.
 */
export function logBody(bytes: Buffer, body: Span, attributes: Span | null): Span | null {
  if (attributes !== null) {
    const text = bytes.subarray(attributes.start, attributes.end);
    if (telling.some((name) => text.includes(name))) return null;
  }
  const key = skipBlanks(bytes, body.start + 1, body.end);
  if (bytes[body.start] !== 123 || bytes.latin1Slice(key, key + 13) !== '"stringValue"') return null;
  const colon = skipBlanks(bytes, key + 13, body.end);
  const start = skipBlanks(bytes, colon + 1, body.end);
  let end = body.end - 1;
  while (end > start && bytes[end - 1]! <= 32) end--;
  return bytes[start] === 34 && bytes[end - 1] === 34 && end - start >= 2 ? { start, end } : null;
}

/** Epoch milliseconds of OpenTelemetry's nanoseconds, which JSON carries as text; 0 stands for unknown. */
export function unixNanoTime(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{16,20}$/.test(text)) return null;
  return Number(text.slice(0, -6));
}
