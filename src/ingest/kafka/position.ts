/** Where a partition is read on, and the time of the record before, by which that one is known again. */
export interface Position {
  /** Offset of the next record. */
  readonly next: number;
  /** Timestamp of the last record read; `null` where none was. */
  readonly lastMs: number | null;
}

export function positionText({ next, lastMs }: Position): string {
  return lastMs === null ? `${next}` : `${next}@${lastMs}`;
}

/** `null` for a text that is no position. A bare offset is one. */
export function parsePosition(text: string): Position | null {
  const parts = /^(\d{1,16})(?:@(-?\d{1,16}))?$/.exec(text);
  if (parts === null) return null;
  return { next: Number(parts[1]), lastMs: parts[2] === undefined ? null : Number(parts[2]) };
}

/** What a partition's log holds: from `low` to before `high`. */
export interface LogRange { readonly low: number; readonly high: number }

/** Why a position is none of this log's; `null` if reading can go on there. */
export function misfit(next: number, { low, high }: LogRange): string | null {
  if (next < low) return `Records ${next} to ${low - 1} were deleted before they were read: the log begins at ${low}.`;
  if (next > high) return `The log ends at ${high}, before our position ${next}: it was truncated, or the topic was made anew.`;
  return null;
}

/** Name of a partition's feed. */
export function feedOf(topic: string, partition: number): string {
  return `kafka/${topic}/${partition}`;
}
