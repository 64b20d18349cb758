import type { Collector } from '../split/collect.ts';
import { beginsJson } from '../split/layout.ts';
import { ValueScanner } from '../split/scan.ts';
import { headerOf, isHeaded } from './header.ts';
import { isInnerList, isList, parentName, wraps } from './kinds.ts';
import type { EnvelopeKind, EnvelopeName } from './kinds.ts';
import { logBody, unixNanoTime } from './otlp.ts';
import { envelopeTime, field, fromBase64, textAt, unescape } from './payload.ts';
import { EnvelopeRecognizer, skipBlanks } from './recognize.ts';

/** Envelopes within envelopes are opened this often; what is still enclosed then is one record. */
export const maxEnvelopes = 3;

/** One document of the stream, while its records come out: they are counted through, however deep they stood. */
export interface Enclosing {
  readonly offset: number;
  count: number;
  /** Records come from an envelope or array, so that they carry their place in it. */
  enclosed: boolean;
  originalPosition: string | null;
  timeMs: number | null;
  /** The time is that of the source's zone, reckoned as if it were UTC. */
  isLocalTime: boolean;
}

export function enclosing(offset: number): Enclosing {
  return { offset, count: 0, enclosed: false, originalPosition: null, timeMs: null, isLocalTime: false };
}

interface Span { readonly start: number; readonly end: number }

/** The list of a document whose elements have been found already, positions relative to its first byte. */
export interface KnownList { readonly listStart: number; readonly listEnd: number; readonly elements: readonly number[] }

/** Takes records out of their envelopes and gives them to the collector. */
export class EnvelopeOpener {
  private readonly collector: Collector;
  private readonly maxRecordBytes: number;
  readonly recognizer = new EnvelopeRecognizer();

  constructor(collector: Collector, maxRecordBytes: number) {
    this.collector = collector;
    this.maxRecordBytes = maxRecordBytes;
  }

  /** One value or line that stands by itself in the stream. */
  open(bytes: Buffer, start: number, end: number, offset: number): void {
    const kind = bytes[start] === 123 ? this.recognizer.recognize(bytes, start, end) : null;
    if (kind === null && !isHeaded(bytes, start)) this.collector.record(bytes.subarray(start, end), offset, null, null, null);
    else this.unwrap(kind, bytes, { start, end }, enclosing(offset), 1, null);
  }

  /** One whole document whose list, if it has one, has been scanned. */
  openScanned(bytes: Buffer, start: number, end: number, offset: number, list: KnownList): void {
    const document = enclosing(offset);
    const isArray = bytes[start] === 91;
    const kind = isArray ? null
      : this.recognizer.recognize(bytes, start, end, start + Math.max(list.listStart, 0), start + list.listEnd);
    if (isArray || (kind !== null && isList(kind) && this.payload(kind, bytes, null) !== null)) {
      const parent = kind === null ? null : this.parentOf(kind, bytes);
      if (parent !== 'dropped') this.elements(bytes, start, list.elements, document, 2, parent);
    } else {
      this.unwrap(kind, bytes, { start, end }, document, 1, null);
    }
  }

  /**
   * For a document of which no more than the opening of its list, at `listStart`, has come: the kind of its
   * elements if it can enclose records by the keys so far, else `undefined`.
   */
  listSoFar(bytes: Buffer, start: number, listStart: number): EnvelopeName | null | undefined {
    if (bytes[start] === 91) return null;
    if (listStart <= start) return undefined;
    const kind = this.recognizer.recognize(bytes, start, listStart + 1, listStart, listStart + 1);
    if (kind === null || !isList(kind) || kind.name === 'kubernetesList' && textAt(this.field(bytes, 'kind')) !== 'EventList') return undefined;
    if (kind.name === 'page' && !this.isPage(null)) return undefined;
    return parentName(kind, this.recognizer.span('events') !== null);
  }

  /** Elements of a document's list, as pairs of positions relative to `base`. */
  elements(bytes: Buffer, base: number, elements: readonly number[], document: Enclosing, depth: number, parent: EnvelopeName | null): void {
    const { originalPosition, timeMs, isLocalTime } = document;
    document.enclosed = true;
    for (let e = 0; e < elements.length; e += 2) {
      document.originalPosition = originalPosition;
      document.timeMs = timeMs;
      document.isLocalTime = isLocalTime;
      const span = { start: base + elements[e]!, end: base + elements[e + 1]! };
      if (span.end - span.start > this.maxRecordBytes) this.tooLarge(document, span.end - span.start);
      else this.value(bytes, span, document, depth, parent);
    }
    document.originalPosition = originalPosition;
    document.timeMs = timeMs;
  }

