/** Unsigned integers below 2^53 in as few bytes as they need: seven bits each, lowest first, the top bit says that more follow. */

export class VarintWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  number(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#byte(rest);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.number(bytes.length);
    for (const byte of bytes) this.#byte(byte);
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = value;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Reads back what a `VarintWriter` wrote. Throws RangeError when the bytes end early. */
export class VarintReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    let value = byte & 127;
    for (let scale = 128; byte > 127; scale *= 128) {
      if (this.#at >= bytes.length || scale > 2 ** 49) throw new RangeError('a number is cut off');
      byte = bytes[this.#at++]!;
      value += (byte & 127) * scale;
    }
    if (this.#at > bytes.length) throw new RangeError('a number is cut off');
    return value;
  }

  text(): string {
    const end = this.skipText();
    return this.#bytes.toString('utf8', end.from, end.to);
  }

  /** Passes over a text; where it stands lets it be decoded later. */
  skipText(): { from: number; to: number } {
    const length = this.number();
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('a text is cut off');
    return { from, to: this.#at };
  }
}
