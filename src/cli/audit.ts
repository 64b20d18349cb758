import type { Command } from 'commander';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { verifyChain, type ChainFinding } from '../respond/audit-chain.ts';
import { readHead } from '../respond/audit-head.ts';
import { openStore } from '../store/open.ts';
import type { AuditRow } from '../store/port.ts';
import { exitCodes } from './run.ts';
import { dataFolder } from './settings.ts';
import { UsageError } from './usage-error.ts';

interface Options { readonly config?: string; readonly dataDir?: string; readonly export?: string }

const words: Readonly<Record<NonNullable<ChainFinding['bad']>['why'], string>> = {
  missing: 'is missing, or something was put in its place', changed: 'is not as it was written', unreadable: 'is no note',
  end_missing: 'is missing: entries were cut off at the end', end_changed: 'is not what was last known',
  head_missing: 'may be missing: the file audit-head beside the store is gone',
};

export function register(program: Command): void {
  program.command('audit')
    .description('checks the chain of everything that was decided and done')
    .argument('[what]', 'verify', 'verify')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the data folder, where the configuration does not name it')
    .option('--export <file>', 'writes the entries too, one JSON object a line; - for standard output')
    .action(async (what: string, options: Options) => {
      if (what !== 'verify') throw new UsageError(`audit knows verify, not ${what}`);
      const { count, bad } = await verify(options);
      if (bad === null) process.stderr.write(`${count} entries, all in order\n`);
      else {
        process.stderr.write(`entry ${bad.number} ${words[bad.why]}; the ${count} before it are in order\n`);
        process.exitCode = exitCodes.failed;
      }
    });
}

async function verify(options: Options): Promise<ChainFinding> {
  const dir = dataFolder(options);
  const store = openStore(dir, { readOnly: true });
  try {
    const { effects } = store;
    // Before the entries: a service that runs may add some meanwhile.
    const head = readHead(dir, effects);
    if (options.export !== undefined) await exportRows(effects.responses.auditRows(), options.export);
    return verifyChain(effects.responses.auditRows(), head);
  } finally {
    await store.close();
  }
}

/** As stored: whoever has the file can work the hashes out again. */
async function exportRows(rows: Iterable<AuditRow>, file: string): Promise<void> {
  const out = file === '-' ? process.stdout : createWriteStream(file, { mode: 0o600 });
  for (const { number, previous, note, hash } of rows) {
    if (!out.write(`${JSON.stringify({ number, previous, note, hash })}\n`)) await once(out, 'drain');
  }
  if (out === process.stdout) return;
  out.end();
  await finished(out);
}
