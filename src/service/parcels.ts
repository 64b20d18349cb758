import type { Normalizer } from '../ingest/normalizer.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';
import type { Parcel } from './feeds.ts';
import type { Delivery } from '../ingest/live.ts';

/** No event is believed to have been complete later than this after its record was received. */
const aheadMs = 5 * 60_000;

/** Turns what a source delivered into events and refusals, in order. Pure but for the normalizer's memory of formats. */
export function normalizeDelivery(delivery: Delivery, normalizer: Normalizer): Parcel {
  const events: TokenEvent[] = [...delivery.events ?? []];
  const refusals: Refusal[] = [];
  let ignored = delivery.ignored ?? 0;
  for (const item of delivery.items) {
    if ('reason' in item) {
      refusals.push(item);
      continue;
    }
    const outcome = normalizer.normalize(item);
    if (outcome.kind === 'ignored') ignored++;
    else if (outcome.kind === 'refused') refusals.push(outcome.refusal);
    else events.push(outcome.event);
  }
  const { feed, position, receivedMs } = delivery;
  return { feed, position, events, refusals, ignored, timeMs: capTimes(events, receivedMs) };
}

/** Answers the earliest completion time, that of receipt where there is no event. */
function capTimes(events: readonly TokenEvent[], receivedMs: number): number {
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const event of events) {
    event.orderMs = Math.min(event.orderMs, receivedMs + aheadMs);
    earliestMs = Math.min(earliestMs, event.orderMs);
  }
  return Number.isFinite(earliestMs) ? earliestMs : receivedMs;
}
