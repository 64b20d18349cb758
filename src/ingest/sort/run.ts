import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import type { TokenEvent } from '../../model/event.ts';
import { decodeEvent, encodeEvent } from './encode.ts';

/** An event with its place among all that was read: what orders it where times are equal. */
export interface SortedEvent {
  readonly event: TokenEvent;
  /** The event's own, at hand because it is compared so often. */
  readonly orderMs: number;
  /** Identity of the input it was read from. */
  readonly feed: string;
  /** Place of that input among the inputs, from 0. */
  readonly input: number;
  /** Place of its record within that input, from 0. */
  readonly ordinal: number;
}

/** By time, then by path and place in the file; by place among the inputs only for two readings of one file. No two are equal. */
export function compareEvents(a: SortedEvent, b: SortedEvent): number {
  return a.orderMs - b.orderMs || comparePaths(a.event.path, b.event.path) || a.ordinal - b.ordinal || a.input - b.input;
}

function comparePaths(a: string | null, b: string | null): number {
  if (a === b || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}

const blockBytes = 1 << 16;

/** Writes events that are in order already to a new file, one line each: input, ordinal, event. */
export function writeRun(file: string, events: Iterable<SortedEvent>): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    let block = '';
    for (const { event, input, ordinal } of events) {
      block += `${input} ${ordinal} ${encodeEvent(event)}\n`;
      if (block.length >= blockBytes) {
        writeAll(descriptor, Buffer.from(block));
        block = '';
      }
    }
    writeAll(descriptor, Buffer.from(block));
  } finally {
    closeSync(descriptor);
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

/** Reads a run back with one block held at a time, and removes its file behind itself. */
export function* readRun(file: string, feeds: readonly string[]): Generator<SortedEvent> {
  const descriptor = openSync(file, 'r');
  try {
    let rest = Buffer.alloc(0);
    const block = Buffer.allocUnsafe(blockBytes);
    for (let length = readSync(descriptor, block); length > 0; length = readSync(descriptor, block)) {
      const held = Buffer.concat([rest, block.subarray(0, length)]);
      let start = 0;
      for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10, start)) {
        yield parseLine(held.toString('utf8', start, end), feeds);
        start = end + 1;
      }
      rest = held.subarray(start);
    }
  } finally {
    closeSync(descriptor);
    unlinkSync(file);
  }
}

function parseLine(line: string, feeds: readonly string[]): SortedEvent {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const input = Number(line.slice(0, first));
  const event = decodeEvent(line.slice(second + 1));
  return { event, orderMs: event.orderMs, feed: feeds[input]!, input, ordinal: Number(line.slice(first + 1, second)) };
}
