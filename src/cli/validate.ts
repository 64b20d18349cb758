import type { Command } from 'commander';
import { detectors } from '../../detectors/index.ts';
import type { Configuration } from '../config/configuration.ts';
import { configurationJsonSchema } from '../config/schema.ts';
import { loadSettings } from './settings.ts';

export function register(program: Command): void {
  program.command('validate')
    .description('check a configuration and the files it names; every problem with line and column')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--schema', 'print the JSON Schema of the configuration instead, for editors')
    .action((options: { config?: string; schema?: true }) => {
      const text = options.schema ? JSON.stringify(configurationJsonSchema(detectors), null, 2) : summary(loadSettings(options.config));
      process.stdout.write(`${text}\n`);
    });
}

/** What a valid configuration amounts to, a line for each part. */
export function summary(configuration: Configuration): string {
  const { file, sources, networks, identity, intel, store } = configuration;
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
    `store:           ${store.dir ?? 'none; state is forgotten at the end'}`,
    `hash:            ${configuration.hash}`,
  ].join('\n');
}
