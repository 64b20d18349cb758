import type { FeedStatus, SourceHealth } from '../live.ts';
import type { Partition } from './partition.ts';
import { positionText } from './position.ts';

/** Signs of life older than this mean that nothing is read. */
const staleMs = 15_000;

/** What a source has seen of its brokers. Times are of the machine's clock, `null` before the first. */
export interface LifeSigns {
  readonly hasSession: boolean;
  /** The loop of fetching went round. */
  readonly turnedMs: number;
  /** Records were asked for with success. */
  readonly fetchedMs: number | null;
  /** The ends of the logs were asked for with success. */
  readonly polledMs: number | null;
  /** What went wrong last. */
  readonly problem: string | null;
  readonly missingTopics: readonly string[];
  /** Why framed values wait to be decoded. */
  readonly schemaProblem: string | null;
}

/** So many stopped partitions are named. */
const maxNamed = 20;

/** Reading goes on, or not. A partition that is stopped is said, but only all of them together make the whole ill. */
export function healthOf(signs: LifeSigns, partitions: readonly Partition[], nowMs: number): SourceHealth {
  const { turnedMs, fetchedMs, polledMs, missingTopics, schemaProblem } = signs;
  const lastFetchMs = partitions.some(({ isFlowing }) => isFlowing) ? fetchedMs : latest(fetchedMs, polledMs);
  const isReading = signs.hasSession && nowMs - turnedMs < staleMs && nowMs - (lastFetchMs ?? 0) < staleMs;
  const stopped = partitions.filter(({ stoppedBecause }) => stoppedBecause !== null);
  const detail = [
    isReading ? `reads ${partitions.length - stopped.length} partitions` : `reads nothing: ${signs.problem ?? 'no answer from Kafka'}`,
    ...(schemaProblem === null ? [] : [`framed records wait: ${schemaProblem}`]),
    ...stopped.slice(0, maxNamed).map(({ feed }) => `${feed} is stopped`),
    ...(stopped.length > maxNamed ? [`${stopped.length - maxNamed} more are stopped`] : []),
    ...missingTopics.map((topic) => `topic ${topic} is missing`),
  ].join('; ');
  const isAllStopped = stopped.length > 0 && stopped.length === partitions.length;
  const isWell = isReading && !isAllStopped && schemaProblem === null;
  return { ok: isWell, lastFetchMs, lag: partitions.length === 0 && polledMs === null ? null : lagOf(partitions), detail };
}

/** How each partition stands. */
export function feedsOf(partitions: readonly Partition[]): FeedStatus[] {
  return partitions.map((partition) => {
    const { feed, position, stoppedBecause } = partition;
    return { feed, position: position === null ? null : positionText(position), lag: lagOf([partition]), stoppedBecause };
  });
}

/** Records not read yet in all partitions; `null` while that of one is unknown. */
function lagOf(partitions: readonly Partition[]): number | null {
  let lag = 0;
  for (const { range, position } of partitions) {
    if (range === null || position === null) return null;
    lag += Math.max(0, range.high - position.next);
  }
  return lag;
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.max(a, b);
}
