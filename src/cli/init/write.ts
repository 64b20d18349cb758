import { formats } from '../../ingest/formats/index.ts';
import type { KafkaConnection } from '../../ingest/kafka/client.ts';
import type { Look } from './look.ts';
import { gapsOf } from './gaps.ts';
import type { PlannedSource } from './plan.ts';

const maxNetworks = 5;
const maxListed = 8;

/** The configuration as a file for people: what was found as settings, what is theirs to decide as comments. */
export function configurationText(sources: readonly PlannedSource[], looks: readonly Look[], kafka: KafkaConnection | null): string {
  return [
    `# Made by \`tokenward init\` from ${kafka === null ? 'the first records of each file' : 'some records of each topic'}.`,
    '# What only you can know stands in comments.',
    '# `tokenward validate` checks it; docs/configuration.md goes through the settings.',
    '',
    ...kafka === null ? [] : kafkaLines(kafka),
    'sources:', ...sources.flatMap((source) => sourceLines(source)),
    '', ...networkLines(looks), '',
    '# What logs do not say: who runs what, whose it is.',
    '# inventory:', '#   - match: { client: a-client-of-yours }', '#     workload: its-workload', '#     owner: its-team', '',
    '# Fingerprints are kept under this key. Back it up: under another one every token is a stranger.',
    '# identity:', '#   fingerprint_key_file: secrets/fingerprint.key     # head -c 32 /dev/urandom > secrets/fingerprint.key; chmod 600', '',
    '# What was learned, kept between runs. Without it each replay begins anew.',
    '# store:', '#   dir: data', '',
  ].join('\n');
}

function kafkaLines({ brokers, ssl, sasl }: KafkaConnection): string[] {
  const files = { ca_file: ssl?.caFile, cert_file: ssl?.certFile, key_file: ssl?.keyFile };
  const login = { mechanism: sasl?.mechanism, username: sasl?.username, password_file: sasl?.passwordFile, token_file: sasl?.tokenFile };
  return [
    'kafka:', `  brokers: ${list(brokers)}`,
    ...ssl === undefined ? [] : [`  tls: ${settings(files)}`], ...sasl === undefined ? [] : [`  sasl: ${settings(login)}`],
    '  # group_id: tokenward     # shares partitions out; where it goes on reading stands in the data folder', '',
  ];
}

function settings(values: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${quoted(value)}`]));
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function sourceLines(source: PlannedSource): string[] {
  const { name, topic, paths, formats: ids, issuers, accounts, records, refused, uses, has } = source;
  const vantages = new Set(formats.filter(({ id }) => ids.includes(id)).map(({ vantage }) => vantage));
  const where = topic !== null ? ['    type: kafka', `    topics: ${list([topic])}`]
    : paths[0] === '-' ? ['    type: stdin'] : [`    paths: ${list(paths)}`];
  return [
    `  - name: ${quoted(topic ?? name)}`, ...where,
    `    formats: ${list(ids)}     # anything else is refused${refused === 0 ? '' : `: ${refused} of ${records} records were`}`,
    ...[...vantages].slice(0, 1).map((vantage) => `    # vantage: ${vantage}     # as its format says; else edge, gateway, resource, flow or iam`),
    ...namesLines(source, 'issuers', issuers), ...namesLines(source, 'accounts', accounts),
    ...uses > 0 && has.verdict < uses ? ['    # refuses_anonymous: true     # if every call that succeeds carried a token that was checked'] : [],
    ...gapsOf(source).map(({ text }) => `    # missing: ${text}`),
  ];
}

/** As comments: as a setting the list refuses everyone else, and the sample need not have shown all. */
function namesLines({ has, uses }: PlannedSource, setting: 'issuers' | 'accounts', seen: readonly string[]): string[] {
  if (seen.length > 0) {
    const more = seen.length > maxListed ? `, and ${seen.length - maxListed} more` : '';
    return [`    # ${setting}: ${list(seen.slice(0, maxListed))}     # as seen${more}; with this line all others are refused`];
  }
  const isUnnamed = setting === 'issuers' && uses > 0 && has.token < uses;
  return isUnnamed ? ['    # issuers: [https://sso.example.com]     # who minted the tokens: the log does not name it'] : [];
}

/** The blocks that most uses came from: to be named, so that alerts name them too. */
function networkLines(looks: readonly Look[]): string[] {
  const total = new Map<string, { count: number; readonly owner: string }>();
  for (const look of looks) {
    for (const [block, { count, owner }] of look.networks) {
      const known = total.get(block);
      if (known === undefined) total.set(block, { count, owner });
      else known.count += count;
    }
  }
  const most = [...total].sort((a, b) => b[1].count - a[1].count).slice(0, maxNetworks);
  if (most.length === 0) return ['# networks: no addresses were seen'];
  return [
    '# Which of these are yours? Alerts show them by name.', '# networks:',
    ...most.flatMap(([block, { count, owner }], place) => [
      `#   - name: network-${place + 1}     # ${count} uses, ${comment(owner)}`, `#     cidrs: [${quoted(block)}]`,
    ]),
  ];
}

function list(texts: readonly string[]): string {
  return `[${texts.map(quoted).join(', ')}]`;
}

/** Plain where YAML takes it for a text whatever it holds; else as JSON, which is YAML too. */
function quoted(text: string): string {
  return /^[A-Za-z][A-Za-z0-9._/-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
}

function comment(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\u024f]/g, ' ').slice(0, 80);
}