  /** Refuses the element that is next in its document. */
  tooLarge(document: Enclosing, length: number): void {
    this.collector.refuse('too_large', `A record is longer than ${this.maxRecordBytes} bytes.`, document.offset, length, document.count++);
  }

  /** A value out of an envelope, which may be an envelope again. */
  private value(bytes: Buffer, span: Span, document: Enclosing, depth: number, parent: EnvelopeName | null): void {
    if (depth > maxEnvelopes) return this.emit(bytes, span, document);
    const first = bytes[span.start];
    if (first === 91 && beginsJson(bytes, span.start, span.end)) return this.list(bytes, span, document, depth, null);
    const kind = first === 123 ? this.recognizer.recognize(bytes, span.start, span.end) : null;
    this.unwrap(kind, bytes, span, document, depth, parent);
  }

  private unwrap(kind: EnvelopeKind | null, bytes: Buffer, span: Span, document: Enclosing, depth: number, parent: EnvelopeName | null): void {
    const header = kind === null ? headerOf(bytes, span.start, span.end, this.collector.referenceMs) : null;
    if (header !== null) {
      document.enclosed = true;
      this.setTime(document, header.timeMs, header.isLocal);
      return this.inner(bytes, { start: header.start, end: span.end }, document, depth, null);
    }
    const payload = kind === null ? null : this.payload(kind, bytes, parent);
    if (kind === null || payload === null) return this.emit(bytes, span, document);
    document.enclosed = true;
    if (isList(kind) && bytes[payload.start] === 91) {
      const listParent = this.parentOf(kind, bytes);
      // The inner lists of OpenTelemetry stand only in their outer ones, so together they count as one envelope.
      if (listParent !== 'dropped') this.list(bytes, payload, document, isInnerList(kind) ? depth - 1 : depth, listParent);
      return;
    }
    this.annotate(kind, bytes, document);
    this.text(bytes, payload, kind, document, depth);
  }

  /** `cloudWatch` where the elements may be log events; `dropped` for a message that only checks the delivery. */
  private parentOf(kind: EnvelopeKind, bytes: Buffer): EnvelopeName | 'dropped' | null {
    if (kind.name !== 'cloudWatch') return parentName(kind, this.recognizer.span('events') !== null);
    return this.field(bytes, 'messageType') === 'CONTROL_MESSAGE' ? 'dropped' : 'cloudWatch';
  }

  /** Where the payload stands, or `null` if this only looks like an envelope. */
  private payload(kind: EnvelopeKind, bytes: Buffer, parent: EnvelopeName | null): Span | null {
    const at = (name: string): Span | null => this.recognizer.span(name);
    const carrier = kind.carriers.map(at).find((span) => span !== null)!;
    const first = bytes[carrier.start];
    switch (kind.name) {
      case 'list': return first === 91 && holdsRecords(bytes, carrier) || first === 123 && parent === 'wrapper' ? carrier : null;
      case 'page': return first === 91 && holdsRecords(bytes, carrier) && this.isPage(parent) ? carrier : null;
      case 'wrapper': return first === 123 && (at('stat') ?? at('success') ?? at('_links')) !== null ? carrier : null;
      case 'hook': return first === 123 && textAt(this.field(bytes, 'eventType'))?.startsWith('com.oraclecloud.') !== true ? carrier : null;
      case 'cloudWatch': return first === 91 ? carrier : null;
      case 'kafkaConnect': return first === 123 || first === 34 || first === 110 ? carrier : null;
      case 'eventBridge': return first === 123 ? carrier : null;
      case 'cloudEvent': return textAt(this.field(bytes, 'type'))?.startsWith('com.oraclecloud.') ? null : carrier;
      case 'logEvent': return parent === 'cloudWatch' && first === 34 ? carrier : null;
      case 'filebeat': return first === 34 && this.isFilebeat(bytes) ? carrier : null;
      case 'vector': return first === 34 ? carrier : null;
      case 'resourceLogs': return first === 91 ? carrier : null;
      case 'scopeLogs': return first === 91 && parent === 'resourceLogs' ? carrier : null;
      case 'logRecords': return first === 91 && parent === 'scopeLogs' ? carrier : null;
      case 'logRecord': return parent === 'logRecords' ? logBody(bytes, carrier, at('attributes')) : null;
      case 'kubernetesList': return first === 91 && textAt(this.field(bytes, 'kind')) === 'EventList' ? carrier : null;
      case 'ruleTest': return first === 123 ? carrier : null;
      case 'container': return first === 34 && (at('date') ?? at('stream')) !== null ? carrier : null;
    }
  }

  /** A list under a common name is one of records only beside what tells a page, or within what does. */
  private isPage(parent: EnvelopeName | null): boolean {
    return parent === 'wrapper' || this.recognizer.span('pagination') !== null || this.recognizer.span('has_more') !== null;
  }

