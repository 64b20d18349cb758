import type { GoOnFrom } from '../live.ts';
import type { Partition } from './partition.ts';
import { misfit, positionText } from './position.ts';
import type { Session } from './session.ts';

/** The position at which a partition's log can be read on; `null` where it does not reach there, or Kafka does not answer. */
export async function placeToGoOn(partition: Partition | undefined, session: Session | null, from: GoOnFrom): Promise<string | null> {
  if (partition === undefined || session === null) return null;
  // What was handed over before it stopped may still move its position.
  await partition.delivered.catch(() => undefined);
  const ranges = await session.ranges(partition.topic).catch(() => null);
  const range = ranges?.get(partition.partition);
  if (range === undefined) return null;
  const next = from === 'earliest' ? range.low : from === 'end' ? range.high : from;
  return misfit(next, range) === null ? positionText({ next, lastMs: null }) : null;
}
