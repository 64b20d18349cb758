import { readFileSync } from 'node:fs';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { defaultSource, type Format, type SourceSettings } from '../../../src/ingest/formats/format.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';
import type { Origin, Outcome } from '../../../src/ingest/record.ts';
import type { TokenEvent } from '../../../src/model/event.ts';

/** Fingerprints that can be read: `<issuer>#<id>`. */
export const readable = { fingerprint: (issuer: string, id: string) => `${issuer}#${id}` } as unknown as Fingerprinter;

export interface Setup {
  readonly only?: readonly Format[];
  readonly settings?: Partial<SourceSettings>;
  readonly fingerprinter?: Fingerprinter;
}

/** A function from one record's text to what became of it. */
export function reader({ only = formats, settings = {}, fingerprinter = new Fingerprinter(replayKey) }: Setup = {}): (text: string) => Outcome {
  const normalizer = new Normalizer(only, { fingerprinter, unconfigured: { settings: { ...defaultSource, ...settings }, formats: null } });
  const origin: Origin = { path: 'fixture', identity: 'fixture', place: 0, source: null, modifiedMs: Date.UTC(2026, 10, 22) };
  let ordinal = 0;
  return (text) => normalizer.normalize({
    origin, bytes: new TextEncoder().encode(text), offset: ordinal, index: null, ordinal: ordinal++, originalPosition: null, envelopeTimeMs: null,
  });
}

export function eventOf(outcome: Outcome): TokenEvent {
  if (outcome.kind !== 'event') throw new Error(`no event: ${JSON.stringify(outcome)}`);
  return outcome.event;
}

export function linesOf(file: string | URL): string[] {
  return readFileSync(file, 'utf8').split('\n').map((line) => line.replace(/\r$/, '')).filter((line) => line.trim() !== '');
}

/** An outcome without what is absent and without the position. */
export function summaryOf(outcome: Outcome): Record<string, unknown> {
  if (outcome.kind === 'ignored') return { ignored: outcome.format };
  if (outcome.kind === 'refused') return { refused: outcome.refusal.reason };
  const { path: _path, offset: _offset, index: _index, source: _source, ...rest } = outcome.event;
  const present = Object.entries(rest).filter(([key, value]) => value !== null && !(key === 'partial' && value === false));
  return Object.fromEntries(present.map(([key, value]) => [key, key.endsWith('Ms') ? new Date(value as number).toISOString() : value]));
}
