import { dayMs, hourMs, type LogFormat } from './calls.ts';

interface Outage { readonly log: LogFormat; readonly fromMs: number; readonly untilMs: number }

/** One afternoon, one weekend and two hours of logs are missing. */
const outages: readonly Outage[] = [
  { log: 'kong.http_log', fromMs: 306 * dayMs, untilMs: 308 * dayMs },
  { log: 'envoy.access', fromMs: 322 * dayMs + 13 * hourMs, untilMs: 322 * dayMs + 19 * hourMs },
  { log: 'issuer', fromMs: 330 * dayMs + 9 * hourMs, untilMs: 330 * dayMs + 11 * hourMs },
];
/** A replay tells of a silence when it is over: with the next record, which small logs take that long to bring. */
const nextRecordMs = 3 * hourMs;

export function isLost(log: LogFormat, atMs: number): boolean {
  return outages.some((outage) => outage.log === log && atMs >= outage.fromMs && atMs < outage.untilMs);
}

/** Was the log silent just before? */
export function wasSilent(log: string, atMs: number): boolean {
  return outages.some((outage) => outage.log === log && atMs >= outage.fromMs && atMs < outage.untilMs + nextRecordMs);
}
