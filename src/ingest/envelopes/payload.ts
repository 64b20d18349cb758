import { isUtf8 } from 'node:buffer';

/** Fields beside a payload are read as JSON up to this length; longer ones say nothing of position or time. */
const maxFieldBytes = 4096;

/** The bytes that a JSON string stands for, without its quotes and escapes; `null` if it is no valid string. */
export function unescape(bytes: Buffer, start: number, end: number): Buffer | null {
  const inner = bytes.subarray(start + 1, end - 1);
  if (bytes[start] !== 34 || bytes[end - 1] !== 34 || end - start < 2) return null;
  if (!inner.includes(92)) return inner;
  if (!isUtf8(inner)) return null;
  const text = parse(bytes, start, end);
  return typeof text === 'string' && text.isWellFormed() ? Buffer.from(text) : null;
}

/** The small JSON value in a span; `undefined` where there is none, or it is invalid or too long. */
export function field(bytes: Buffer, span: { readonly start: number; readonly end: number } | null): unknown {
  if (span === null || span.end - span.start > maxFieldBytes) return undefined;
  return parse(bytes, span.start, span.end);
}

/** The text under `keys` in a parsed field: what is no text or number is `null`. */
export function textAt(value: unknown, ...keys: string[]): string | null {
  let at = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return null;
    at = (at as Record<string, unknown>)[key];
  }
  if (typeof at === 'number') return String(at);
  return typeof at === 'string' && at !== '' ? at : null;
}

/** Epoch milliseconds of an envelope's time: ISO text (UTC where it names no zone), seconds or milliseconds. */
export function envelopeTime(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value > 0 ? Math.floor(value > 1e11 ? value : value * 1000) : null;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return null;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(value) ? value : `${value}Z`;
  const timeMs = Date.parse(zoned);
  return Number.isNaN(timeMs) ? null : timeMs;
}

/** The bytes of a base64 text, or `null` if it holds anything else. */
export function fromBase64(bytes: Buffer): Buffer | null {
  const text = bytes.toString('latin1');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null;
}

function parse(bytes: Buffer, start: number, end: number): unknown {
  try {
    return JSON.parse(bytes.toString('utf8', start, end));
  } catch {
    return undefined;
  }
}
