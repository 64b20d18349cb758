/**
 * Each format on its own sample records: reading, recognizing and normalizing them, against `JSON.parse` of the same, or, of text, against
 * splitting the same lines into words. Run by itself it prints a table; the whole bench calls `benchFormats`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import type { Origin, RawRecord } from '../../src/ingest/record.ts';
import { median } from './measure.ts';

export interface FormatResult {
  readonly format: string;
  readonly kind: 'json' | 'text';
  readonly meanBytes: number;
  readonly microseconds: number;
  /** Speed against `JSON.parse` of the same records, or against a plain split of the same lines: 1 is as fast, 0.25 takes four times as long. */
  readonly speed: number;
}

const folder = new URL('../data/formats/', import.meta.url);
const recordCount = 2000;
/** Rounds before the first that counts: code that is not compiled yet is several times slower. */
const warmUps = 25;
const origin: Origin = { path: 'bench', identity: 'bench', place: 0, source: null, modifiedMs: Date.UTC(2026, 10, 22) };

export function benchFormats(rounds = 9): FormatResult[] {
  return formats.flatMap(({ id }) => (['json', 'text'] as const).flatMap((kind) => benchOne(id, kind, rounds)));
}

function benchOne(format: string, kind: FormatResult['kind'], rounds: number): FormatResult[] {
  const records = recordsOf(format, kind);
  if (records.length === 0) return [];
  // All formats, as with `--format auto`: whose record it is has to be found out.
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const reference = kind === 'json' ? parse : splitLike(records[0]!.bytes as Buffer);
  const own = (): void => { for (const record of records) sink += normalizer.normalize(record).kind.length; };
  const theirs = (): void => { for (const { bytes } of records) sink += reference(bytes as Buffer); };
  for (let i = 0; i < warmUps; i += 1) {
    own();
    theirs();
  }
  const times = Array.from({ length: rounds }, () => [timed(theirs), timed(own)] as const);
  return [{
    format, kind,
    meanBytes: records.reduce((sum, { bytes }) => sum + bytes.length, 0) / records.length,
    microseconds: median(times.map(([, ownMs]) => ownMs)) * 1000 / records.length,
    speed: median(times.map(([theirMs, ownMs]) => theirMs / ownMs)),
  }];
}

let sink = 0;
const parse = (bytes: Buffer): number => Object.keys(JSON.parse(bytes.toString()) as object).length;

/** A split of lines at what parts the words of the first of them. */
function splitLike(first: Buffer): (bytes: Buffer) => number {
  const [separator] = [' ', '\t', '|', ', ', '^'].toSorted((a, b) => first.toString().split(b).length - first.toString().split(a).length);
  return (bytes) => bytes.toString().split(separator!).length;
}

/** The sample records of a kind, again and again, in one order. */
function recordsOf(format: string, kind: FormatResult['kind']): RawRecord[] {
  const place = new URL(`${format}/`, folder);
  const lines = readdirSync(place).filter((name) => /\.(?:ndjson|log)$/.test(name))
    .flatMap((name) => readFileSync(new URL(name, place), 'utf8').split('\n')).filter((line) => line.trim() !== '' && line.startsWith('{') === (kind === 'json'));
  return lines.length === 0 ? [] : Array.from({ length: recordCount }, (_, ordinal) => ({
    origin, bytes: Buffer.from(lines[ordinal % lines.length]!), offset: ordinal, index: null, ordinal, originalPosition: null, envelopeTimeMs: null,
  }));
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  for (let i = 0; i < 4; i += 1) work();
  return (performance.now() - startedMs) / 4;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const results = benchFormats();
  for (const { format, kind, meanBytes, microseconds, speed } of results.toSorted((a, b) => a.speed - b.speed)) {
    process.stdout.write(`${format.padEnd(24)} ${kind} ${String(Math.round(meanBytes)).padStart(5)} B ${microseconds.toFixed(2).padStart(6)} us ${speed.toFixed(2)}\n`);
  }
  if (sink === 0) throw new Error('nothing was read');
}
