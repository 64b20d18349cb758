import type { Command } from 'commander';
import { createWriteStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { verifyChain, type ChainFault, type ChainFinding } from '../respond/audit-chain.ts';
import { readHead } from '../respond/audit-head.ts';
import { coveredUpTo, readCheckpoints, readVerifier, type Checkpoints } from '../respond/checkpoints.ts';
import type { AuditRow } from '../store/port.ts';
import { exitCodes } from './run.ts';
import { loadSettings, withStore } from './settings.ts';
import { UsageError } from './usage-error.ts';

interface Options { readonly config?: string; readonly dataDir?: string; readonly export?: string; readonly checkpoints?: string; readonly key?: string }

const words: Readonly<Record<ChainFault, string>> = {
  missing: 'is missing, or something was put in its place', changed: 'is not as it was written', unreadable: 'is no note',
  end_missing: 'is missing: entries were cut off at the end', end_changed: 'is not what was last known',
  head_missing: 'may be missing: the file audit-head beside the store is gone',
  checkpoint_differs: 'is not what a signed checkpoint says',
};

export function register(program: Command): void {
  program.command('audit')
    .description('checks the chain of everything that was decided and done, or exports it')
    .argument('[what]', 'verify or export', 'verify')
    .argument('[file]', 'export: where to, - for standard output; verify: an export to check instead of the store')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the data folder, where the configuration does not name it')
    .option('--export <file>', 'writes the entries too, one JSON object a line; - for standard output')
    .option('--checkpoints <file>', 'signed checkpoints, where the configuration does not name them')
    .option('--key <file>', 'the key that signed them, either half, in PEM')
    .action(async (what: string, file: string | undefined, options: Options) => {
      if (what === 'export') return exportStore(options, file);
      if (what !== 'verify') throw new UsageError(`audit knows verify and export, not ${what}`);
      const { text, isInOrder } = await (file === undefined ? verifyStore(options) : verifyExport(options, file));
      process.stderr.write(`${text}\n`);
      if (!isInOrder) process.exitCode = exitCodes.failed;
    });
}

interface Said { readonly text: string; readonly isInOrder: boolean }

async function exportStore(options: Options, file: string | undefined): Promise<void> {
  if (file === undefined) throw new UsageError('audit export needs a file, or - for standard output');
  await withStore(options, ({ effects }) => exportRows(effects.responses.auditRows(), file));
}

function verifyStore(options: Options): Promise<Said> {
  return withStore(options, async ({ effects, dir }) => {
    // Before the entries: a service that runs may add some meanwhile.
    const head = readHead(dir, effects);
    const covered = coveredUpTo(effects);
    const checkpoints = await checkpointsOf(options);
    if (options.export !== undefined) await exportRows(effects.responses.auditRows(), options.export);
    return say(verifyChain(effects.responses.auditRows(), head, checkpoints?.marks), checkpoints, covered);
  });
}

async function verifyExport(options: Options, file: string): Promise<Said> {
  const checkpoints = await checkpointsOf(options);
  return say(verifyChain(rowsOf(file), null, checkpoints?.marks), checkpoints, 0);
}

/** `covered`: the newest entry of which the store remembers a checkpoint. */
function say({ count, bad }: ChainFinding, checkpoints: Checkpoints | null, covered: number): Said {
  if (bad !== null) return { text: `entry ${bad.number} ${words[bad.why]}; the ${count} before it are in order`, isInOrder: false };
  if (checkpoints === null) return { text: `${count} entries, all in order`, isInOrder: true };
  const { forged, newest, marks } = checkpoints;
  if (forged !== null) return { text: `the checkpoint of entry ${forged} was not signed by the key`, isInOrder: false };
  if ((newest?.number ?? 0) < covered) return { text: `the checkpoint of entry ${covered} is missing`, isInOrder: false };
  const upTo = newest === null ? '' : `, the newest of entry ${newest.number} at ${new Date(newest.timeMs).toISOString()}`;
  return { text: `${count} entries, all in order; signed checkpoints: ${marks.size}${upTo}`, isInOrder: true };
}

/** `null`: neither options nor configuration name any. */
async function checkpointsOf({ config, dataDir, checkpoints, key }: Options): Promise<Checkpoints | null> {
  if ((checkpoints === undefined) !== (key === undefined)) throw new UsageError('--checkpoints and --key go together');
  if (checkpoints !== undefined && key !== undefined) return readCheckpoints(checkpoints, readVerifier(key));
  const settings = config === undefined && dataDir !== undefined ? null : loadSettings(config).respond.auditCheckpoints;
  return settings === null ? null : readCheckpoints(settings.file, readVerifier(settings.keyFile));
}

/** Lines that are no entry are entries that are not in order. */
function* rowsOf(file: string): Iterable<AuditRow> {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line !== '') yield rowOf(line);
  }
}

function rowOf(line: string): AuditRow {
  try {
    const { number, previous, note, hash } = JSON.parse(line) as AuditRow;
    return { number, previous, note, hash };
  } catch {
    return { number: Number.NaN, previous: '', note: '', hash: '' };
  }
}

/** As stored: whoever has the file can work the hashes out again. */
async function exportRows(rows: Iterable<AuditRow>, file: string): Promise<void> {
  const isStandard = file === '-';
  await pipeline(Readable.from(lines(rows)), isStandard ? process.stdout : createWriteStream(file, { mode: 0o600 }), { end: !isStandard });
}

function* lines(rows: Iterable<AuditRow>): Iterable<string> {
  for (const { number, previous, note, hash } of rows) yield `${JSON.stringify({ number, previous, note, hash })}\n`;
}
