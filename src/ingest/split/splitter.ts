import { enclosing, EnvelopeOpener } from '../envelopes/open.ts';
import type { Enclosing } from '../envelopes/open.ts';
import type { EnvelopeName } from '../envelopes/kinds.ts';
import { skipBlanks } from '../envelopes/recognize.ts';
import type { QuarantineReason } from '../../model/quarantine.ts';
import type { Collector } from './collect.ts';
import { beginsJson, skipSpaces, trimEnd } from './layout.ts';
import { RefusedStretch } from './refusing.ts';
import type { Reach } from './refusing.ts';
import { beginsList, ValueScanner } from './scan.ts';
import { ByteWindow } from './window.ts';

const NEWLINE = 10;

/** Longest record that is read; longer ones are refused without being held. */
export const defaultMaxRecordBytes = 1 << 20;

/**
 * Where the splitter stands.
 * - `between`: before a record. A text line or a trusted JSON line is taken whole from here.
 * - `document`: within a JSON value, all of it held. Leads out: its end, an error, or its growing too long.
 * - `behind`: the value is complete, what else stands on its line decides what it was.
 * - `streaming`: within a record list that is longer than a record may be; only the current element is held.
 * - `oversize`: within a JSON value that is too long and no list; nothing is held.
 * - `refused`: in a stretch that is refused, see `RefusedStretch`.
 */
type Mode = 'between' | 'document' | 'behind' | 'streaming' | 'oversize' | 'refused';

/**
 * Splits a stream of bytes into records: JSON lines, JSON documents one after another, JSON arrays,
 * documents that enclose lists, and text lines, in any mixture. What comes out depends on the bytes
 * alone, not on how they were cut into chunks. Every byte is looked at a bounded number of times.
 *
 * JSON lines are the fast case: once a line has been seen to be one whole value, lines from `{` to `}` are
 * handed on unscanned (their reader finds out whether they are well-formed). A value that spans lines, or
 * shares one, ends that for the rest of the stream.
 */
export class Splitter {
  private readonly refused: RefusedStretch;
  private readonly opener: EnvelopeOpener;
  private readonly maxRecordBytes: number;
  private readonly window = new ByteWindow();
  private readonly scanner = new ValueScanner();
  private mode: Mode = 'between';
  private layout: 'unknown' | 'lines' | 'documents' = 'unknown';
  private ended = false;
  /** Stream offset of the document. */
  private recordOffset = 0;
  private document: Enclosing = enclosing(0);
  /** Behind an error: up to this stream offset only values that stand on one line are taken. */
  private singleLinesUntil = 0;
  private streamParent: EnvelopeName | null = null;

  constructor(collector: Collector, maxRecordBytes: number = defaultMaxRecordBytes) {
    this.refused = new RefusedStretch(this.window, collector);
    this.maxRecordBytes = maxRecordBytes;
    this.opener = new EnvelopeOpener(collector, maxRecordBytes);
  }

  /** Takes the next bytes. Records handed to the collector before are no longer valid then. */
  push(chunk: Uint8Array): void {
    this.window.append(chunk);
    this.run();
  }

  /** No more bytes follow: what is unfinished is a last line or is refused. */
  end(): void {
    this.ended = true;
    this.run();
  }

  /** What it holds of the bytes pushed so far: nothing, one value whose end has come but not that of its line, or part of a record. */
  get holds(): 'nothing' | 'whole' | 'part' {
    if (this.mode === 'behind') return 'whole';
    return this.mode === 'between' && this.window.start === this.window.end ? 'nothing' : 'part';
  }

  private run(): void {
    this.opener.recognizer.windowChanged(this.window.bytes, this.window.end);
    while (this.step());
  }

  /** Goes one step on; false when more bytes are needed. */
  private step(): boolean {
    switch (this.mode) {
      case 'between': return this.next();
      case 'document': return this.inDocument();
      case 'behind': return this.behindDocument();
      case 'streaming': return this.inStream();
      case 'oversize': return this.inOversize();
      case 'refused': return this.inRefused();
    }
  }

