import { isAscii, isUtf8 } from 'node:buffer';
import type { TokenEvent } from '../model/event.ts';
import type { QuarantineReason } from '../model/quarantine.ts';
import { completeEvent } from './complete.ts';
import type { Fingerprinter } from './fingerprint.ts';
import { defaultSource } from './formats/format.ts';
import type { Format, NormalizeContext, SourceSettings } from './formats/format.ts';
import { RecordReader } from './reader.ts';
import type { ShapeReader } from './shape-reader.ts';
import type { Origin, Outcome, RawRecord } from './record.ts';
import type { Sealer } from './seal.ts';
import { Secret } from './secret.ts';
import { toUtc } from './timezone.ts';

/** A source as the configuration describes it. */
export interface ConfiguredSource {
  readonly settings: SourceSettings;
  /** Ids of the formats it carries; `null` for all of them. */
  readonly formats: readonly string[] | null;
}

export interface NormalizerOptions {
  readonly fingerprinter: Fingerprinter;
  /** Found by `settings.name`, which is what `Origin.source` names. */
  readonly sources?: readonly ConfiguredSource[];
  /** For origins that belong to no configured source. */
  readonly unconfigured?: ConfiguredSource;
  /** Keeps tokens, sealed; absent: none is kept. */
  readonly sealer?: Sealer;
}

const maxLineBytes = 65_536;
const openBrace = 0x7b, openBracket = 0x5b;

/** What is remembered of one input between its records. */
interface OriginState {
  readonly origin: Origin;
  readonly source: CompiledSource;
  readonly context: { -readonly [K in keyof NormalizeContext]: NormalizeContext[K] };
  /** The shapes that claimed the JSON record and the line before: asked first. */
  lastJson: ShapeReader | null;
  lastText: ShapeReader | null;
}

interface CompiledSource {
  readonly settings: SourceSettings;
  readonly reader: RecordReader;
  readonly carries: (format: Format) => boolean;
}

/** Turns records into events: finds the format that claims a record and runs its declaration. */
export class Normalizer {
  readonly #formats: readonly Format[];
  readonly #fingerprinter: Fingerprinter;
  readonly #unconfigured: CompiledSource;
  readonly #sources = new Map<string, CompiledSource>();
  readonly #origins = new WeakMap<Origin, OriginState>();
  #current: OriginState | null = null;
  readonly #sealer: Sealer | null;
  /** Of the record at hand. */
  readonly #secrets: Secret[] = [];

  constructor(formats: readonly Format[], options: NormalizerOptions) {
    this.#formats = formats;
    this.#fingerprinter = options.fingerprinter;
    this.#sealer = options.sealer ?? null;
    this.#unconfigured = this.#compile(options.unconfigured ?? { settings: defaultSource, formats: null });
    for (const source of options.sources ?? []) {
      if (source.settings.name !== null) this.#sources.set(source.settings.name, this.#compile(source));
    }
  }

  /** Never throws: what cannot be read is refused. */
  normalize(record: RawRecord): Outcome {
    const state = this.#stateOf(record.origin);
    const { envelopeTimeMs } = record;
    const isLocal = envelopeTimeMs !== null && record.isLocalTime === true;
    state.context.envelopeTimeMs = isLocal ? toUtc(envelopeTimeMs, state.source.settings.timezone) : envelopeTimeMs;
    const first = firstByte(record.bytes);
    if (first === openBracket && beginsLikeTime(record.bytes)) {
      const outcome = this.#text(record, state);
      if (outcome.kind !== 'refused' || outcome.refusal.reason !== 'unknown_format') return outcome;
    }
    return first === openBrace || first === openBracket ? this.#json(record, state, first) : this.#text(record, state);
  }

