import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { formats } from '../ingest/formats/index.ts';
import { createProgress } from './progress.ts';
import { LineWriter } from './replay/line-writer.ts';
import { replay } from './replay/replay.ts';
import { exitCodes } from './run.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly format: string;
  readonly config?: string;
  readonly events?: string;
  readonly alerts: string;
  readonly quarantine?: string;
  readonly stats?: string;
  readonly dataDir?: string;
  readonly failOnAlert?: true;
}

export function register(program: Command): void {
  program.command('replay')
    .description('read logs from files, in event time, and print the alerts')
    .argument('<path...>', 'files, folders, or - for standard input')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .addOption(new Option('--format <id>', 'log format of every input').choices(['auto', ...formats.map((format) => format.id)]).default('auto'))
    .option('--events <file>', 'write every event, one ECS document a line')
    .option('--alerts <file>', 'write the alerts, one ECS document a line; - is standard output', '-')
    .option('--quarantine <file>', 'write where each refused record stands, and why')
    .option('--stats <file>', 'write the counts as one JSON object')
    .option('--data-dir <dir>', 'keep what was learned, and count no record twice')
    .option('--fail-on-alert', 'end with code 3 when there is an alert')
    .action(async (paths: string[], options: Options) => {
      for (const path of paths) if (path !== '-' && !existsSync(path)) throw new UsageError(`${path}: no such file or folder`);
      await run(paths, options);
    });
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const configuration = loadSettings(options.config);
  const writer = options.stats === undefined ? null : new LineWriter(options.stats);
  const statistics = await replay({
    paths, configuration, format: options.format === 'auto' ? null : options.format,
    dataDir: options.dataDir ?? configuration.store.dir, progress: createProgress(),
    warn: (text) => process.stderr.write(`tokenward: ${text}\n`),
    outputs: { events: options.events ?? null, alerts: options.alerts, quarantine: options.quarantine ?? null },
  });
  // Scripts get one line, people one that they can read.
  writer?.line(JSON.stringify(statistics, null, options.stats === '-' && process.stdout.isTTY ? 2 : 0));
  await writer?.close();
  if (options.failOnAlert && statistics.alerts > 0) process.exitCode = exitCodes.alertFound;
}
