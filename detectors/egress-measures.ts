import type { Narrowest } from '../src/stats/peak-book.ts';

/** Measures in the order of the arrays. Shared keys keep the first four, an identity all five. */
export const measures = { windowBytes: 0, windowRequests: 1, dayBytes: 2, dayRequests: 3, dayObjects: 4 } as const;
export const sharedMeasures = 4;
export const ownMeasures = 5;

export type Unit = 'bytes' | 'requests' | 'objects';
export interface MeasureKind { readonly unit: Unit; readonly day: boolean }

/** What the measures are, in their order. */
export const kinds: readonly MeasureKind[] = [
  { unit: 'bytes', day: false }, { unit: 'requests', day: false },
  { unit: 'bytes', day: true }, { unit: 'requests', day: true }, { unit: 'objects', day: true },
];

/** Ten minutes can hang on one call and are more ragged than days. */
export const narrowest: Narrowest = [0.2, 0.2, 0.15, 0.15, 0.15];

export const dayMs = 86_400_000;
/** Ten minutes: short enough to stop a theft early, long enough to hold a workload's burst. */
export const windowMs = 600_000;
export const windowsPerDay = dayMs / windowMs;

/** What a request counts for beside its bytes when a sum is shared out among those who brought it. */
const bytesPerRequest = 2_000;

/** Weight of bytes and requests in one number. */
export function weightOf(bytes: number, requests: number): number {
  return bytes + requests * bytesPerRequest;
}