  private next(): boolean {
    const { window } = this;
    if (!window.begun && !window.skipByteOrderMark(this.ended)) return false;
    window.start = skipBlanks(window.bytes, window.start, window.end);
    if (window.start === window.end) return false;
    const end = window.lineEnd(this.maxRecordBytes, this.ended);
    if (end < 0) return false;
    const first = window.bytes[window.start];
    const isWhole = end === window.end || window.bytes[end] === NEWLINE;
    if ((first === 123 || first === 91) && beginsJson(window.bytes, window.start, end)) return this.begin(end, isWhole);
    this.textLine(end, isWhole);
    return true;
  }

  private textLine(end: number, isWhole: boolean): void {
    const { window } = this;
    if (!isWhole) return this.refuse('too_large', `A line is longer than ${this.maxRecordBytes} bytes.`, 'line');
    this.opener.open(window.bytes, window.start, trimEnd(window.bytes, window.start, end), this.window.offset);
    window.start = end;
  }

  /** A JSON value begins: it is taken as a trusted line, or scanned. */
  private begin(end: number, isWhole: boolean): boolean {
    const { window } = this;
    if (this.window.offset < this.singleLinesUntil) return this.singleLine(end, isWhole);
    if (this.layout === 'lines' && isWhole && window.bytes[window.start] === 123 && !beginsList(window.bytes, window.start)) {
      const trimmed = trimEnd(window.bytes, window.start, end);
      if (window.bytes[trimmed - 1] === 125) {
        this.opener.open(window.bytes, window.start, trimmed, this.window.offset);
        window.start = end;
        return true;
      }
    }
    this.scanner.reset();
    this.recordOffset = this.window.offset;
    this.mode = 'document';
    return true;
  }

  /** Within a stretch that a broken document has passed already: a whole value on one line, or refused. */
  private singleLine(end: number, isWhole: boolean): boolean {
    const { window, scanner } = this;
    scanner.reset();
    const verdict = isWhole ? scanner.scan(window.bytes, window.start, end) : 'broken';
    if (verdict !== 'done' || skipBlanks(window.bytes, window.start + scanner.position, end) < end) {
      this.refuse('invalid_json', 'A JSON value is not well-formed.', 'lines');
    } else {
      this.opener.openScanned(window.bytes, window.start, window.start + scanner.position, this.window.offset, scanner);
      window.start = end;
    }
    return true;
  }

  private inDocument(): boolean {
    const { window, scanner } = this;
    const base = window.start;
    const limit = base + this.maxRecordBytes;
    const verdict = scanner.scan(window.bytes, base, Math.min(window.end, limit));
    if (verdict === 'done') this.mode = 'behind';
    else if (verdict === 'broken') this.broken('invalid_json', 'A JSON value is not well-formed.');
    else if (base + scanner.position === limit) this.overflow();
    else if (this.ended) this.broken('truncated', 'The input ends within a JSON value.');
    else return false;
    return true;
  }

  /** The value is complete. What else stands on its line tells the layout, or that it is a line of text. */
  private behindDocument(): boolean {
    const { window, scanner } = this;
    const { bytes, start } = window;
    const end = start + scanner.position;
    const limit = start + this.maxRecordBytes;
    const next = skipSpaces(bytes, end, Math.min(window.end, limit));
    if (next === window.end && next < limit && !this.ended) return false;
    const spansLines = bytes.subarray(start, end).includes(NEWLINE);
    const isLast = next >= limit || next === window.end || bytes[next] === NEWLINE;
    if (!isLast && bytes[next] !== 123 && bytes[next] !== 91 && !spansLines) return this.lineOfText();
    if (spansLines || !isLast) this.layout = 'documents';
    else if (this.layout === 'unknown') this.layout = 'lines';
    this.opener.openScanned(bytes, start, end, this.window.offset, scanner);
    window.start = end;
    this.mode = 'between';
    return true;
  }

