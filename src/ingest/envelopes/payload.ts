/** Fields beside a payload are read as JSON up to this length; longer ones say nothing of position or time. */
const maxFieldBytes = 4096;

const QUOTE = 34;
const BACKSLASH = 92;
/** What the letter behind a backslash stands for. */
const escapes = new Uint8Array(256);
for (const [letter, byte] of [['"', 34], ['\\', 92], ['/', 47], ['b', 8], ['f', 12], ['n', 10], ['r', 13], ['t', 9]] as const) {
  escapes[letter.charCodeAt(0)] = byte;
}

/**
 * The bytes that the JSON string in `[start, end)` stands for, without its quotes and escapes; `null` if it is no
 * valid string. Whether its bytes are UTF-8 is left to whoever reads them; half a surrogate pair is not valid.
 */
export function unescape(bytes: Buffer, start: number, end: number): Buffer | null {
  if (bytes[start] !== QUOTE || bytes[end - 1] !== QUOTE || end - start < 2) return null;
  const out = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let i = start + 1; i < end - 1;) {
    const byte = bytes[i]!;
    if (byte < 32) return null;
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      i++;
    } else if (bytes[i + 1] === 117 /* u */) {
      const written = unescapeUnit(bytes, i, end - 1, out, length);
      if (written === 0) return null;
      length += written;
      i += written === 4 ? 12 : 6;
    } else {
      const meant = escapes[bytes[i + 1]!]!;
      if (meant === 0 || i + 1 >= end - 1) return null;
      out[length++] = meant;
      i += 2;
    }
  }
  return out.subarray(0, length);
}

/** Writes the character of the `\uXXXX` at `at`, or of the pair of them; returns its length in bytes, 0 if it is none. */
function unescapeUnit(bytes: Buffer, at: number, end: number, out: Buffer, to: number): number {
  const unit = hexAt(bytes, at + 2, end);
  if (unit < 0 || (unit >= 0xdc00 && unit < 0xe000)) return 0;
  if (unit < 0xd800 || unit >= 0xe000) return out.write(String.fromCharCode(unit), to);
  const low = bytes[at + 6] === BACKSLASH && bytes[at + 7] === 117 ? hexAt(bytes, at + 8, end) : -1;
  return low >= 0xdc00 && low < 0xe000 ? out.write(String.fromCharCode(unit, low), to) : 0;
}

/** The number that four hexadecimal digits stand for, or -1. */
function hexAt(bytes: Buffer, at: number, end: number): number {
  const text = at + 4 <= end ? bytes.toString('latin1', at, at + 4) : '';
  return /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : -1;
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
