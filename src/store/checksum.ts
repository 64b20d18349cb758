import { crc32 } from 'node:zlib';

/** CRC-32 over several values: SQLite itself does not notice a changed bit inside a value. */
export function checksum(...values: readonly (string | number | Uint8Array)[]): number {
  let sum = 0;
  for (const value of values) sum = crc32(typeof value === 'number' ? `${value}\0` : value, sum);
  return sum;
}