  /** A line begins with a value and goes on with something else: it is taken as text. */
  private lineOfText(): boolean {
    const end = this.window.lineEnd(this.maxRecordBytes, this.ended);
    if (end < 0) return false;
    this.mode = 'between';
    this.textLine(end, end === this.window.end || this.window.bytes[end] === NEWLINE);
    return true;
  }

  /** The document has grown longer than a record may be: only a list of records may. */
  private overflow(): void {
    const { window, scanner } = this;
    const parent = this.opener.listSoFar(window.bytes, window.start, window.start + scanner.listStart);
    if (parent === undefined) {
      scanner.ignoreList();
      this.mode = 'oversize';
    } else {
      this.document = enclosing(this.recordOffset);
      this.streamParent = parent;
      this.mode = 'streaming';
    }
  }

  private inStream(): boolean {
    const { window, scanner } = this;
    const base = this.recordOffset - window.base;
    const verdict = scanner.scan(window.bytes, base, window.end);
    this.flush(base);
    const held = scanner.elementStart >= 0 && scanner.position - scanner.elementStart <= this.maxRecordBytes;
    window.start = base + (verdict === 'done' ? scanner.position : held ? scanner.elementStart : scanner.position - 1);
    if (verdict === 'done') {
      this.mode = 'between';
      return true;
    }
    if (verdict === 'more' && !this.ended) return false;
    const reason = verdict === 'broken' ? 'invalid_json' : 'truncated';
    this.fail(reason, 'A list of records is not well-formed to its end.', base + scanner.position, this.document.count);
    return true;
  }

  /** Gives out the list's elements that are complete. */
  private flush(base: number): void {
    const { elements } = this.scanner;
    if (elements.length === 0) return;
    this.opener.elements(this.window.bytes, base, elements, this.document, 2, this.streamParent);
    elements.length = 0;
  }

  private inOversize(): boolean {
    const { window, scanner } = this;
    const base = this.recordOffset - window.base;
    const verdict = scanner.scan(window.bytes, base, window.end);
    // One byte is kept: behind a newline, the place of an error is the start of a line.
    window.start = base + scanner.position - (verdict === 'done' ? 0 : 1);
    if (verdict === 'more' && !this.ended) return false;
    const place = { offset: this.recordOffset, index: null };
    this.refused.begin('too_large', `A record is longer than ${this.maxRecordBytes} bytes.`, this.recordOffset, place, 'lines');
    this.mode = verdict === 'done' ? 'between' : 'refused';
    return verdict !== 'done' || this.refused.end();
  }

  /** The document in the window is broken: its complete elements count, the rest is refused. */
  private broken(reason: QuarantineReason, detail: string): void {
    const { window, scanner } = this;
    const base = window.start;
    const errorAt = base + scanner.position;
    const parent = this.opener.listSoFar(window.bytes, base, base + scanner.listStart);
    if (parent === undefined) return this.fail(reason, detail, errorAt, null);
    const lastEnd = scanner.elements.at(-1) ?? 0;
    this.document = enclosing(this.recordOffset);
    this.streamParent = parent;
    this.flush(base);
    window.start = base + Math.max(scanner.elementStart, lastEnd);
    this.fail(reason, detail, errorAt, this.document.count);
  }

  /** Refuses from the window's start: one line, if the error is on it, else with the lines that seem to belong to it. */
  private fail(reason: QuarantineReason, detail: string, errorAt: number, index: number | null): void {
    const { window } = this;
    const isOneLine = !window.bytes.subarray(window.start, errorAt).includes(NEWLINE);
    this.singleLinesUntil = window.base + errorAt;
    this.refuse(reason, detail, isOneLine ? 'line' : 'lines', index);
  }

  /** Refuses what begins at the window's start. */
  private refuse(reason: QuarantineReason, detail: string, reach: Reach, index: number | null = null): void {
    const { offset } = this.window;
    this.refused.begin(reason, detail, offset, { offset: index === null ? offset : this.recordOffset, index }, reach);
    this.mode = 'refused';
  }

  private inRefused(): boolean {
    if (!this.refused.goOn(this.ended)) return false;
    this.mode = 'between';
    return true;
  }
}
