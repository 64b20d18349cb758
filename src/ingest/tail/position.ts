/** So many bytes before a position are summed up in it. */
export const markBytes = 64;

/**
 * Where to go on in a file. A file that holds other bytes before `offset` is not the one that was read there: it was
 * emptied and filled again, or is another.
 */
export interface FilePosition {
  /** Where a record begins, in bytes of the (decompressed) file. */
  readonly offset: number;
  /** Checksum of the up to 64 bytes before it. */
  readonly mark: number;
  /** So many items behind `offset` are read already: it is within a document that holds many. */
  readonly skip: number;
}

export function positionText(offset: number, mark: number, skip: number): string {
  return skip === 0 ? `${offset}.${mark}` : `${offset}.${mark}.${skip}`;
}

/** `null` for what is no position in a file. */
export function parsePosition(text: string | null): FilePosition | null {
  const match = /^(\d{1,15})\.(\d{1,10})(?:\.(\d{1,15}))?$/.exec(text ?? '');
  return match === null ? null : { offset: Number(match[1]), mark: Number(match[2]), skip: Number(match[3] ?? 0) };
}

/** The checksum (FNV-1a) of up to 64 bytes that end before `end`. */
export function markOf(bytes: Uint8Array, end: number): number {
  let sum = 0x811c9dc5;
  for (let at = Math.max(0, end - markBytes); at < end; at++) sum = Math.imul(sum ^ bytes[at]!, 0x01000193);
  return sum >>> 0;
}
