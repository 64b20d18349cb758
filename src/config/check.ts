import { checkPolicy } from './check-policy.ts';
import { checkSinks } from './check-sinks.ts';
import { checkExceptions } from './check-exceptions.ts';
import { checkDatabase, checkKeyFile, checkReadable, type FileComplaint } from './files.ts';
import type { KeyPath } from './document.ts';
import { unknownIds, type Complaint } from './issues.ts';
import type { Configurable, RawConfiguration } from './schema.ts';
import { checkOpenApi } from './resources.ts';
import { ruleFiles } from './rule-files.ts';
import { didYouMean } from './suggest.ts';

/** What no schema can say: names that must be unique or known, and files that must be there. */
export function checkConfiguration(
  raw: RawConfiguration, detectors: readonly Configurable[], formats: readonly { readonly id: string }[] | null,
): Complaint[] {
  return [
    ...repeatedNames(['sources'], raw.sources), ...repeatedNames(['exceptions'], raw.exceptions), ...repeatedNames(['networks'], raw.networks),
    ...repeatedNames(['canaries'], raw.canaries), ...repeatedNames(['sinks'], raw.sinks),
    ...repeatedNames(['policy'], raw.policy), ...repeatedNames(['respond', 'actions'], raw.respond.actions),
    ...checkPolicy(raw, detectors), ...checkSinks(raw, detectors), ...checkExceptions(raw, detectors),
    ...missingRules(raw), ...ambiguousSources(raw), ...liveSources(raw), ...unknownFormats(raw, formats), ...homelessLogin(raw),
    ...unheardCanaries(raw), ...files(raw),
  ];
}

function repeatedNames(list: KeyPath, entries: readonly { readonly name: string }[]): Complaint[] {
  const seen = new Set<string>();
  return entries.flatMap(({ name }, place) => {
    const repeated = seen.has(name);
    seen.add(name);
    return repeated ? [{ path: [...list, place, 'name'], message: `"${name}" is used twice`, hint: 'names must be unique' }] : [];
  });
}

function missingRules({ rules }: RawConfiguration): Complaint[] {
  const hint = 'one rule a file, such as rules/*.yaml; file names are relative to the working folder';
  return ruleFiles(rules).flatMap((found, place) => (found === null ? [{ path: ['rules', place], message: `no file is named "${rules[place]}"`, hint }] : []));
}

function ambiguousSources({ sources }: RawConfiguration): Complaint[] {
  if (sources.length < 2) return [];
  const hint = 'only a source that stands alone takes every file';
  return sources.flatMap((source, place) => (source.type === 'file' && source.paths.length === 0
    ? [{ path: ['sources', place], message: `source "${source.name}" needs "paths"`, hint }]
    : []));
}

/** What reads from others for as long as it runs says what it expects; else one topic could forge the log of another. */
function liveSources({ sources, sinks, kafka }: RawConfiguration): Complaint[] {
  const missing = (place: number, key: string, hint: string): Complaint =>
    ({ path: ['sources', place], message: `source "${sources[place]!.name}" needs "${key}"`, hint });
  const complaints = sources.flatMap((source, place) => {
    if (source.type !== 'kafka' && source.type !== 'http') return [];
    const found = source.formats.length === 0 ? [missing(place, 'formats', 'list the formats it carries; anything else in it is refused')] : [];
    if (source.type === 'kafka' && source.topics.length === 0) found.push(missing(place, 'topics', 'the topics to read'));
    if (source.type === 'http' && source.credentials_file === undefined) found.push(missing(place, 'credentials_file', 'who may push'));
    return found;
  });
  const users = [...sources, ...sinks].some(({ type }) => type === 'kafka');
  const hint = 'kafka: { brokers: [host:9092] }';
  return users && kafka === undefined ? [...complaints, { path: [], message: 'a source or sink of type kafka needs "kafka"', hint }] : complaints;
}

function unknownFormats({ sources }: RawConfiguration, formats: readonly { readonly id: string }[] | null): Complaint[] {
  if (formats === null) return [];
  return sources.flatMap((source, place) => unknownIds('format', source.formats, formats, ['sources', place, 'formats']));
}

/** Without a name of our own the provider could not send people back. */
function homelessLogin({ server }: RawConfiguration): Complaint[] {
  if (server.login === undefined || server.public_url !== undefined) return [];
  return [{ path: ['server', 'login'], message: 'logging in with a provider needs "public_url"', hint: 'the provider sends people back to it' }];
}

/** A canary in a log that nobody reads would always be missing. */
function unheardCanaries({ canaries, sources }: RawConfiguration): Complaint[] {
  const names = sources.map(({ name }) => name);
  return canaries.flatMap(({ source }, place) => (names.includes(source)
    ? []
    : [{ path: ['canaries', place, 'source'], message: `no source is named "${source}"`, hint: didYouMean(source, names) }]));
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
    ...raw.resources.openapi_files.flatMap((name, place) => check(['resources', 'openapi_files', place], name, checkOpenApi)),
    ...check(['server', 'credentials_file'], raw.server.credentials_file, checkReadable),
    ...check(['server', 'accounts_file'], raw.server.accounts_file, checkReadable),
    ...fileKeys(raw.server.login ?? {}).flatMap(([key, file]) => check(['server', 'login', key], file, checkReadable)),
    ...fileKeys(raw.server.heartbeat ?? {}).flatMap(([key, file]) => check(['server', 'heartbeat', key], file, checkReadable)),
    ...raw.respond.actions.flatMap((action, place) => fileKeys(action)
      .flatMap(([key, file]) => check(['respond', 'actions', place, key], file, checkReadable))),
    ...raw.respond.actions.flatMap((action, place) => (action.type === 'deny_list' ? action.gateways : [])
      .flatMap(({ credentials_file: file }, at) => check(['respond', 'actions', place, 'gateways', at, 'credentials_file'], file, checkReadable))),
    ...fileKeys(raw.respond.seal_tokens ?? {}).flatMap(([key, file]) => check(['respond', 'seal_tokens', key], file, checkReadable)),
    ...check(['respond', 'audit_checkpoints', 'signing_key_file'], raw.respond.audit_checkpoints?.signing_key_file, checkReadable),
    ...raw.sources.flatMap((source, place) => check(['sources', place, 'credentials_file'], source.credentials_file, checkReadable)),
    ...raw.sinks.flatMap((sink, place) => fileKeys(sink).flatMap(([key, file]) => check(['sinks', place, key], file, checkReadable))),
    ...fileKeys(raw.kafka?.tls ?? {}).flatMap(([key, file]) => check(['kafka', 'tls', key], file, checkReadable)),
    ...fileKeys(raw.kafka?.sasl ?? {}).flatMap(([key, file]) => check(['kafka', 'sasl', key], file, checkReadable)),
    ...raw.intel.feeds.flatMap((feed, place) => check(['intel', 'feeds', place, 'file'], feed.file, checkReadable)),
  ];
}

/** The settings of a section that name files. */
function fileKeys(section: object): [string, string][] {
  return Object.entries(section).filter(([key, value]) => key.endsWith('_file') && typeof value === 'string') as [string, string][];
}
