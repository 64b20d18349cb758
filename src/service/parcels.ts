import type { Normalizer } from '../ingest/normalizer.ts';
import type { TokenEvent } from '../model/event.ts';
import type { Refusal } from '../model/quarantine.ts';
import type { Parcel } from './feeds.ts';
import type { Delivery } from '../ingest/live.ts';

/** No event is believed to have been complete later than this after its record was received. */
const aheadMs = 5 * 60_000;

const noRefusals: readonly Refusal[] = [];

/** Turns what a source delivered into events and refusals, in order. Pure but for the normalizer's memory of formats. */
export function normalizeDelivery(delivery: Delivery, normalizer: Normalizer): Parcel {
  const { feed, position, receivedMs, bytes, items } = delivery;
  const events: TokenEvent[] = delivery.events === undefined ? [] : [...delivery.events];
  let refusals: Refusal[] | null = null;
  let ignored = delivery.ignored ?? 0;
  for (const item of items) {
    if ('reason' in item) {
      (refusals ??= []).push(item);
      continue;
    }
    const outcome = normalizer.normalize(item);
    if (outcome.kind === 'event') events.push(outcome.event);
    else if (outcome.kind === 'ignored') ignored++;
    else (refusals ??= []).push(outcome.refusal);
  }
  const capped = capTimes(events, receivedMs + aheadMs);
  return { feed, position, events, refusals: refusals ?? noRefusals, ignored, bytes, capped, timeMs: earliestOf(events, receivedMs), taken: null };
}

/** How many events were too far ahead. */
function capTimes(events: readonly TokenEvent[], latestMs: number): number {
  let capped = 0;
  for (const event of events) {
    if (event.orderMs <= latestMs) continue;
    event.orderMs = latestMs;
    capped++;
  }
  return capped;
}

/** The earliest completion time, that of receipt where there is no event. */
function earliestOf(events: readonly TokenEvent[], receivedMs: number): number {
  let earliestMs = Number.POSITIVE_INFINITY;
  for (const { orderMs } of events) if (orderMs < earliestMs) earliestMs = orderMs;
  return Number.isFinite(earliestMs) ? earliestMs : receivedMs;
}
