import type { TokenEvent } from './event.ts';

/** Why a record was refused: a fixed word each, so that it can be counted and searched for. */
export const quarantineReasons = [
  'too_large', 'too_deep', 'too_many_keys', 'duplicate_field', 'invalid_utf8', 'invalid_json', 'truncated',
  'unknown_format', 'bad_envelope', 'bad_compression', 'unreadable', 'no_time', 'bad_time', 'bad_field',
  'not_authorised', 'detector_error',
] as const;

export type QuarantineReason = (typeof quarantineReasons)[number];

/** A refused record: where it stands and why, never what it holds. */
export interface Refusal {
  /** Identity of the input whatever its path, where it has one: a refusal at the same place of the same input counts once. */
  identity?: string;
  path: string;
  offset: number;
  index: number | null;
  /** Length of the refused bytes, as far as it was read. */
  length: number;
  reason: QuarantineReason;
  /** One sentence for people. Never quotes the record's content. */
  detail: string;
}

/** Of an event on which a detector threw. */
export function detectorError(detector: string, event: TokenEvent): Refusal {
  const { path, offset, index } = event;
  const detail = `The detector ${detector} failed on this event and skipped it.`;
  return { path: path ?? event.source, offset, index, length: 0, reason: 'detector_error', detail };
}
