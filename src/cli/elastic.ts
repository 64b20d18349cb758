import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { SinkSection } from '../config/configuration.ts';
import type { ElasticsearchOptions } from '../sinks/elasticsearch.ts';
import type { KibanaTarget } from '../sinks/kibana/setup.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

type Section = Extract<SinkSection, { type: 'elasticsearch' }>;
interface Options { readonly config?: string; readonly dryRun?: true; readonly apiKeyFile?: string }

const defaultIndex = 'tokenward-alerts';

export function register(program: Command): void {
  program.command('elastic')
    .description('prepare Elasticsearch and Kibana: templates, lifecycle, data views, dashboards, one rule; prints the API key to make')
    .argument('<what>', 'setup')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--dry-run', 'print the requests, send none')
    .option('--api-key-file <file>', 'API key that may set this up (default: the sink\'s own, which needs no such rights otherwise)')
    .action(async (what: string, options: Options) => {
      if (what !== 'setup') throw new UsageError(`elastic knows setup, not ${what}`);
      const sections = loadSettings(options.config).sinks.filter((sink): sink is Section => sink.type === 'elasticsearch');
      if (sections.length === 0) throw new UsageError('no sink of type elasticsearch is configured', 'name one under "sinks"');
      for (const section of sections) await setup(section, options);
    });
}

async function setup(section: Section, { dryRun = false, apiKeyFile }: { readonly dryRun?: boolean; readonly apiKeyFile?: string }): Promise<void> {
  const [{ setupElasticsearch }, { elasticsearchOptions }, { ElasticsearchClient }, { setupKibana }, { keyRequest }] = await Promise.all([
    import('../sinks/elasticsearch-setup.ts'), import('../service/make-sink.ts'), import('../sinks/elasticsearch.ts'), import('../sinks/kibana/setup.ts'),
    import('../sinks/kibana/rule.ts'),
  ]);
  const { index = defaultIndex, events, namespace, kibana } = section;
  const own = elasticsearchOptions(section);
  const options = apiKeyFile === undefined ? own : { ...own, apiKey: readFileSync(apiKeyFile, 'utf8').trim() };
  const client = new ElasticsearchClient(options);
  const elastic = await setupElasticsearch(client, { index, dryRun });
  await client.close();
  const target = { url: (kibana?.url ?? '').replace(/\/+$/, ''), space: kibana?.space ?? 'default', index, authorization: authorizationOf(options) };
  const found = kibana?.url === undefined && !dryRun ? [] : await setupKibana(target, dryRun ? null : await senderFor(target, options));
  const body = keyRequest({ index, eventsNamespace: events ? namespace : null, statusSpace: kibana?.read_status === true ? target.space : null });
  const key = { step: { kind: 'api_key', method: 'POST', path: '/_security/api_key', body }, outcome: 'for_you', reason: null };
  process.stdout.write(`${JSON.stringify([...elastic, ...found, key], null, 2)}\n`);
  const failed = [...elastic, ...found].filter(({ outcome }) => outcome === 'failed').length;
  if (failed > 0) throw new Error(`${failed} of ${elastic.length + found.length} steps failed for the sink ${section.name}`);
  tellRest(section, dryRun);
}

/** What is left to people. */
function tellRest({ name, kibana }: Section, dryRun: boolean): void {
  const note = (text: string): boolean => process.stderr.write(`${text}\n`);
  if (dryRun) return;
  note(`The last entry is a request for you: the API key with the least rights that the sink ${name} needs. Put its "encoded" into api_key_file.`);
  if (kibana?.url === undefined) note('Kibana was left alone, because sinks[].kibana.url is not set: import dashboards/kibana/tokenward.ndjson there by hand.');
}

async function senderFor({ url }: KibanaTarget, { ca }: ElasticsearchOptions): Promise<Parameters<typeof import('../sinks/kibana/setup.ts').setupKibana>[1]> {
  const { findFault, outboundClient } = await import('../outbound/client.ts');
  const outbound = { urls: [url], allowPrivate: true, timeoutMs: 30_000, ...(ca === undefined ? {} : { ca }) };
  const fault = findFault(outbound);
  if (fault !== null) throw new UsageError(`the URL of Kibana ${fault}`);
  return outboundClient(outbound);
}

function authorizationOf({ apiKey, username, password = '' }: ElasticsearchOptions): string | null {
  if (apiKey !== undefined) return `ApiKey ${apiKey}`;
  return username === undefined ? null : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
