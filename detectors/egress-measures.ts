import type { TokenEvent } from '../src/model/event.ts';
import type { Narrowest } from '../src/stats/peak-book.ts';

/** Measures in the order of the arrays. Shared keys keep the first four, an identity all. */
export const measures = { windowBytes: 0, windowRequests: 1, dayBytes: 2, dayRequests: 3, dayObjects: 4, hourBytes: 5, hourRequests: 6, sizes: 7 } as const;
export const sharedMeasures = 4;
export const ownMeasures = 8;
/** Those that are sums of something; the last one is a measure of a shift. */
export const ownSums = 7;
/** The first measure of about an hour: bytes, then requests. */
export const firstOfHour = measures.hourBytes;

export type Unit = 'bytes' | 'modelTokens' | 'requests' | 'objects' | 'sizes';
export type Span = 'window' | 'hour' | 'day';
export interface MeasureKind { readonly unit: Unit; readonly span: Span }

/** What the measures are, in their order. */
export const kinds: readonly MeasureKind[] = [
  { unit: 'bytes', span: 'window' }, { unit: 'requests', span: 'window' },
  { unit: 'bytes', span: 'day' }, { unit: 'requests', span: 'day' }, { unit: 'objects', span: 'day' },
  { unit: 'bytes', span: 'hour' }, { unit: 'requests', span: 'hour' }, { unit: 'sizes', span: 'day' },
];

/** The measure at a place that is none of the above. */
export const someKind: MeasureKind = { unit: 'bytes', span: 'day' };

/** Ten minutes can hang on one call and are more ragged than days; what several share is less even than what one takes. */
export const narrowest: Narrowest = [0.2, 0.2, 0.1, 0.1, 0.15, 0.15, 0.15, 0.2];
export const narrowestShared: Narrowest = [0.2, 0.2, 0.15, 0.15];

export const dayMs = 86_400_000;
/** Ten minutes: short enough to stop a theft early, long enough to hold a workload's burst. */
export const windowMs = 600_000;
export const windowsPerDay = dayMs / windowMs;
export const hourMs = 3_600_000;
/** What was taken counts for a third of itself after so long: a sum of about an hour that begins at no fixed time. */
export const hourMemoryMs = 2_400_000;

/** What a token of a language model counts for where no bytes are logged: a word or a part of one, about four letters. */
const bytesPerModelToken = 4;

/** Bytes that the event took; those of what a model read and wrote where nothing else tells. */
export function volumeOf({ bytesOut, modelTokens }: TokenEvent): number {
  if (bytesOut !== null) return Math.max(0, bytesOut);
  return modelTokens === null ? 0 : modelTokens * bytesPerModelToken;
}

/** A measure of bytes as an event of a model is told of it. */
export function toldAs(kind: MeasureKind, { bytesOut, modelTokens }: TokenEvent): MeasureKind {
  return kind.unit === 'bytes' && bytesOut === null && modelTokens !== null ? { unit: 'modelTokens', span: kind.span } : kind;
}

/** A measure's value in the unit that it is told in. */
export function inUnit({ unit }: MeasureKind, value: number): number {
  return unit === 'modelTokens' ? value / bytesPerModelToken : value;
}

/** What a request counts for beside its bytes when a sum is shared out among those who brought it. */
const bytesPerRequest = 2_000;

/** Weight of bytes and requests in one number. */
export function weightOf(bytes: number, requests: number): number {
  return bytes + requests * bytesPerRequest;
}
