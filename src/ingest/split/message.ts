import { EnvelopeOpener } from '../envelopes/open.ts';
import { skipBlanks } from '../envelopes/recognize.ts';
import type { Origin } from '../record.ts';
import { Collector, type ReadItem } from './collect.ts';
import { beginsJson, trimEnd } from './layout.ts';
import { beginsList } from './scan.ts';
import { defaultMaxRecordBytes, Splitter } from './splitter.ts';

const NEWLINE = 10;
const nothing = Buffer.alloc(0);

/**
 * Splits messages, each of which holds whole records: what a message holds comes out as if it were a small file, but for
 * the places, which are the message's offset and, where it holds several records or encloses them, a number from 0.
 *
 * One record to a message is the fast case: a text line, or, once a message has been seen to be one JSON object, what stands
 * between braces without a line's end. The records' bytes are views of the message.
 */
export class MessageSplitter {
  private readonly collector: Collector;
  private readonly opener: EnvelopeOpener;
  private readonly maxRecordBytes: number;
  private trusted = false;
  /** The buffer that messages were taken from last, and where in it the next line ends from the last message on. */
  private window: Buffer = nothing;
  private newline = -1;

  constructor(origin: Origin, maxRecordBytes: number = defaultMaxRecordBytes) {
    this.collector = new Collector(origin);
    this.opener = new EnvelopeOpener(this.collector, maxRecordBytes);
    this.maxRecordBytes = maxRecordBytes;
  }

  /** The records of the message that is `bytes[from, to)`, or refusals in their place. */
  split(bytes: Buffer, offset: number, from = 0, to = bytes.length): ReadItem[] {
    if (bytes !== this.window) this.begin(bytes);
    const start = skipBlanks(bytes, from, to);
    const end = trimEnd(bytes, start, bytes[to - 1] === NEWLINE ? to - 1 : to);
    if (start >= end) return [];
    if (end - start <= this.maxRecordBytes && this.isOneLine(bytes, start, end)) {
      this.opener.open(bytes, start, end, offset);
      return this.collector.take();
    }
    return this.splitSlowly(bytes.subarray(from, to), offset);
  }

  /** Lets go of the bytes that it was given last. */
  release(): void {
    this.begin(nothing);
  }

  refuse(...refusal: Parameters<Collector['refuse']>): ReadItem[] {
    this.collector.refuse(...refusal);
    return this.collector.take();
  }

  /** Many messages lie in one buffer: what is looked for in each is looked for once in all. */
  private begin(bytes: Buffer): void {
    this.window = bytes;
    this.newline = -1;
    this.opener.recognizer.windowChanged(bytes, bytes.length);
  }

  private isOneLine(bytes: Buffer, start: number, end: number): boolean {
    if (this.newline < start) {
      const at = bytes.indexOf(NEWLINE, start);
      this.newline = at < 0 ? Infinity : at;
    }
    if (this.newline < end) return false;
    const first = bytes[start]!;
    if (first === 123) return this.trusted && bytes[end - 1] === 125 && !beginsList(bytes, start);
    return first !== 0xef && (first !== 91 || !beginsJson(bytes, start, end));
  }

  private splitSlowly(message: Buffer, offset: number): ReadItem[] {
    const splitter = new Splitter(this.collector, this.maxRecordBytes);
    splitter.push(message);
    splitter.end();
    const items = this.collector.take();
    const isAlone = items.length === 1 && items[0]!.index === null;
    this.trusted = isAlone && !('reason' in items[0]!);
    return items.map((item, place) => ({ ...item, offset, index: isAlone ? null : place }));
  }
}
