import { performance } from 'node:perf_hooks';
import type { Assembly } from '../../assemble.ts';
import type { EventSorter } from '../../ingest/sort/sorter.ts';
import { CheckpointRule } from './checkpoints.ts';
import type { LineWriter } from './line-writer.ts';
import type { ReplayRequest } from './request.ts';
import type { Tally } from './statistics.ts';

/** Hands the sorted events to the engine and keeps the store in step. */
export async function processSorted(
  { loop, state }: Assembly, sorter: EventSorter, tally: Tally, events: LineWriter | null, request: ReplayRequest,
): Promise<void> {
  const checkpoints = new CheckpointRule(state, request.dataDir !== null, performance.now());
  for (const batch of sorter.finish()) {
    for (const { event, feed, ordinal } of batch) {
      tally.offered++;
      if (loop.take(feed, ordinal, event) === 'duplicate') tally.repeated++;
    }
    loop.commit();
    if (checkpoints.isDue(performance.now())) await loop.checkpoint();
    request.progress.update(tally.emitted, null, 'events judged');
    await events?.relieve();
  }
  // The end of the input is the end of waiting for other halves.
  loop.end();
  loop.commit();
  if (loop.diverged) request.warn('the inputs are not those of the interrupted run in this data folder; alerts of its last moments may differ');
}
