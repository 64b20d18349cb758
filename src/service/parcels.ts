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
  const { feed, position, receivedMs, bytes } = delivery;
  return { feed, position, events, refusals, ignored, bytes, ...capTimes(events, receivedMs), taken: null };
}

/** The earliest completion time, that of receipt where there is no event, and how many events were too far ahead. */
function capTimes(events: readonly TokenEvent[], receivedMs: number): { timeMs: number; capped: number } {
  const latestMs = receivedMs + aheadMs;
  let earliestMs = Number.POSITIVE_INFINITY;
  let capped = 0;
  for (const event of events) {
    if (event.orderMs > latestMs) {
      event.orderMs = latestMs;
      capped++;
    }
    earliestMs = Math.min(earliestMs, event.orderMs);
  }
  return { timeMs: Number.isFinite(earliestMs) ? earliestMs : receivedMs, capped };
}
