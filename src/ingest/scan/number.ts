const maxFastDigits = 15;

/** A number as it was written: beyond 2^53 JavaScript would change its digits, so they stay text. */
export function numberIn(bytes: Buffer, start: number, end: number): number | string {
  if (end - start <= maxFastDigits) {
    let number = 0;
    let at = start;
    for (; at < end; at += 1) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    if (at === end) return number;
  }
  const written = bytes.latin1Slice(start, end);
  const number = Number(written);
  return Math.abs(number) > Number.MAX_SAFE_INTEGER ? written : number;
}
