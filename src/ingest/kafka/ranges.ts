import type { Partition } from './partition.ts';
import { feedOf, type LogRange } from './position.ts';
import type { Session } from './session.ts';

/** What the logs of some partitions hold; `null` where the broker does not answer. */
export async function rangesOf(session: Session, partitions: readonly Partition[]): Promise<Map<string, LogRange> | null> {
  const found = new Map<string, LogRange>();
  try {
    for (const topic of new Set(partitions.map(({ topic }) => topic))) {
      for (const [partition, range] of await session.ranges(topic)) found.set(feedOf(topic, partition), range);
    }
    if (partitions.some(({ feed }) => !found.has(feed))) await session.refresh();
    return found;
  } catch {
    return null;
  }
}
