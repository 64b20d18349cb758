import type { TokenEvent } from '../../model/event.ts';
import type { QuarantineReason, Refusal } from '../../model/quarantine.ts';
import type { Origin, Outcome, RawRecord } from '../record.ts';
import { decodeEvent, encodeEvent } from '../sort/encode.ts';
import { recordsOf, type BodyProblem } from './body.ts';

/** What a batch came to. Its events are encoded already. */
export interface NormalizedBatch {
  readonly events: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly ignored: number;
}

/** A batch read back from the spool. */
export interface SpooledPayload {
  readonly events: readonly TokenEvent[];
  readonly refusals: readonly Refusal[];
  readonly ignored: number;
}

/** More records than this make two batches. */
const maxRecords = 50_000;

/** Splits and normalizes a batch; of the records themselves nothing is left then. */
export async function normalizeBatch(
  bytes: Buffer, origin: Origin, normalize: (record: RawRecord) => Outcome,
): Promise<NormalizedBatch | BodyProblem> {
  const events: string[] = [];
  const refusals: Refusal[] = [];
  let ignored = 0;
  for await (const items of recordsOf(bytes, origin)) {
    for (const item of items) {
      const outcome: Outcome = 'reason' in item ? { kind: 'refused', refusal: item } : normalize(item);
      if (outcome.kind === 'event') events.push(encodeEvent(outcome.event));
      else if (outcome.kind === 'refused') refusals.push(outcome.refusal);
      else ignored++;
    }
    if (events.length + refusals.length + ignored > maxRecords) return { status: 413, problem: 'too_many_records' };
  }
  return { events, refusals, ignored };
}

/** One line for the rest, then one for each event. */
export function encodePayload({ events, refusals, ignored }: NormalizedBatch): string {
  return [JSON.stringify({ ignored, refusals }), ...events].join('\n');
}

/** What `encodePayload` wrote. Throws where it was written by a version that knew other fields. */
export function decodePayload(payload: string): SpooledPayload {
  const [head = '', ...lines] = payload.split('\n');
  const { ignored, refusals } = JSON.parse(head) as { ignored: number; refusals: Refusal[] };
  return { events: lines.map(decodeEvent), refusals, ignored };
}

/** So many refusals are told one by one. */
const maxTold = 20;

/** What the sender is told: counts, and where the first refused records stand. Never what they hold. */
export function answerText(batchId: string, { events, refusals, ignored }: NormalizedBatch): string {
  const reasons: Partial<Record<QuarantineReason, number>> = {};
  for (const { reason } of refusals) reasons[reason] = (reasons[reason] ?? 0) + 1;
  const first = refusals.slice(0, maxTold).map(({ offset, index, reason, detail }) => ({ offset, index, reason, detail }));
  return JSON.stringify({
    batch: batchId, records: events.length + refusals.length + ignored, accepted: events.length, ignored,
    refused: { total: refusals.length, reasons, first },
  });
}
