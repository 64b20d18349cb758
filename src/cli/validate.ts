import type { Command } from 'commander';
import { detectors } from '../../detectors/index.ts';
import type { Configuration } from '../config/configuration.ts';
import { configurationJsonSchema } from '../config/schema.ts';
import { isSlow, longestMicroseconds } from '../rules/rule.ts';
import type { DetectionRule } from '../config/rule-files.ts';
import { loadSettings } from './settings.ts';

export function register(program: Command): void {
  program.command('validate')
    .description('check a configuration and the files it names; every problem with line and column')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--connect', 'also try every server that it names; nothing is written there')
    .option('--schema', 'print the JSON Schema of the configuration instead, for editors')
    .action(async (options: { config?: string; connect?: true; schema?: true }) => {
      if (options.schema) return print(JSON.stringify(configurationJsonSchema(detectors), null, 2));
      const configuration = loadSettings(options.config);
      print(summary(configuration));
      if (options.connect) await connect(configuration);
    });
}

/** Ends with an exception when a server did not answer as it should. */
async function connect(configuration: Configuration): Promise<void> {
  const { tryServers } = await import('../service/connect.ts');
  const attempts = await tryServers(configuration);
  for (const { what, problem } of attempts) print(`${what}: ${problem ?? 'answers'}`);
  const failed = attempts.filter(({ problem }) => problem !== null).length;
  if (failed > 0) throw new Error(`${failed} of ${attempts.length} servers did not answer as they should`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a valid configuration amounts to, a line for each part. */
export function summary(configuration: Configuration): string {
  const { file, sources, networks, identity, intel, rules, sinks, policy, respond, store } = configuration;
  const tables = [intel.asnMmdb, intel.countryMmdb, ...intel.feeds.map((feed) => feed.file)].filter((name) => name !== null);
  const tuned = Object.keys(configuration.detectors);
  const listed = (names: readonly string[], none: string): string => (names.length === 0 ? none : names.join(', '));
  return [
    `${file ?? 'defaults and environment'}: valid`,
    `sources:         ${listed(sources.map((source) => source.name ?? ''), 'none; every input is recognised by its content')}`,
    `networks:        ${listed(networks.map((network) => network.name), 'none named')}`,
    `inventory:       ${configuration.inventory.length} entries`,
    `fingerprint key: ${identity.fingerprintKeyFile ?? 'none; replay uses that of its data folder, else the published replay key'}`,
    `address tables:  ${listed(tables, 'embedded')}`,
    `detectors tuned: ${listed(tuned, 'none; shipped defaults')}`,
    `rules:           ${listed(rules.map(ruleLine), 'none')}`,
    `sinks:           ${listed(sinks.map((sink) => sink.name), 'none')}`,
    `policy:          ${listed(policy.map(({ name, mode }) => `${name} (${mode})`), 'none; nothing is proposed')}`,
    `actions:         ${listed(respond.actions.map(({ name, type }) => `${name} (${type})`), 'none')}`,
    `store:           ${store.dir ?? 'none; state is forgotten at the end'}`,
    `hash:            ${configuration.hash}`,
  ].join('\n');
}

/** Slow ones are named as such. */
function ruleLine(rule: DetectionRule): string {
  return `${rule.id} (${isSlow(rule) ? 'slow: ' : ''}${longestMicroseconds(rule)} µs an event at most)`;
}
