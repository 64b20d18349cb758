import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { NetworkClass } from '../model/event.ts';
import type { Canary } from '../model/canary.ts';
import type { Exception } from '../model/exception.ts';
import type { InventoryEntry } from '../model/inventory.ts';
import type { Listing } from '../model/listing.ts';
import type { PostureSettings } from '../model/posture.ts';
import { checkConfiguration } from './check.ts';
import { parseConfiguration, type ConfigurationDocument, type KeyPath } from './document.ts';
import { makeException } from './exceptions.ts';
import { applyOverride, readOverrides, type Environment, type Override } from './environment.ts';
import { makeEntry, readInventoryFiles, type InventoryFiles } from './inventory-files.ts';
import type { RawPosture } from './inventory-schema.ts';
import { complaints, type Complaint } from './issues.ts';
import { isMap } from './json.ts';
import { makeLogin, type LoginSettings } from './login-schema.ts';
import type { ParameterTexts } from './parameters.ts';
import { makeRespond, makeRule, type RespondSettings, type Rule } from './policy.ts';
import { ConfigurationError, type Problem } from './problem.ts';
import { configurationJsonSchema, configurationSchema, type Configurable, type RawConfiguration } from './schema.ts';
import { readRules, ruleFiles, type CheckRule, type DetectionRule } from './rule-files.ts';
import { makeResources, type RoutePattern } from './resources.ts';
import { makeSource, type Source } from './sources.ts';
import { durationMs } from './units.ts';
import { makeCanary, makeHeartbeat, type HeartbeatSettings } from './watch-schema.ts';

/** A network that the operator named: shown in alerts and classed as told. */
export interface NamedNetwork {
  readonly name: string;
  readonly cidrs: readonly string[];
  readonly class: NetworkClass;
  /** Third party whose network it is. */
  readonly vendor?: string | undefined;
  readonly description?: string | undefined;
}
/** A list of networks from a file, all of one class. */
export interface Feed { readonly file: string; readonly class: NetworkClass }

/** As written: the service turns it into a connection. */
export type KafkaSection = NonNullable<RawConfiguration['kafka']>;
export type SinkSection = RawConfiguration['sinks'][number];

/** Everything the operator can set, with defaults applied. File names are relative to the working folder. */
export interface Configuration {
  /** File it was read from; `null` when only defaults and the environment apply. */
  readonly file: string | null;
  /** SHA-256 over the effective values in hex: equal for equal settings, however they were written. */
  readonly hash: string;
  readonly sources: readonly Source[];
  readonly networks: readonly NamedNetwork[];
  /** With the lines of `inventory_files`. */
  readonly inventory: readonly InventoryEntry[];
  /** What providers list, by `inventory import`. */
  readonly listings: readonly Listing[];
  readonly posture: PostureSettings;
  readonly canaries: readonly Canary[];
  readonly exceptions: readonly Exception[];
  readonly resources: { readonly patterns: readonly RoutePattern[] };
  readonly identity: { readonly fingerprintKeyFile: string | null };
  readonly intel: { readonly asnMmdb: string | null; readonly countryMmdb: string | null; readonly feeds: readonly Feed[] };
  /** As written; `parameterValues` gives what a detector is called with. */
  readonly detectors: ParameterTexts;
  /** The operator's own rules, checked. */
  readonly rules: readonly DetectionRule[];
  readonly kafka: KafkaSection | null;
  readonly sinks: readonly SinkSection[];
  /** The first that matches wins. */
  readonly policy: readonly Rule[];
  /** Where each rule stands, such as `tokenward.yaml:12:5`, for people. */
  readonly policyPlaces: readonly string[];
  readonly respond: RespondSettings;
  readonly server: {
    readonly host: string; readonly port: number; readonly credentialsFile: string | null; readonly accountsFile: string | null;
    readonly publicUrl: string | null; readonly runbookUrl: string | null; readonly siemUrl: string | null; readonly heartbeat: HeartbeatSettings | null;
    readonly login: LoginSettings | null;
  };
  readonly store: { readonly dir: string | null; readonly checkpointEveryMs: number };
}

export interface LoadOptions {
  readonly file: string | null;
  readonly environment: Environment;
  readonly detectors: readonly Configurable[];
  /** Known log formats; when given, names of formats are checked too. */
  readonly formats?: readonly { readonly id: string }[];
  /** Understands what the operator's rules say; absent: only their shape is checked. */
  readonly checkRule?: CheckRule;
}

/**
 * Reads, overrides by environment, checks and completes the configuration. Throws `ConfigurationError`
 * with every problem at once; files that it names (keys, databases, feeds) must be there and usable.
 */
