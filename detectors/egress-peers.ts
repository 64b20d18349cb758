import { daysKnown, knownPeak, peakValue, type PeakBook } from '../src/stats/peak-book.ts';
import { kinds, measures, narrowest, sharedMeasures } from './egress-measures.ts';
import type { EgressParameters, EgressRecords } from './egress-records.ts';

/** The largest identity of a workload or account is a loose measure of a new one. */
const workloadFactor = 4;
const accountFactor = 10;
/** So far beyond its own few peaks a young identity may go. */
const ownYoungFactor = 4;
/** Beside an account's other identities a newcomer may still be its first batch job: at least this share of the fixed amount. */
const accountShare = 0.2;
/** Days, of a workload or account active ones, after which a workload, an account or a resource can speak for those who are new to it. */
export const peerDays = 14;
const noLimit = Infinity;

/** Within what its peers warrant, or near what it reached itself, however seldom it worked. */
export function isYoungAndQuiet(records: EgressRecords, measure: number, value: number, values: EgressParameters): boolean {
  if (value < youngLimit(records, measure, values)) return true;
  const own = records.identity === null ? null : knownPeak(records.identity, measure, narrowest);
  return own !== null && value < ownYoungFactor * peakValue(own);
}

function youngLimit(records: EgressRecords, measure: number, values: EgressParameters): number {
  if (measure >= sharedMeasures) return noLimit;
  const by = judgeBook(records, measure);
  if (by !== null && by === records.workload) return by.limits.get(measure) * workloadFactor;
  if (by !== null) return Math.max(by.limits.get(measure) * accountFactor, kinds[measure]?.unit === 'bytes' ? accountShare * values.coldStartBytes : 0);
  return measure === measures.dayBytes ? values.coldStartBytes : noLimit;
}

/** The book that a young identity is judged by; `null` for the fixed amount. */
export function judgeBook(records: EgressRecords, measure: number): PeakBook | null {
  const { workload, account } = records;
  if (workload !== null && canJudgeOthers(workload, measure)) return workload;
  return account !== null && canJudgeOthers(account, measure) ? account : null;
}

function canJudgeOthers(peers: PeakBook, measure: number): boolean {
  return peers.limits.get(measure) > 0 && daysKnown(peers) >= peerDays;
}
