import { existsSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { formats } from '../ingest/formats/index.ts';
import { compare } from './backtest/compare.ts';
import { outcomeOf, type BacktestRequest } from './backtest/outcome.ts';
import { backtestData, backtestText } from './backtest/report.ts';
import { createProgress } from './progress.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly config: string;
  readonly baseline?: string;
  readonly format: string;
  readonly dataDir?: string;
  readonly from?: string;
  readonly respond?: true;
  readonly json?: true;
}

export function register(program: Command): void {
  program.command('backtest')
    .description('what a change of the configuration would have changed over recorded logs: alerts a day, which appear, which vanish')
    .argument('<path...>', 'files or folders; they are read twice')
    .requiredOption('-c, --config <file>', 'the configuration as it is to be')
    .option('--baseline <file>', 'the configuration as it is (default: tokenward.yaml, if it is there)')
    .addOption(new Option('--format <id>', 'log format of every input').choices(['auto', ...formats.map((format) => format.id)]).default('auto'))
    .option('--data-dir <dir>', 'begin with the state of this data folder, which stays as it is; the logs are those after it')
    .option('--from <time>', 'count from this date or time on; what is before only teaches')
    .option('--respond', 'also what policy would have proposed, and whom that would have cut off')
    .option('--json', 'as one JSON object')
    .action(run);
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  for (const path of paths) {
    if (path === '-') throw new UsageError('standard input can be read only once', 'give files or folders');
    if (!existsSync(path)) throw new UsageError(`${path}: no such file or folder`);
  }
  const [before, after] = [loadSettings(options.baseline), loadSettings(options.config)];
  const warned = new Set<string>();
  const warn = (text: string): void => {
    // Both runs meet the same.
    if (!warned.has(text)) process.stderr.write(`tokenward: ${text}\n`);
    warned.add(text);
  };
  const request: BacktestRequest = {
    paths, format: options.format === 'auto' ? null : options.format, dataDir: options.dataDir ?? null, fromMs: timeOf(options.from),
    progress: createProgress(), warn,
  };
  const outcomes = { before: await outcomeOf(before, request), after: await outcomeOf(after, { ...request, progress: createProgress() }) };
  if (outcomes.after.quarantined > 0) warn(`${outcomes.after.quarantined} records were refused: replay --quarantine FILE tells which`);
  const backtest = { ...outcomes, comparison: compare(outcomes.before, outcomes.after), withResponse: options.respond ?? false };
  process.stdout.write(`${options.json ? JSON.stringify(backtestData(backtest)) : backtestText(backtest)}\n`);
}

function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const timeMs = Date.parse(text);
  if (Number.isNaN(timeMs)) throw new UsageError(`--from: "${text}" is no time`, 'a date such as 2026-03-01, or a time such as 2026-03-01T12:00:00Z');
  return timeMs;
}