export function loadConfiguration(options: LoadOptions): Configuration {
  const document = readDocument(options.file);
  if (document.problems.length > 0) throw new ConfigurationError(document.problems);
  const overrides = readOverrides(options.environment);
  const root = withoutEmpty(document.value);
  const refused = isMap(root) ? overrides.filter((override) => !applyOverride(root, override)) : [];
  const complain = complainer(document, overrides);
  const problems = refused.map((override) => complain({ path: override.path, message: 'leads to no setting', hint: null }));

  const parsed = configurationSchema(options.detectors).safeParse(root);
  if (!parsed.success) {
    const found = complaints(parsed.error.issues, configurationJsonSchema(options.detectors), root);
    throw new ConfigurationError([...problems, ...found.map(complain)]);
  }
  const read = readRules(ruleFiles(parsed.data.rules).flatMap((found) => found ?? []), options.checkRule ?? (() => []));
  const detectors = [...options.detectors, ...read.rules.map(({ id }) => ({ id, parameters: {} }))];
  const files = readInventoryFiles(parsed.data.inventory_files);
  problems.push(...read.problems, ...files.complaints.map(complain), ...checkConfiguration(parsed.data, detectors, options.formats ?? null).map(complain));
  if (problems.length > 0) throw new ConfigurationError(problems);
  const policyPlaces = parsed.data.policy.map((_, place) => complain({ path: ['policy', place], message: '', hint: null }).where);
  return build(options.file, parsed.data, files, read.rules, policyPlaces);
}

/** A file as a document; `null`: an empty one. Throws `ConfigurationError` where it cannot be read. */
export function readDocument(file: string | null): ConfigurationDocument {
  if (file === null) return parseConfiguration('', '{}');
  try {
    return parseConfiguration(file, new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const known: Record<string, string> = { ENOENT: 'no such file', ERR_ENCODING_INVALID_ENCODED_DATA: 'not UTF-8' };
    const message = known[code] ?? `cannot be read (${code})`;
    throw new ConfigurationError([{ where: file, line: 0, column: 0, message, hint: null }]);
  }
}

/** Ties complaints to the variable that set the value, else to line and column. */
function complainer(document: ConfigurationDocument, overrides: readonly Override[]): (complaint: Complaint) => Problem {
  return ({ path, key, message, hint }) => {
    const full = key === undefined ? path : [...path, key];
    // What is missing inside a list entry that variables made is theirs too.
    const override = overrides.find((one) => startsWith(full, one.path))
      ?? (document.has(full) ? undefined : overrides.find((one) => full.length > 0 && startsWith(one.path, full)));
    if (override !== undefined) return { where: override.variable, line: 0, column: 0, message, hint };
    return { ...document.place(path, key), message, hint };
  };
}

function startsWith(path: KeyPath, start: KeyPath): boolean {
  return start.length <= path.length && start.every((part, depth) => part === path[depth]);
}

function build(
  file: string | null, raw: RawConfiguration, files: InventoryFiles, rules: readonly DetectionRule[], policyPlaces: readonly string[],
): Configuration {
  const effective = {
    sources: raw.sources.map(makeSource),
    networks: raw.networks,
    inventory: [...raw.inventory.map(makeEntry), ...files.entries, ...raw.honeytokens.map(makeBait)],
    listings: files.listings,
    posture: makePosture(raw.posture),
    canaries: raw.canaries.map(makeCanary),
    exceptions: raw.exceptions.map(makeException),
    resources: makeResources(raw.resources),
    identity: { fingerprintKeyFile: raw.identity.fingerprint_key_file ?? null },
    intel: { asnMmdb: raw.intel.asn_mmdb ?? null, countryMmdb: raw.intel.country_mmdb ?? null, feeds: raw.intel.feeds },
    detectors: raw.detectors as ParameterTexts,
    rules,
    kafka: raw.kafka ?? null,
    sinks: raw.sinks,
    policy: raw.policy.map(makeRule),
    respond: makeRespond(raw.respond),
    server: {
      ...address(raw.server.listen), credentialsFile: raw.server.credentials_file ?? null, accountsFile: raw.server.accounts_file ?? null,
      publicUrl: raw.server.public_url ?? null, runbookUrl: raw.server.runbook_url ?? null, siemUrl: raw.server.siem_url ?? null,
      heartbeat: makeHeartbeat(raw.server.heartbeat), login: makeLogin(raw.server.login),
    },
    store: { dir: raw.store.dir ?? null, checkpointEveryMs: durationMs(raw.store.checkpoint_every) as number },
  };
  return { file, hash: createHash('sha256').update(stableText(effective)).digest('hex'), policyPlaces, ...effective };
}

/** A bait is a line of the inventory, so that it is reloaded with it. */
function makeBait({ name, ...match }: RawConfiguration['honeytokens'][number]): InventoryEntry {
  return { match, workload: null, kind: null, owner: null, honeytoken: name };
}

function makePosture({ lifetimes, long_lived: longLived, unused_after: unused, dormant_after: dormant }: RawPosture): PostureSettings {
  const ms = (text: string): number => durationMs(text) as number;
  return {
    limits: lifetimes.map(({ kinds, labels, limit }) => ({ kinds, labels, limitMs: ms(limit) })),
    longLivedMs: ms(longLived), unusedMs: ms(unused), dormantMs: ms(dormant),
  };
}

/** `127.0.0.1:7317` or `[::1]:7317`, as the schema has checked. */
function address(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(listen.slice(colon + 1)) };
}

function stableText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (!isMap(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}

/** A key without a value (`sources:` and nothing below) is as good as absent. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null).map(([key, inner]) => [key, withoutEmpty(inner)]));
}
