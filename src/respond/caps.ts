import type { Caps } from '../config/policy.ts';
import type { ResponseStore } from '../store/port.ts';

/** Alerts of this severity have room of their own under every cap, so that many lesser ones cannot use it up. */
export const criticalSeverity = 99;
/** That share of each cap. */
const reserve = 0.2;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export type Lane = 'critical' | 'other';
export const lanes: readonly Lane[] = ['critical', 'other'];

export function laneOf(severity: number): Lane {
  return severity >= criticalSeverity ? 'critical' : 'other';
}

/** Counters live in the store, so that a restart does not reset them. `activeTokens`: used with success in the last 30 days. */
export interface CapsWorld {
  readonly caps: Caps;
  readonly sent: Pick<ResponseStore, 'sentSince'>;
  activeTokens(): number;
}

/** Would one more call be too many? Calls of a future that a clock set back left behind count too. */
export function isOverCap(severity: number, nowMs: number, world: CapsWorld): boolean {
  const { perMinute, perHour, perDay, shareOfTokens } = world.caps;
  const isFull = (spanMs: number, cap: number): boolean => isUsedUp(severity, nowMs - spanMs, cap, world.sent);
  if (isFull(minuteMs, perMinute) || isFull(60 * minuteMs, perHour)) return true;
  // The share is only looked at where it matters: it is worked out over all tokens.
  return isFull(dayMs, perDay) && isFull(dayMs, Math.max(perDay, Math.floor(shareOfTokens * world.activeTokens())));
}

/** Every call counts against the cap; those that are not critical also against the part of it that is not kept for critical ones. */
function isUsedUp(severity: number, sinceMs: number, cap: number, sent: CapsWorld['sent']): boolean {
  const all = sent.sentSince(sinceMs);
  if (all >= cap) return true;
  return laneOf(severity) === 'other' && all - sent.sentSince(sinceMs, criticalSeverity) >= cap - Math.floor(cap * reserve);
}
