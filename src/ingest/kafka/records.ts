import type { BatchProblem, RecordBatch } from './batches.ts';

/**
 * Goes through the records of some batches without making objects of them: `next` puts the next one under the fields. A batch that was
 * refused counts as one record, at its last offset; so does what is left of one whose records turn out not to be well-formed.
 */
export class RecordStream {
  /** Of the present record. */
  offset = -1;
  timeMs = 0;
  batch!: RecordBatch;
  /** `bytes[start, end)` of its batch are its value; `end` is -1 where it has none. */
  start = 0;
  end = -1;
  problem: BatchProblem | null = null;
  #keyStart = 0;
  #keyEnd = -1;
  readonly #batches: readonly RecordBatch[];
  #place = -1;
  /** Records of the present batch that are yet to come, and where the next one begins. */
  #left = 0;
  #at = 0;

  constructor(batches: readonly RecordBatch[]) {
    this.#batches = batches;
  }

  /** The value of the present record. */
  get value(): Buffer | null {
    return this.end < 0 ? null : this.batch.bytes.subarray(this.start, this.end);
  }

  /** The key of the present record. */
  get key(): Buffer | null {
    return this.#keyEnd < 0 ? null : this.batch.bytes.subarray(this.#keyStart, this.#keyEnd);
  }

  /** Another stream that stands at the same record. */
  copy(): RecordStream {
    const copy = new RecordStream(this.#batches);
    copy.#place = this.#place;
    copy.#left = this.#left;
    copy.#at = this.#at;
    [copy.offset, copy.timeMs, copy.batch, copy.start, copy.end, copy.problem] = [this.offset, this.timeMs, this.batch, this.start, this.end, this.problem];
    return copy;
  }

  /** Goes on to the next record; false when there is none. */
  next(): boolean {
    while (this.#left <= 0) {
      this.#place++;
      const batch = this.#batches[this.#place];
      if (batch === undefined) return false;
      this.batch = batch;
      if (batch.problem !== null) return this.#refuse(batch.problem);
      this.#left = batch.count;
      this.#at = batch.start;
    }
    this.#left--;
    this.problem = null;
    return this.#read() || this.#refuse('bad_envelope');
  }

  #refuse(problem: BatchProblem): true {
    this.problem = problem;
    this.#left = 0;
    this.offset = this.batch.lastOffset;
    this.timeMs = this.batch.timeMs;
    this.end = this.#keyEnd = -1;
    return true;
  }

  /** Length, attributes, time delta, offset delta, key, value, headers, which nobody asks for. https://kafka.apache.org/documentation/#record */
  #read(): boolean {
    const { firstOffset, timeMs, isBrokerTime, end } = this.batch;
    const length = this.#number();
    const recordEnd = this.#at + length;
    if (!(length > 0) || recordEnd > end) return false;
    this.#at++;
    const timeDelta = this.#number();
    this.offset = firstOffset + this.#number();
    this.timeMs = isBrokerTime ? timeMs : timeMs + timeDelta;
    const keyLength = this.#number();
    this.#keyStart = this.#at;
    this.#keyEnd = keyLength < 0 ? -1 : this.#at + keyLength;
    this.#at += Math.max(0, keyLength);
    const valueLength = this.#number();
    this.start = this.#at;
    this.end = valueLength < 0 ? -1 : this.#at + valueLength;
    this.#at = recordEnd;
    return this.start <= recordEnd && this.end <= recordEnd;
  }

  /** Groups of 7 bits, the lowest first, the sign in the lowest bit of all. Beyond the end everything is zero: the caller checks where it came to. */
  #number(): number {
    const { bytes } = this.batch;
    let byte = bytes[this.#at++]!;
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80 && factor < 2 ** 70; factor *= 0x80) {
      byte = bytes[this.#at++]!;
      value += (byte & 0x7f) * factor;
    }
    return (value & 1) === 0 ? value / 2 : -(value + 1) / 2;
  }
}
