import { EnvelopeOpener } from '../envelopes/open.ts';
import { skipBlanks } from '../envelopes/recognize.ts';
import type { Origin } from '../record.ts';
import { Collector, type ReadItem } from './collect.ts';
import { beginsJson, trimEnd } from './layout.ts';
import { beginsList } from './scan.ts';
import { defaultMaxRecordBytes, Splitter } from './splitter.ts';

const NEWLINE = 10;

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

  constructor(origin: Origin, maxRecordBytes: number = defaultMaxRecordBytes) {
    this.collector = new Collector(origin);
    this.opener = new EnvelopeOpener(this.collector, maxRecordBytes);
    this.maxRecordBytes = maxRecordBytes;
  }

  /** The records of a message, or refusals in their place. */
  split(message: Buffer, offset: number): ReadItem[] {
    const start = skipBlanks(message, 0, message.length);
    const end = trimEnd(message, start, message[message.length - 1] === NEWLINE ? message.length - 1 : message.length);
    if (start >= end) return [];
    if (end - start <= this.maxRecordBytes && this.isOneLine(message, start, end)) {
      this.opener.open(message, start, end, offset);
      return this.collector.take();
    }
    return this.splitSlowly(message, offset);
  }

  refuse(...refusal: Parameters<Collector['refuse']>): ReadItem[] {
    this.collector.refuse(...refusal);
    return this.collector.take();
  }

  private isOneLine(message: Buffer, start: number, end: number): boolean {
    const newline = message.indexOf(NEWLINE, start);
    if (newline >= 0 && newline < end) return false;
    const first = message[start]!;
    if (first === 123) return this.trusted && message[end - 1] === 125 && !beginsList(message, start);
    return first !== 0xef && (first !== 91 || !beginsJson(message, start, end));
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