  /** Shippers name themselves; a document whose `event.kind` is set is an event already. */
  private isFilebeat(bytes: Buffer): boolean {
    const has = (name: string): boolean => this.recognizer.span(name) !== null;
    if (has('event') && textAt(this.field(bytes, 'event'), 'kind') !== null) return false;
    return has('agent') || has('beat') || has('input') || textAt(this.field(bytes, 'log'), 'offset') !== null;
  }

  /** Original position and time, where the envelope tells them. */
  private annotate(kind: EnvelopeKind, bytes: Buffer, document: Enclosing): void {
    const at = (name: string): unknown => this.field(bytes, name);
    if (kind.name === 'logRecord') {
      return this.setTime(document, unixNanoTime(at('timeUnixNano')) ?? unixNanoTime(at('observedTimeUnixNano')), false);
    }
    this.setTime(document, envelopeTime(at('@timestamp') ?? at('timestamp') ?? at('time') ?? at('date')), false);
    if (kind.name !== 'filebeat' && kind.name !== 'vector' && kind.name !== 'container') return;
    const log = at('log');
    const offset = textAt(log, 'offset') ?? textAt(at('offset'));
    if (offset === null) return;
    const file = textAt(log, 'file', 'path') ?? textAt(at('file')) ?? textAt(at('filepath')) ?? textAt(at('filename'))
      ?? textAt(at('path')) ?? textAt(at('source'));
    const host = at('host');
    const hostName = textAt(host) ?? textAt(host, 'name') ?? textAt(host, 'hostname') ?? textAt(at('hostname'))
      ?? textAt(at('agent'), 'hostname') ?? textAt(at('agent'), 'name') ?? textAt(at('beat'), 'hostname');
    if (hostName !== null && file !== null) document.originalPosition = `${hostName}|${file}|${offset}`;
  }

  private setTime(document: Enclosing, timeMs: number | null, isLocal: boolean): void {
    if (timeMs === null) return;
    document.timeMs = timeMs;
    document.isLocalTime = isLocal;
  }

  private field(bytes: Buffer, name: string): unknown {
    return field(bytes, this.recognizer.span(name));
  }

  private text(bytes: Buffer, payload: Span, kind: EnvelopeKind, document: Enclosing, depth: number): void {
    if (bytes[payload.start] !== 34) return this.inner(bytes, payload, document, depth, wraps.has(kind.name) ? 'wrapper' : null);
    const isBase64 = kind.name === 'cloudEvent' && this.recognizer.span('data_base64') !== null;
    const text = unescape(bytes, payload.start, payload.end);
    const inner = isBase64 && text !== null ? fromBase64(text) : text;
    if (inner === null) this.badEnvelope(document, payload, 'The text inside the envelope is not valid.');
    else this.inner(inner, { start: 0, end: inner.length }, document, depth, null);
  }

  /** What stood inside an envelope: trimmed, it is a record or the next envelope. */
  private inner(bytes: Buffer, span: Span, document: Enclosing, depth: number, parent: EnvelopeName | null): void {
    const start = skipBlanks(bytes, span.start, span.end);
    let end = span.end;
    while (end > start && bytes[end - 1]! <= 32) end--;
    if (end === start || (end - start === 4 && bytes.toString('latin1', start, end) === 'null')) {
      this.badEnvelope(document, span, 'The envelope holds no record.');
    } else {
      this.value(bytes, { start, end }, document, depth + 1, parent);
    }
  }

  private list(bytes: Buffer, span: Span, document: Enclosing, depth: number, parent: EnvelopeName | null): void {
    const scanner = new ValueScanner();
    const verdict = scanner.scan(bytes, span.start, span.end);
    this.elements(bytes, span.start, scanner.elements, document, depth + 1, parent);
    if (verdict !== 'done') this.badEnvelope(document, span, 'The list inside the envelope is not well-formed.');
  }

  private badEnvelope(document: Enclosing, span: Span, detail: string): void {
    this.collector.refuse('bad_envelope', detail, document.offset, span.end - span.start, document.count++);
  }

  private emit(bytes: Buffer, span: Span, document: Enclosing): void {
    const index = document.enclosed ? document.count++ : null;
    const { offset, originalPosition, timeMs, isLocalTime } = document;
    this.collector.record(bytes.subarray(span.start, span.end), offset, index, originalPosition, timeMs, isLocalTime);
  }
}

/** A list of records begins with an object, another list, a text, or ends at once; numbers are no records. */
function holdsRecords(bytes: Buffer, list: Span): boolean {
  const first = bytes[skipBlanks(bytes, list.start + 1, list.end)];
  return first === 123 || first === 91 || first === 34 || first === 93;
}
