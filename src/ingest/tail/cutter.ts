import type { Delivery } from '../live.ts';
import type { Origin } from '../record.ts';
import { Collector, type ReadItem } from '../split/collect.ts';
import { Splitter } from '../split/splitter.ts';
import { markBytes, markOf, positionText, type FilePosition } from './position.ts';

const newline = 10;

export interface CutterOptions {
  readonly feed: string;
  readonly source: string;
  readonly maxRecordBytes: number;
}

/**
 * Cuts the bytes of one file into deliveries, a line at a time through the splitter. A line (or a document over several)
 * that holds one record is one delivery; where it holds more, each is one, and an empty one ends it. So the same
 * bytes give the same deliveries, however they arrived and wherever reading began again.
 */
export class Cutter {
  /** Everything before this offset has been taken in. */
  fed: number;
  /** The up to 64 bytes before `fed`. */
  context: Buffer;
  origin: Origin;
  readonly #options: CutterOptions;
  #collector: Collector;
  #splitter: Splitter;
  /** Offset of the splitter's first byte. */
  #base: number;
  /** End of the last delivery that left nothing unfinished, and the mark of what stands before it. */
  #start: number;
  #startMark: number;
  /** Items of the unfinished document that went out, or that a run before this one took. */
  #given = 0;
  #skip: number;

  /** `context` are the bytes before the position, at most 64. */
  constructor(origin: Origin, position: FilePosition, context: Buffer, options: CutterOptions) {
    this.origin = origin;
    this.#options = options;
    this.fed = this.#base = this.#start = position.offset;
    this.#startMark = position.mark;
    this.#skip = position.skip;
    this.context = context;
    [this.#collector, this.#splitter] = this.#anew();
  }

  /** Bytes that no delivery covers: blank, or of a record whose end has not come. */
  get unfinishedBytes(): number {
    return this.fed - this.#start;
  }

  /** Takes the bytes from `from` on; those before are the context as it was read again with them. */
  push(bytes: Buffer, from: number, receivedMs: number): Delivery[] {
    const out: Delivery[] = [];
    const base = this.fed - from;
    for (let start = from; start < bytes.length;) {
      const end = bytes.indexOf(newline, start) + 1 || bytes.length;
      this.#splitter.push(bytes.subarray(start, end));
      const restAt = this.#splitter.holds === 'nothing' ? base + end : null;
      this.#deliver(out, this.#collector.take(), receivedMs, restAt, bytes, end);
      start = end;
    }
    this.fed = base + bytes.length;
    this.context = Buffer.from(bytes.subarray(Math.max(0, bytes.length - markBytes)));
    return out;
  }

  /**
   * Nothing more belongs to what is unfinished: a whole JSON value counts, anything else is refused as `truncated`. A text
   * line may end in the middle of a number, so it counts only with its newline.
   */
  finish(receivedMs: number): Delivery[] {
    const out: Delivery[] = [];
    if (this.unfinishedBytes === 0) return out;
    this.#splitter.end();
    const { origin } = this;
    const items = this.#collector.take().map((item): ReadItem => {
      if ('reason' in item || item.bytes[0] === 123 || item.bytes[0] === 91 || item.index !== null) return item;
      const { offset, index, bytes } = item;
      const detail = 'The file ends within a line.';
      return { path: origin.path, identity: origin.identity, offset, index, length: bytes.length, reason: 'truncated', detail };
    });
    this.#deliver(out, items, receivedMs, this.fed, this.context, this.context.length);
    this.#base = this.fed;
    [this.#collector, this.#splitter] = this.#anew();
    return out;
  }

  #anew(): [Collector, Splitter] {
    const collector = new Collector(this.origin);
    return [collector, new Splitter(collector, this.#options.maxRecordBytes)];
  }

  /** `restAt`: nothing is unfinished there, and `bytes` before `end` stand before it. */
  #deliver(out: Delivery[], taken: readonly ReadItem[], receivedMs: number, restAt: number | null, bytes: Buffer, end: number): void {
    const dropped = Math.min(this.#skip, taken.length);
    this.#skip -= dropped;
    this.#given += dropped;
    const items = dropped === 0 ? taken : taken.slice(dropped);
    const isAlone = restAt !== null && this.#given === 0 && items.length <= 1;
    if (!isAlone) {
      for (const item of items) this.#one(out, [item], positionText(this.#start, this.#startMark, ++this.#given), receivedMs, 0);
    }
    if (restAt === null) return;
    // Empty lines need no delivery of their own: the next one covers them.
    if (isAlone && items.length === 0) return;
    const mark = markOf(bytes, end);
    this.#one(out, isAlone ? items : [], positionText(restAt, mark, 0), receivedMs, restAt - this.#start);
    this.#start = restAt;
    this.#startMark = mark;
    this.#given = this.#skip = 0;
  }

  #one(out: Delivery[], items: readonly ReadItem[], position: string, receivedMs: number, bytes: number): void {
    const { feed, source } = this.#options;
    out.push({ feed, source, position, items: items.map((item) => this.#placed(item)), receivedMs, bytes });
  }

  /** The item with its place in the file instead of in the part that was read, and with bytes of its own. */
  #placed(item: ReadItem): ReadItem {
    if ('reason' in item) return { ...item, offset: item.offset + this.#base };
    const { index, originalPosition, envelopeTimeMs } = item;
    const offset = item.offset + this.#base;
    // A document is longer than the number of its records, so these rise with every record and need no counting.
    const ordinal = offset + (index ?? 0);
    return { origin: this.origin, bytes: Buffer.from(item.bytes), offset, index, ordinal, originalPosition, envelopeTimeMs };
  }
}
