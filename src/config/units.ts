import { isIP } from 'node:net';

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000,
};
const byteUnits: Readonly<Record<string, number>> = {
  B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12,
  KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40,
};

/** Patterns are linear in the length of the text and stand in the published schema as they are. */
export const durationPattern = /^(?:0|\d{1,9}(?:ms|s|m|h|d|w))$/;
export const bytesPattern = /^\d{1,15}(?:B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?$/;

/** Milliseconds of a duration such as `10m`, `30d` or `0`; `null` when it is none. */
export function durationMs(text: string | number): number | null {
  if (text === 0) return 0;
  return typeof text === 'string' && durationPattern.test(text) ? quantity(text, durationUnits) : null;
}

/** Bytes of a size such as `10MB`, `1GiB` or a plain number; `null` when it is none. */
export function byteCount(text: string | number): number | null {
  if (typeof text === 'number') return Number.isSafeInteger(text) && text >= 0 ? text : null;
  return bytesPattern.test(text) ? quantity(text, byteUnits) : null;
}

function quantity(text: string, units: Readonly<Record<string, number>>): number {
  const amount = Number.parseInt(text, 10);
  const unit = text.replace(/^\d+/, '');
  return unit === '' ? amount : amount * (units[unit] ?? Number.NaN);
}

/** An address with a prefix length, such as `10.20.0.0/16` or `2001:db8::/32`. */
export function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  const version = isIP(text.slice(0, slash === -1 ? text.length : slash));
  if (slash === -1 || version === 0) return false;
  const length = text.slice(slash + 1);
  return /^\d{1,3}$/.test(length) && Number(length) <= (version === 4 ? 32 : 128);
}

/** A time zone that this machine knows by its IANA name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
