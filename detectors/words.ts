import type { TokenEvent } from '../src/model/event.ts';

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes as people say them, in decimal units: `84.7 GB`. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${threeFigures(unit === 0 ? Math.round(value) : value)} ${byteUnits[unit] ?? 'EB'}`;
}

/** A number without false precision: `9.1`, `140`, `12,400`. */
export function countInWords(count: number): string {
  if (count < 1000) return threeFigures(count);
  return Math.round(count).toString().replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const durationUnits: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], [1000, 'second'],
];

/** A duration in its largest unit that leaves at least two of it: `18 months` are `540 days`, 90 s are `90 seconds`. */
export function durationInWords(durationMs: number): string {
  for (const [unitMs, name] of durationUnits) {
    if (durationMs >= 2 * unitMs) return `${countInWords(Math.round(durationMs / unitMs))} ${name}s`;
  }
  return durationMs >= 1000 ? '1 second' : 'less than a second';
}

/** A number of things: `1 day`, `12 days`. */
export function plural(count: number, thing: string): string {
  return count === 1 ? `1 ${thing}` : `${countInWords(count)} ${thing}s`;
}

/** How often it did so, of all the days it has been known for: `in 40 days it did so on none`. */
export function habitInWords(days: number, before: number): string {
  if (days === 0) return 'it was first seen today';
  return `in ${plural(days, 'day')} it did so on ${before === 0 ? 'none' : plural(before, 'day')}`;
}

/** On how many days before it did so: `it never did so before`. */
export function beforeInWords(days: number): string {
  return days === 0 ? 'it never did so before' : `it did so on ${plural(days, 'day')} before`;
}

/** The end of a sentence about somebody who stands out in another way as well. */
export const openIncident = ', and an incident is open for it';

/** Whom an event is about, as an analyst would name it. Never the token's secret: events hold none. */
export function nameOf(event: TokenEvent): string {
  return event.identityName ?? event.identityId ?? event.tokenHandle ?? 'an unnamed caller';
}

/** Where an event comes from, as an analyst would name it. */
export function placeOf(event: TokenEvent): string {
  const owner = event.networkName ?? event.asOrganization ?? (event.asNumber === null ? null : `AS${event.asNumber}`);
  const address = event.sourceIp ?? event.sourceAddress ?? event.networkBlock ?? 'an unknown address';
  return owner === null ? address : `${address} (${owner}${event.country === null ? '' : `, ${event.country}`})`;
}

/** A call as an analyst would name it: its operation, else the method and where it went. */
export function callOf({ action, method, route, urlPath, resourceId }: TokenEvent): string {
  return action ?? `${method ?? 'a call'} ${route ?? urlPath ?? resourceId ?? ''}`.trim();
}

function threeFigures(value: number): string {
  if (value >= 100) return Math.round(value).toString();
  return Number(value.toPrecision(value >= 10 ? 3 : 2)).toString();
}
