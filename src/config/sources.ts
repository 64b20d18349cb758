import { basename } from 'node:path';
import { defaultSource, type SourceSettings } from '../ingest/formats/format.ts';
import type { RawConfiguration } from './schema.ts';
import { durationMs } from './units.ts';

/** One configured source: what its formats read, and which inputs belong to it. */
export interface Source extends SourceSettings {
  readonly type: 'file' | 'stdin' | 'kafka' | 'http';
  readonly topics: readonly string[];
  readonly credentialsFile: string | null;
  /** Patterns of file names; empty only where the source stands alone. */
  readonly paths: readonly string[];
  /** Ids of the formats it carries; empty: any. */
  readonly formats: readonly string[];
  /** How long its gateway goes on accepting what was revoked, ms; `null`: not told. */
  readonly validationCacheMs: number | null;
}

/** What applies to inputs that no configured source claims. */
export const unconfiguredSource: Source = {
  ...defaultSource, type: 'file', topics: [], credentialsFile: null, paths: [], formats: [], validationCacheMs: null,
};

/** Range names as `SourceSettings` has them. */
const ranges: Readonly<Record<string, string>> = {
  loopback: 'loopback', private: 'private', link_local: 'linkLocal', carrier_grade: 'carrierGradeNat',
};

export function makeSource(raw: RawConfiguration['sources'][number]): Source {
  return {
    type: raw.type, topics: raw.topics, credentialsFile: raw.credentials_file ?? null, paths: raw.paths, formats: raw.formats,
    name: raw.name, issuers: raw.issuers, accounts: raw.accounts, vantage: raw.vantage ?? null, internal: raw.internal, timezone: raw.timezone,
    trustedProxies: raw.trusted_proxies.map((proxy) => ranges[proxy] ?? proxy),
    validationCacheMs: raw.validation_cache === undefined ? null : durationMs(raw.validation_cache),
    ownHops: raw.own_hops, refusesAnonymous: raw.refuses_anonymous,
    mapping: Object.fromEntries(Object.entries(raw.mapping).map(([field, keys]) => [field, typeof keys === 'string' ? [keys] : keys])),
  };
}

/**
 * The source that an input belongs to: the first whose pattern fits; one that stands alone without
 * patterns takes all. `-` is standard input.
 */
export function sourceFor(sources: readonly Source[], path: string): Source {
  const alone = sources.length === 1 && sources[0]!.paths.length === 0 ? sources[0] : undefined;
  const type = path === '-' ? 'stdin' : 'file';
  return alone
    ?? sources.find((source) => source.type === type && (type === 'stdin' || source.paths.some((pattern) => matches(pattern, path))))
    ?? unconfiguredSource;
}

/** A pattern without a slash is compared with the last part of the path, else with all of it. `*` is any run of characters. */
export function matches(pattern: string, path: string): boolean {
  const wanted = pattern.replace(/^\.\//, '');
  const subject = wanted.includes('/') ? path.replace(/^\.\//, '') : basename(path);
  const [head = '', ...rest] = wanted.split('*');
  const tail = rest.pop();
  if (tail === undefined) return subject === head;
  if (!subject.startsWith(head)) return false;
  let from = head.length;
  for (const part of rest) {
    const at = subject.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return subject.length - tail.length >= from && subject.endsWith(tail);
}
