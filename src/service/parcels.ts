import type { Normalizer } from '../ingest/normalizer.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';
import type { Parcel } from './feeds.ts';
import type { Delivery } from './port.ts';

/** No event is believed to have been complete later than this after its record was received. */
const aheadMs = 5 * 60_000;

/** Turns what a source delivered into events and refusals, in order. Pure but for the normalizer's memory of formats. */
export function normalizeDelivery(delivery: Delivery, normalizer: Normalizer): Parcel {
  const latestMs = delivery.receivedMs + aheadMs;
  const events: TokenEvent[] = [];
  const refusals: Refusal[] = [];
  let ignored = 0;
  let timeMs = Number.POSITIVE_INFINITY;
  for (const item of delivery.items) {
    if ('reason' in item) {
      refusals.push(item);
      continue;
    }
    const outcome = normalizer.normalize(item);
    if (outcome.kind === 'ignored') ignored++;
    else if (outcome.kind === 'refused') refusals.push(outcome.refusal);
    else {
      const { event } = outcome;
      if (event.orderMs > latestMs) event.orderMs = latestMs;
      timeMs = Math.min(timeMs, event.orderMs);
      events.push(event);
    }
  }
  const { feed, position, receivedMs } = delivery;
  return { feed, position, events, refusals, ignored, timeMs: Number.isFinite(timeMs) ? timeMs : receivedMs };
}
