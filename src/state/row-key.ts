/** A row's hash as one number, for sets. */
export function wide(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo);
}

/** A row's hash as eight bytes, higher word first, so that keys sort as bytes like they do as numbers. */
export function writeKey(into: Uint8Array, at: number, hi: number, lo: number): void {
  for (let i = 0; i < 4; i++) {
    into[at + i] = hi >>> (24 - 8 * i);
    into[at + 4 + i] = lo >>> (24 - 8 * i);
  }
}

/** The same bytes for each number of a set. */
export function keysOf(wides: ReadonlySet<bigint>): Uint8Array<ArrayBuffer> {
  const keys = new Uint8Array(wides.size * 8);
  let at = 0;
  for (const key of wides) {
    writeKey(keys, at, Number(key >> 32n), Number(key & 0xffffffffn));
    at += 8;
  }
  return keys;
}
