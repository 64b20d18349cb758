import { z } from 'zod';
import type { NetworkClass, Vantage } from '../model/event.ts';
import type { Parameter, Parameters } from '../model/detector.ts';
import { exceptionsSection } from './exceptions.ts';
import type { JsonSchema } from './json-schema.ts';
import { inventoryEntry, inventoryFiles, postureSection } from './inventory-schema.ts';
import { loginSection } from './login-schema.ts';
import { policyRule, respondSection } from './policy-schema.ts';
import { cidr, file, text, texts } from './scalars.ts';
import { sinkSection } from './sink-schema.ts';
import { bytesPattern, durationPattern, isTimezone } from './units.ts';
import { canarySection, heartbeatSection } from './watch-schema.ts';

/** How the configuration writes a name of the code: `minimumBytes` is `minimum_bytes`. */
export function settingName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The part of a detector that the configuration needs: its id and what can be set. */
export interface Configurable { readonly id: string; readonly parameters: Parameters; readonly neverHidden?: true }

const vantages = ['edge', 'gateway', 'resource', 'flow', 'iam'] as const satisfies readonly Vantage[];
const networkClasses = ['private', 'hosting', 'vpn', 'tor', 'isp', 'provider', 'unknown'] as const satisfies readonly NetworkClass[];
/** Ranges that may stand in `trusted_proxies` by name, as the configuration writes them. */
export const proxyRanges = ['loopback', 'private', 'link_local', 'carrier_grade'] as const;

const proxy = z.union([z.enum(proxyRanges), cidr])
  .meta({ title: `a network such as 10.20.0.0/16 or one of ${proxyRanges.join(', ')}` });
const link = z.string().max(500).regex(/^https?:\/\/[^\s{}/]+\/\S*$/).meta({ title: 'an http or https URL with names such as {detector} in its path' });
const zone = z.string().refine(isTimezone).meta({ title: 'a time zone such as UTC or Europe/Berlin' });

const source = z.strictObject({
  name: text.describe('Unique name; events and alerts carry it.'),
  type: z.enum(['file', 'stdin', 'kafka', 'http']).default('file'),
  topics: texts.describe('Kafka topics to read.'),
  credentials_file: file.optional().describe('Who may push to a source of type http: see the README.'),
  internal: z.boolean().default(false).meta({ title: 'true or false' })
    .describe('Written by Tokenward itself: format ecs then takes over tokenward.* as it stands, verdicts and fingerprints included.'),
  paths: texts.describe('File names, * standing for any run of characters; without a slash, matched to the last part of the path.'),
  formats: texts.describe('Ids of the log formats that this source carries; empty: any.'),
  issuers: texts.describe('Authorities whose tokens this source may speak for; a single one is also that of tokens whose record names none.'),
  accounts: texts.describe('Cloud accounts this source may speak for.'),
  vantage: z.enum(vantages).optional().describe('Where the source looks from; absent: as its format says.'),
  timezone: zone.default('UTC').describe('Zone of timestamps that have none.'),
  trusted_proxies: z.array(proxy)
    .default([...proxyRanges]).describe('Networks of the operator\'s own proxies, whose X-Forwarded-For is believed.'),
  own_hops: z.int().min(0).max(16).default(1).meta({ title: 'a whole number from 0 to 16' }),
  refuses_anonymous: z.boolean().default(false).meta({ title: 'true or false' })
    .describe('The route refuses calls without a valid token, so a success proves that the token was checked.'),
  validation_cache: z.string().regex(durationPattern).optional().meta({ title: 'a duration such as 5m' })
    .describe('How long the gateway goes on accepting what was revoked, because it asks the issuer no sooner.'),
  mapping: z.record(z.string(), z.union([text, z.array(text).min(1)]).meta({ title: 'a key, or a list of keys' })).default({})
    .describe('The operator\'s own key names: field of the format to key, or to the list of keys that leads there.'),
});

const network = z.strictObject({
  name: text.describe('Shown in alerts instead of the address block.'),
  cidrs: z.array(cidr).min(1).meta({ title: 'a list of networks' }),
  class: z.enum(networkClasses).default('private').describe('What kind of network it is.'),
  vendor: text.optional().describe('Third party whose network it is: credentials only ever used from there are held by it.'),
  description: text.optional(),
});

const feed = z.strictObject({
  file: file.describe('One address, network or AS number a line; # starts a comment.'),
  class: z.enum(networkClasses),
});

const honeytoken = z.strictObject({
  name: text.describe('Where it was laid out, for example wiki-backup-page; alerts name it.'),
  handle: text.optional().describe('Public id of the token: access key id, jti, accessor.'),
  fingerprint: text.optional().describe('Its fingerprint, as events name it.'),
  client: text.optional().describe('Name or id of the caller in the log.'),
}).refine(({ handle, fingerprint, client }) => (handle ?? fingerprint ?? client) !== undefined)
  .meta({ title: 'a name, and at least one of handle, fingerprint, client' });

const route = z.strictObject({
  path: z.string().regex(/^\/[^?#]*$/).meta({ title: 'a path such as /orders/{id}' })
    .describe('Variable segments in braces; a last /* stands for whatever follows.'),
  host: text.optional().describe('Absent: on any host.'),
  data_class: text.optional().describe('How the data behind it is classed, for example customer.'),
});

const kafka = z.strictObject({
  brokers: z.array(text).min(1).meta({ title: 'a list of host:port' }),
  client_id: text.default('tokenward'),
  group_id: text.default('tokenward')
    .describe('Consumer group: shares partitions out; read positions are in the store. Of several Kafka sources each has its own: <group_id>.<name>.'),
  tls: z.strictObject({ ca_file: file.optional(), cert_file: file.optional(), key_file: file.optional() }).optional()
    .meta({ title: 'TLS files, or {} for the authorities of the system' }),
  sasl: z.strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']),
    username: text.optional(), password_file: file.optional(), token_file: file.optional(),
  }).optional(),
  schema_registry: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).meta({ title: 'an http or https URL' }),
    username: text.optional(), password_file: file.optional(), ca_file: file.optional(),
  }).optional().describe('Decodes values framed with a schema id. Needs the package @kafkajs/confluent-schema-registry.'),
  max_decompressed_bytes: z.int().min(1 << 16).optional().meta({ title: 'a number of bytes, 65536 at least' }),
});

