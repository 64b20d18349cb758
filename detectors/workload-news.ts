import type { TokenEvent } from '../src/model/event.ts';
import type { Finding } from '../src/model/finding.ts';
import { noveltyBits } from '../src/stats/novelty.ts';
import { graceDays } from './habit.ts';
import { confidenceOf } from './use.ts';
import type { WorkloadRecord } from './workload-records.ts';

/** Kinds of news about a workload, as places in `newDays`. */
export const [wandering, sharing, phase, target] = [0, 1, 2, 3] as const;
export type News = typeof wandering | typeof sharing | typeof phase | typeof target;

export function isSettled(identity: WorkloadRecord): boolean {
  return identity.activeDays > graceDays;
}

/** How improbable a day with news of this kind is, in bits: a second piece on the same day makes it no less so. */
export function bitsOfNews({ newDays, lastNewDays, activeDays }: WorkloadRecord, news: News, day: number): number {
  return noveltyBits(newDays.get(news) - (lastNewDays.get(news) === day ? 1 : 0), activeDays);
}

/** News of this kind came on this day. */
export function countNews({ newDays, lastNewDays }: WorkloadRecord, news: News, day: number): void {
  if (lastNewDays.get(news) === day) return;
  lastNewDays.set(news, day);
  newDays.set(news, Math.min(65_535, newDays.get(news) + 1));
}

export interface Told {
  readonly severity: Finding['severity'];
  readonly bits: number;
  /** 0 to 1, before history counts. */
  readonly certainty: number;
  readonly reason: string;
  readonly observed: Finding['observed'];
  readonly baseline?: Finding['baseline'];
  readonly deviates: Finding['deviates'];
}

export function findingOf(event: TokenEvent, identity: WorkloadRecord, told: Told): Finding {
  const { activeDays } = identity;
  return {
    severity: told.severity, surpriseBits: Math.round(told.bits * 10) / 10,
    confidence: confidenceOf(event, told.certainty * (0.5 + 0.5 * activeDays / (activeDays + 7))),
    reason: told.reason, baseline: { activeDays, ...told.baseline }, observed: told.observed, deviates: told.deviates,
  };
}