  #json(record: RawRecord, state: OriginState, first: number): Outcome {
    const { reader } = state.source;
    const problem = reader.readJson(record.bytes);
    if (problem === null) return this.#claim(record, state, true);
    if (problem.reason === 'invalid_json' && first === openBracket) {
      // Some text formats open with a bracket.
      const outcome = this.#text(record, state);
      if (outcome.kind !== 'refused' || outcome.refusal.reason !== 'unknown_format' || beginsWithYear(record.bytes)) return outcome;
    }
    return refuse(record, problem.reason, problem.detail);
  }

  #text(record: RawRecord, state: OriginState): Outcome {
    if (record.bytes.length > maxLineBytes) return refuse(record, 'too_large', 'A text line is longer than 64 KiB.');
    const line = textOf(record.bytes);
    if (line === null) return refuse(record, 'invalid_utf8', 'The line is not valid UTF-8.');
    state.source.reader.readLine(line);
    return this.#claim(record, state, false);
  }

  #claim(record: RawRecord, state: OriginState, isJson: boolean): Outcome {
    const { reader, carries } = state.source;
    try {
      // No two shapes claim one record, so the one that claimed the last may go first.
      const last = isJson ? state.lastJson : state.lastText;
      const claimed = last !== null && reader.claims(last) ? last : isJson ? reader.claimJson() : reader.claimText();
      if (reader.problem !== null) return refuse(record, reader.problem.reason, reader.problem.detail);
      if (claimed === null) return refuse(record, 'unknown_format', 'No known format claims the record.');
      if (!carries(claimed.format)) return refuse(record, 'not_authorised', `The source does not carry the format ${claimed.format.id}.`);
      if (isJson) state.lastJson = claimed;
      else state.lastText = claimed;
      return this.#run(record, state, claimed);
    } catch {
      // The error's message may quote the record.
      return refuse(record, 'bad_field', 'The format could not read the record.');
    } finally {
      if (this.#secrets.length > 0) this.#secrets.length = 0;
    }
  }

  #run(record: RawRecord, state: OriginState, claimed: ShapeReader): Outcome {
    const { reader, settings } = state.source;
    const result = claimed.shape.normalize(reader.valuesOf(claimed), state.context, claimed.secrets);
    if (reader.problem !== null) return refuse(record, reader.problem.reason, reader.problem.detail);
    if (result === 'ignore') return { kind: 'ignored', format: claimed.format.id };
    if ('quarantine' in result) return refuse(record, result.quarantine, result.detail);
    if (result.cloudAccount !== null && settings.accounts.length > 0 && !settings.accounts.includes(result.cloudAccount)) {
      return refuse(record, 'not_authorised', 'The source may not speak for this account.');
    }
    if (result.tokenIssuer !== null && settings.issuers.length > 0 && !settings.issuers.includes(result.tokenIssuer)) {
      return refuse(record, 'not_authorised', 'The source may not speak for this issuer.');
    }
    const problem = completeEvent(result, record);
    if (problem === null && this.#secrets.length > 0) {
      noteSeen(result, this.#secrets);
      this.#sealer?.offer(result, this.#secrets);
    }
    return problem === null ? { kind: 'event', event: result } : refuse(record, problem.reason, problem.detail);
  }

  #makeSecret(rawToken: string, field: string): Secret {
    const secret = new Secret(rawToken, this.#fingerprinter, field);
    this.#secrets.push(secret);
    return secret;
  }

  #stateOf(origin: Origin): OriginState {
    if (this.#current?.origin === origin) return this.#current;
    let state = this.#origins.get(origin);
    if (state === undefined) {
      const source = (origin.source === null ? undefined : this.#sources.get(origin.source)) ?? this.#unconfigured;
      const context = {
        source: source.settings, envelopeTimeMs: null, referenceMs: origin.modifiedMs,
        fingerprint: (issuer: string, id: string) => this.#fingerprinter.fingerprint(issuer, id),
      };
      this.#origins.set(origin, state = { origin, source, context, lastJson: null, lastText: null });
    }
    return this.#current = state;
  }

  #compile(source: ConfiguredSource): CompiledSource {
    const carries = (format: Format) => source.formats === null || source.formats.includes(format.id);
    const reader = new RecordReader(this.#formats, {
      mappingOf: (format) => (carries(format) ? source.settings.mapping : {}),
      secret: (rawToken, field) => this.#makeSecret(rawToken, field),
    });
    return { settings: source.settings, reader, carries };
  }
}

/** Tells where the presented token itself stood. A report of a leak is no further leak, and a JWT's id is no secret. */
function noteSeen(event: TokenEvent, secrets: readonly Secret[]): void {
  if (event.token === null || event.lifecycle === 'leaked') return;
  const seen = secrets.find((secret) => !secret.isDigest && secret.isTokenOf(event));
  if (seen !== undefined && !(seen.field === 'jti' && event.tokenKind === 'jwt')) event.tokenSeenIn = seen.field;
}

function refuse(record: RawRecord, reason: QuarantineReason, detail: string): Outcome {
  const { origin, offset, index, bytes } = record;
  return { kind: 'refused', refusal: { path: origin.path, identity: origin.identity, offset, index, length: bytes.length, reason, detail } };
}

/** The text of UTF-8 bytes, `null` when they are none. Lines mostly are ASCII, which is text as it stands. */
function textOf(bytes: Uint8Array): string | null {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.latin1Slice(0, buffer.length);
  return isUtf8(buffer) ? buffer.utf8Slice(0, buffer.length) : null;
}

/** `[2026`: a line with its time in brackets. An array of numbers would begin so too, but no format has such records. */
function beginsLikeTime(bytes: Uint8Array): boolean {
  return bytes.length <= maxLineBytes && bytes[0] === openBracket && bytes[1]! >= 0x30 && bytes[1]! <= 0x39;
}

/** `[2026-`: no list begins so, not even a broken one. */
function beginsWithYear(bytes: Uint8Array): boolean {
  return beginsLikeTime(bytes) && bytes[5] === 0x2d;
}

/** The first byte that is no white space; 0 when there is none. */
function firstByte(bytes: Uint8Array): number {
  for (const byte of bytes) {
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return byte;
  }
  return 0;
}
