import type { Assembly } from '../../assemble.ts';
import type { EventSorter } from '../../ingest/sort/sorter.ts';
import type { LineWriter } from './line-writer.ts';
import type { ReplayRequest } from './replay.ts';
import type { Tally } from './statistics.ts';

/** Ticks come at every whole minute that event time passes; a long silence is one tick. */
const tickMs = 60_000;
/** Events between two effects transactions. */
const batchSize = 5_000;

/** Hands the sorted events to the engine, with ticks between them, and commits as it goes. */
export async function processSorted(
  assembly: Assembly, sorter: EventSorter, tally: Tally, events: LineWriter | null, request: ReplayRequest,
): Promise<void> {
  const { engine, positions } = assembly;
  let lastTick = Math.floor(engine.nowMs / tickMs);
  let done = 0;
  for await (const batch of sorter.finish()) {
    for (const { event, feed, ordinal } of batch) {
      tally.offered++;
      if (!positions.advance(feed, event.orderMs, ordinal)) {
        tally.repeated++;
        continue;
      }
      const minute = Math.floor(event.orderMs / tickMs);
      if (minute > lastTick) {
        assembly.tick(minute * tickMs);
        lastTick = minute;
      }
      if (assembly.process(feed, event) === 'duplicate') tally.repeated++;
      if (++done % batchSize === 0) await assembly.commit();
    }
    request.progress.update(tally.offered, null, 'events');
    await events?.relieve();
  }
  assembly.tick(Number.MAX_SAFE_INTEGER);
  await assembly.commit();
}
