import type { Incident } from '../model/alert.ts';
import type { AlertSummary, TrendWeek } from '../server/api/shapes.ts';

const dayMs = 24 * 3_600_000;
const weekMs = 7 * dayMs;
/** 1970 began on a Thursday; weeks begin on Monday, UTC. */
const mondayMs = 4 * dayMs;
const weeks = 12;

/** One incident as it stands, with when the first step about it was proven to work; `null`: none was. */
export interface Told { readonly incident: Incident; readonly alerts: readonly AlertSummary[]; readonly containedMs: number | null }

/** Week by week up to that of the newest event, by when incidents began. Pure. */
export function trendWeeks(told: Iterable<Told>, newestMs: number): TrendWeek[] {
  const lastMs = Math.floor((newestMs - mondayMs) / weekMs) * weekMs + mondayMs;
  const firstMs = lastMs - (weeks - 1) * weekMs;
  const byWeek = Array.from({ length: weeks }, (): Told[] => []);
  for (const one of told) {
    const place = Math.floor((one.incident.startMs - firstMs) / weekMs);
    if (one.incident.mergedInto === null && one.alerts.length > 0) byWeek[place]?.push(one);
  }
  return byWeek.map((own, place) => weekOf(own, firstMs + place * weekMs));
}

function weekOf(own: readonly Told[], startMs: number): TrendWeek {
  const alerts = own.flatMap((one) => one.alerts);
  const real = own.filter((one) => !one.alerts.every(isFalse));
  return {
    startMs, alerts: alerts.length, incidents: own.length, thefts: alerts.filter(({ closedAs }) => closedAs === 'theft').length,
    falseAlerts: alerts.filter(isFalse).length, bytesOut: real.reduce((sum, one) => sum + bytesOf(one), 0),
    detectMs: median(real.map(({ incident, alerts: [...found] }) => Math.min(...found.map(({ createdMs }) => createdMs)) - incident.startMs)),
    containMs: median(real.flatMap(({ incident, containedMs }) => (containedMs === null ? [] : [containedMs - incident.startMs]))),
    exposureMs: median(real.map(({ incident, containedMs }) => (containedMs ?? incident.endMs) - incident.startMs)),
  };
}

function isFalse({ closedAs }: AlertSummary): boolean {
  return closedAs === 'false_alarm' || closedAs === 'benign';
}

/** Alerts on one identity tell of the same bytes in several ways: the largest counts. */
function bytesOf({ alerts }: Told): number {
  const most = new Map<string | null, number>();
  for (const { identityId, bytesOut } of alerts) most.set(identityId, Math.max(most.get(identityId) ?? 0, bytesOut));
  return [...most.values()].reduce((sum, bytesOut) => sum + bytesOut, 0);
}

/** Of an even number the lower of the two; nothing is shorter than no time. */
function median(values: readonly number[]): number | null {
  const sorted = values.map((value) => Math.max(0, value)).sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
