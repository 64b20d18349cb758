/** Offsets of IANA zones, from the tables that come with Node. */

/** Offsets change only on quarters of an hour, so one look-up serves all times within one. */
const quarterMs = 900_000;
const maxCached = 4096;

interface Zone { readonly format: Intl.DateTimeFormat; readonly offsets: Map<number, number> }
const zones = new Map<string, Zone>();

/** Is this the name of a zone that `parseTime` can use? */
export function isTimezone(name: string): boolean {
  try {
    openZone(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * UTC of a local time in a zone. An hour that occurs twice is taken the first time; one
 * that is skipped counts from the offset before the change. Throws RangeError for a zone
 * that does not exist: check configurations with `isTimezone`.
 */
export function toUtc(localMs: number, timezone: string): number {
  if (timezone === 'UTC') return localMs;
  // The offset a day earlier is the one before any change that the local time could be near to.
  const before = offsetAt(localMs - 86_400_000, timezone);
  const utcMs = localMs - before;
  const actual = offsetAt(utcMs, timezone);
  if (actual === before) return utcMs;
  const corrected = localMs - actual;
  return offsetAt(corrected, timezone) === actual ? corrected : utcMs;
}

/** Milliseconds that the zone's clock is ahead of UTC at a moment. */
function offsetAt(utcMs: number, timezone: string): number {
  const zone = zones.get(timezone) ?? openZone(timezone);
  const quarter = Math.floor(utcMs / quarterMs);
  let offset = zone.offsets.get(quarter);
  if (offset === undefined) {
    offset = computeOffset(zone.format, quarter * quarterMs);
    if (zone.offsets.size >= maxCached) zone.offsets.clear();
    zone.offsets.set(quarter, offset);
  }
  return offset;
}

function openZone(timezone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
    hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  const zone = { format, offsets: new Map<number, number>() };
  if (zones.size >= maxCached) zones.clear();
  zones.set(timezone, zone);
  return zone;
}

function computeOffset(format: Intl.DateTimeFormat, utcMs: number): number {
  const field: Record<string, number> = {};
  for (const part of format.formatToParts(utcMs)) field[part.type] = Number(part.value);
  return Date.UTC(field['year']!, field['month']! - 1, field['day'], field['hour'], field['minute'], field['second']) - utcMs;
}
