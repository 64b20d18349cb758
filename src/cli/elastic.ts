import type { Command } from 'commander';
import type { SinkSection } from '../config/configuration.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

type Section = Extract<SinkSection, { type: 'elasticsearch' }>;

export function register(program: Command): void {
  program.command('elastic')
    .description('prepare Elasticsearch: index template and lifecycle of the alerts')
    .argument('<what>', 'setup')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--dry-run', 'print the requests, send none')
    .action(async (what: string, options: { config?: string; dryRun?: true }) => {
      if (what !== 'setup') throw new UsageError(`elastic knows setup, not ${what}`);
      const sections = loadSettings(options.config).sinks.filter((sink): sink is Section => sink.type === 'elasticsearch');
      if (sections.length === 0) throw new UsageError('no sink of type elasticsearch is configured', 'name one under "sinks"');
      for (const section of sections) await setup(section, options.dryRun ?? false);
    });
}

async function setup(section: Section, dryRun: boolean): Promise<void> {
  const [{ setupElasticsearch }, { elasticsearchOptions }, { ElasticsearchClient }] = await Promise.all([
    import('../sinks/elasticsearch-setup.ts'), import('../service/make-sink.ts'), import('../sinks/elasticsearch.ts'),
  ]);
  const client = new ElasticsearchClient(elasticsearchOptions(section));
  const results = await setupElasticsearch(client, { ...(section.index === undefined ? {} : { index: section.index }), dryRun });
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
}
