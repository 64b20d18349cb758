import { checkDatabase, checkKeyFile, checkReadable, type FileComplaint } from './files.ts';
import type { KeyPath } from './document.ts';
import type { Complaint } from './issues.ts';
import type { RawConfiguration } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** What no schema can say: names that must be unique or known, and files that must be there. */
export function checkConfiguration(raw: RawConfiguration, formats: readonly { readonly id: string }[] | null): Complaint[] {
  return [
    ...repeatedNames('sources', raw.sources), ...repeatedNames('networks', raw.networks),
    ...ambiguousSources(raw), ...unknownFormats(raw, formats), ...files(raw),
  ];
}

function repeatedNames(list: string, entries: readonly { readonly name: string }[]): Complaint[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name }, place) => {
    const repeated = seen.has(name);
    seen.add(name);
    return repeated ? [{ path: [list, place, 'name'], message: `"${name}" is used twice`, hint: 'names must be unique' }] : [];
  });
}

function ambiguousSources({ sources }: RawConfiguration): Complaint[] {
  if (sources.length < 2) return [];
  const hint = 'only a source that stands alone takes every file';
  return sources.flatMap((source, place) => (source.type === 'file' && source.paths.length === 0
    ? [{ path: ['sources', place], message: `source "${source.name}" needs "paths"`, hint }]
    : []));
}

function unknownFormats({ sources }: RawConfiguration, formats: readonly { readonly id: string }[] | null): Complaint[] {
  if (formats === null) return [];
  const known = formats.map((format) => format.id);
  return sources.flatMap((source, place) => source.formats.flatMap((id, at) => (known.includes(id)
    ? []
    : [{ path: ['sources', place, 'formats', at], message: `unknown format "${id}"`, hint: didYouMean(id, known) }])));
}

function files(raw: RawConfiguration): Complaint[] {
  const check = (path: KeyPath, file: string | undefined, how: (file: string) => FileComplaint | null): Complaint[] => {
    const complaint = file === undefined ? null : how(file);
    return complaint === null ? [] : [{ path, ...complaint }];
  };
  return [
    ...check(['identity', 'fingerprint_key_file'], raw.identity.fingerprint_key_file, checkKeyFile),
    ...check(['intel', 'asn_mmdb'], raw.intel.asn_mmdb, checkDatabase),
    ...check(['intel', 'country_mmdb'], raw.intel.country_mmdb, checkDatabase),
    ...raw.intel.feeds.flatMap((feed, place) => check(['intel', 'feeds', place, 'file'], feed.file, checkReadable)),
  ];
}
