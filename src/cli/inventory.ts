import type { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import { formatCidr, parseCidr, type Cidr } from '../intel/cidr.ts';
import { filterOf, type FilterOptions } from './inventory/filter.ts';
import { flawList } from './inventory/flaws.ts';
import { importListing, type ImportOptions } from './inventory/import.ts';
import { inventoryLines, type InventoryAnswer } from './inventory/lines.ts';
import { inventoryCsv, inventoryDocument, inventoryTable } from './inventory/show.ts';
import { withKnown, type KnownOptions } from './known.ts';
import { UsageError } from './usage-error.ts';

interface Options extends KnownOptions, FilterOptions, ImportOptions {
  readonly json?: true;
  readonly csv?: true;
  readonly flaws?: true;
  readonly asOf?: string;
}

const dayMs = 24 * 3_600_000;

export function register(program: Command): void {
  program.command('inventory')
    .description('every token known: whose it is, what it runs, who depends on it, and what is wrong with it')
    .argument('[what]', 'list, or import: makes an inventory file of a provider\'s own listing', 'list')
    .argument('[provider]', 'whose listing it is')
    .argument('[file]', 'the listing')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the folder that replay keeps its state in')
    .option('--json', 'one JSON line for each token')
    .option('--csv', 'CSV for spreadsheets')
    .option('--flaws', 'the posture list: kind by kind what is wrong, and what to do')
    .option('--as-of <date>', 'what was true then, such as 2026-03-31 (its end, UTC) or a time (default: the newest event\'s)')
    .option('--kind <kind>', 'kind of token').option('--identity <id>', 'id or name').option('--owner <owner>', 'who answers for it')
    .option('--vendor <name>', 'everything of one third party').option('--workload <id>', 'what runs with it')
    .option('--environment <name>', 'where it belongs').option('--posture <kind>', 'with which this is wrong')
    .option('--unused-for <duration>', 'not used for so long, such as 90d').option('--live', 'neither revoked nor expired')
    .option('--out <file>', 'import: where to write (default: standard output)')
    .option('--issuer <name>', 'import: who minted them, as events name it')
    .option('--account <id>', 'import: account or tenant that was listed')
    .option('--taken-at <time>', 'import: when it was listed (default: the file\'s own time)')
    .action((what: string, provider: string | undefined, file: string | undefined, options: Options) => {
      if (what === 'import') return importListing(provider, file, options);
      if (what !== 'list') throw new UsageError(`inventory knows list and import, not ${what}`);
      return list(options);
    });
}

function list(options: Options): Promise<void> {
  const atMs = options.asOf === undefined ? null : timeOf(options.asOf);
  return withKnown(options, ({ correlator, configuration }) => {
    const { posture, exceptions, listings } = configuration;
    const answer = inventoryLines(correlator, { policy: { ...posture, exceptions }, listings, vendorNetworks: vendorNetworksOf(configuration), atMs });
    const text = shown(answer, options);
    if (text !== '') process.stdout.write(text);
    if (atMs === null) noteAge(answer);
  });
}

/** By blocks as uses name them. */
function vendorNetworksOf({ networks }: Configuration): ReadonlyMap<string, string> {
  return new Map(networks.flatMap(({ vendor, cidrs }) => (
    vendor === undefined ? [] : cidrs.map((block) => [formatCidr(parseCidr(block) as Cidr), vendor] as const))));
}

function shown({ lines: all, atMs }: InventoryAnswer, options: Options): string {
  const lines = all.filter(filterOf(options, atMs));
  if (options.csv) return inventoryCsv(lines, atMs);
  if (options.json) return lines.map((line) => `${JSON.stringify(inventoryDocument(line))}\n`).join('');
  return `${options.flaws ? flawList(lines) : inventoryTable(lines, atMs)}\n`;
}

/** A day stands for its end. */
function timeOf(text: string): number {
  const timeMs = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(timeMs)) throw new UsageError('--as-of takes a date such as 2026-03-31, or a time such as 2026-03-31T12:00:00Z');
  return text.length === 10 ? timeMs + dayMs - 1 : timeMs;
}

/** Ages are as of the newest event: where that is old, people are told. */
function noteAge({ newestMs }: InventoryAnswer): void {
  if (newestMs === 0 || Date.now() - newestMs < dayMs) return;
  process.stderr.write(`as of ${new Date(newestMs).toISOString()}, the newest event; --as-of tells of another time\n`);
}