/** The schema of the whole configuration; `detectors` is made of what each detector declares. */
export function configurationSchema(detectors: readonly Configurable[]) {
  return z.strictObject({
    sources: z.array(source).default([]).meta({ title: 'a list of sources' }),
    networks: z.array(network).default([]).meta({ title: 'a list of networks' }),
    inventory: z.array(inventoryEntry).default([]).meta({ title: 'a list of identities and what runs with them' }),
    inventory_files: inventoryFiles,
    posture: postureSection.prefault({}),
    honeytokens: z.array(honeytoken).default([]).meta({ title: 'a list of honeytokens' }).describe('Baits: nobody has a reason to use one.'),
    canaries: canarySection,
    exceptions: exceptionsSection,
    resources: z.strictObject({
      openapi_files: z.array(file).default([]).meta({ title: 'a list of file names' })
        .describe('OpenAPI descriptions, JSON or YAML: their paths are the routes of resources; x-data-class tells the class.'),
      patterns: z.array(route).default([]).meta({ title: 'a list of routes' }).describe('Routes, before those of OpenAPI files.'),
    }).prefault({}),
    identity: z.strictObject({
      fingerprint_key_file: file.optional()
        .describe('At least 32 secret bytes, readable by the owner only, that key the fingerprints of tokens.'),
    }).prefault({}),
    intel: z.strictObject({
      asn_mmdb: file.optional().describe('MaxMind database of networks, taking the place of the embedded table.'),
      country_mmdb: file.optional().describe('MaxMind database of countries, taking the place of the embedded table.'),
      feeds: z.array(feed).default([]).meta({ title: 'a list of feeds' }),
    }).prefault({}),
    detectors: z.strictObject(Object.fromEntries(detectors.map(({ id, parameters }) => [id, parametersSchema(parameters)]))).prefault({}),
    rules: z.array(file).default([]).meta({ title: 'a list of file names, such as rules/*.yaml' })
      .describe('The operator\'s own rules, one a file: see docs/rules.md.'),
    kafka: kafka.optional(),
    sinks: z.array(sinkSection).default([]).meta({ title: 'a list of sinks' }),
    policy: z.array(policyRule).default([]).meta({ title: 'a list of rules' })
      .describe('What is to be done about an alert: the first rule that matches says so. No rule, nothing is proposed.'),
    respond: respondSection.prefault({}),
    server: z.strictObject({
      listen: z.string().regex(/^(?:\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/).default('127.0.0.1:7317').meta({ title: 'host:port' }),
      credentials_file: file.optional().describe('Who may read metrics and details; needed to listen elsewhere than on loopback.'),
      accounts_file: file.optional().describe('People and programs that may look, approve and administer: name, role, SHA-256 of the API token.'),
      public_url: z.url({ protocol: /^https?$/ }).optional().meta({ title: 'an http or https URL' })
        .describe('Where people reach the page, if by another name than this machine\'s address, such as that of a proxy with TLS. Alerts link to it.'),
      runbook_url: link.optional().describe('Where people read what to do about an alert, with {detector} in it.'),
      siem_url: link.optional().describe('A search in the SIEM for an alert, with {alert}, {identity}, {token}, {address}, {start}, {end} in it.'),
      login: loginSection.optional(),
      heartbeat: heartbeatSection.optional(),
    }).prefault({}),
    store: z.strictObject({
      dir: z.string().min(1).optional().meta({ title: 'the name of a folder' }),
      checkpoint_every: z.string().regex(durationPattern).default('5s').meta({ title: 'a duration such as 5s' }),
    }).prefault({}),
  });
}

function parametersSchema(parameters: Parameters) {
  const fields = Object.entries(parameters).map(([name, parameter]) => [settingName(name), parameterSchema(parameter).optional()]);
  return z.strictObject(Object.fromEntries(fields) as Record<string, z.ZodOptional>).optional();
}

function parameterSchema(parameter: Parameter): z.ZodType {
  const about = { description: parameter.describe, default: parameter.default };
  const zero = z.literal(0);
  const duration = z.string().regex(durationPattern);
  switch (parameter.kind) {
    case 'duration':
      return z.union([zero, duration]).meta({ ...about, title: 'a duration such as 10m or 30d, or 0' });
    case 'duration-or-auto':
      return z.union([zero, z.literal('auto'), duration]).meta({ ...about, title: 'auto, a duration such as 10m or 30d, or 0' });
    case 'bytes':
      return z.union([z.int().min(0), z.string().regex(bytesPattern)]).meta({ ...about, title: 'a size such as 10MB or 1GiB' });
    case 'number':
      return z.number().meta({ ...about, title: 'a number' });
  }
}

export type RawConfiguration = z.output<ReturnType<typeof configurationSchema>>;

/** JSON Schema (draft 2020-12) of the configuration file, for editors and for error messages. */
export function configurationJsonSchema(detectors: readonly Configurable[]): JsonSchema {
  return { ...z.toJSONSchema(configurationSchema(detectors), { io: 'input' }) } as JsonSchema;
}
