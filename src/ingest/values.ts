/** Small readers that turn what a log wrote into what an event holds. Absent is `null`, never an empty text or a made-up zero. */
import type { Value } from './formats/format.ts';
import { parseTime } from './time.ts';
import type { Json } from './paths.ts';
import type { Lifecycle, TokenKind } from '../model/event.ts';

/** Longest list that is taken over from a record. */
const maxListLength = 64;

/** A text; numbers as their digits. `-`, the empty text and `UNKNOWN` are absent. */
export function text(value: Value | undefined): string | null {
  if (typeof value === 'string') return value === '' || value === '-' || value === 'UNKNOWN' ? null : value;
  return typeof value === 'number' ? String(value) : null;
}

/** A text of at most `maxLength` characters, the rest cut: for what people read, never for ids. */
export function shortText(value: Value | undefined, maxLength = 512): string | null {
  const found = text(value);
  return found !== null && found.length > maxLength ? found.slice(0, maxLength) : found;
}

/** A whole number from 0 to 2^53, also in quotes. */
export function count(value: Value | undefined): number | null {
  const parsed = typeof value === 'string' && value.length > 0 && value.length < 20 ? Number(value) : value;
  return typeof parsed === 'number' && parsed >= 0 && Number.isSafeInteger(parsed) ? parsed : null;
}

/** An amount of money, below zero for a credit; also in quotes. */
export function amount(value: Value | undefined): number | null {
  const parsed = typeof value === 'string' && value.length > 0 && value.length < 40 ? Number(value) : value;
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : null;
}

/** An HTTP status; 0, which proxies write for requests that got none, is absent. */
export function httpStatus(value: Value | undefined): number | null {
  const status = count(value);
  return status !== null && status >= 100 && status <= 599 ? status : null;
}

/** `true` or `false`, also as text of any case. */
export function flag(value: Value | undefined): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True') return true;
  return value === 'false' || value === 'False' ? false : null;
}

/** A list of texts from a list or a single text; `null` when nothing is in it. */
export function texts(value: Json | undefined): readonly string[] | null {
  const list = Array.isArray(value) ? value : [value];
  const found: string[] = [];
  for (let i = 0; i < list.length && i < maxListLength; i++) {
    const item: unknown = list[i];
    const present = typeof item === 'string' ? text(item) : null;
    if (present !== null) found.push(present);
  }
  return found.length === 0 ? null : found;
}

/** Words between spaces: OAuth scopes. */
export function words(value: Value | undefined): readonly string[] | null {
  const found = text(value);
  if (found === null) return null;
  return found.includes(' ') ? texts(found.split(' ', maxListLength)) : [found];
}

/**
 * The path as sent, without query and fragment, without parameters of its segments (`;jsessionid=...`), and without scheme, credentials
 * and host where a client sent them: all of these can carry secrets.
 */
export function pathOnly(value: Value | undefined): string | null {
  const found = text(value);
  if (found === null) return null;
  const start = found.charCodeAt(0) === 47 && found.charCodeAt(1) !== 47 ? 0 : pathStart(found);
  let end = found.indexOf('?', start);
  if (end < 0) end = found.length;
  const fragment = found.indexOf('#', start);
  if (fragment >= 0 && fragment < end) end = fragment;
  if (end === start) return null;
  const path = found.slice(start, end);
  return path.includes(';') ? path.replace(/;[^/]*/g, '') : path;
}

/** Where the path begins in what does not begin with one slash: behind the host of a URL, or of an address with credentials. */
function pathStart(target: string): number {
  const scheme = target.indexOf('://');
  const isAddress = target.startsWith('//') || target.charCodeAt(0) !== 47;
  if (scheme < 0 && !(isAddress && target.includes('@'))) return 0;
  for (let i = scheme < 0 ? 2 : scheme + 3; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === 47 || code === 63 || code === 35) return i;
  }
  return target.length;
}

/** A host name in lower case without its port; credentials before an `@` are dropped. */
export function hostOnly(value: Value | undefined): string | null {
  const found = text(value);
  if (found === null || isPlainHost(found)) return found;
  const host = found.slice(found.lastIndexOf('@') + 1).toLowerCase();
  const bracket = host.charCodeAt(0) === 91 ? host.indexOf(']') : -1;
  if (bracket > 0) return host.slice(0, bracket + 1);
  const colon = host.indexOf(':');
  const name = colon >= 0 && host.indexOf(':', colon + 1) < 0 ? host.slice(0, colon) : host;
  return name === '' ? null : name;
}

/** Only small letters, digits, points, hyphens and underscores: a name as it should be, with nothing to drop. */
function isPlainHost(host: string): boolean {
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    const isPlain = code >= 97 && code <= 122 || code >= 48 && code <= 57 || code === 45 || code === 46 || code === 95;
    if (!isPlain) return false;
  }
  return true;
}

/** A time of a claim or a field, epoch ms; what is no time is absent. */
export function instant(value: Value | undefined, timezone = 'UTC'): number | null {
  return value === undefined || value === null ? null : parseTime(value, timezone, null);
}

/** A table that is asked by words from outside: under the names that every object has it holds nothing. */
export function table<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null) as Record<string, T>, entries);
}

/** What happened to the presented token: nothing when there was none, refused when the call was turned away, else used. */
export function useOf(kind: TokenKind, isRefused: boolean): Lifecycle | null {
  if (kind === 'none') return null;
  return isRefused ? 'refused' : 'used';
}

/** The value, or `fallback` when it is none of those allowed. */
export function oneOf<T extends string>(value: Value | undefined, allowed: readonly T[], fallback: T): T;
export function oneOf<T extends string>(value: Value | undefined, allowed: readonly T[], fallback: null): T | null;
export function oneOf<T extends string>(value: Value | undefined, allowed: readonly T[], fallback: T | null): T | null {
  return typeof value === 'string' && (allowed as readonly string[]).includes(value) ? value as T : fallback;
}
