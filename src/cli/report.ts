import type { Command } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Configuration } from '../config/configuration.ts';
import { readHead } from '../respond/audit-head.ts';
import { checkpointsOver, readVerifier } from '../respond/checkpoints.ts';
import { readSigner, type Signer } from '../respond/deny-list/document.ts';
import { withKnown, type Known, type KnownOptions } from './known.ts';
import { findIncident, incidentReport } from './report/incident.ts';
import { incidentPage } from './report/page.ts';
import { proofOf, signDocument } from './report/proof.ts';
import { signedText, verifyReport } from './report/verify.ts';
import { exitCodes } from './run.ts';
import { loadSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

interface Options extends KnownOptions { readonly html?: string; readonly json?: string; readonly key?: string }

export function register(program: Command): void {
  program.command('report')
    .description('an incident for others to read: timeline, objects, bytes, decisions, and where the audit chain has them; signed, and checked by verify')
    .argument('<what>', 'incident, or verify')
    .argument('<id>', 'id of the incident (`tokenward.alert.incident_id`), or its first characters; verify: the report, in either form')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the data folder; it is only read')
    .option('--html <file>', 'write a page without scripts; - for standard output')
    .option('--json <file>', 'write JSON; - for standard output, as without --html')
    .option('--key <file>', 'verify: the key that signed it, either half, in PEM; else that of respond.audit_checkpoints')
    .action((what: string, id: string, options: Options) => {
      if (what === 'verify') return check(id, options);
      if (what !== 'incident') throw new UsageError(`report knows incident and verify, not ${what}`);
      return withKnown(options, (known) => tell(known, id, options));
    });
}

async function tell(known: Known, id: string, options: Options): Promise<void> {
  const { store, configuration: { respond: { auditCheckpoints: settings } } } = known;
  // Before the entries: a service that runs may add some meanwhile.
  const head = readHead(store.dir, store.effects);
  const report = await incidentReport(findIncident(known, id), known, head, async (numbers) => {
    if (settings === null) return null;
    const checkpoints = await checkpointsOver(settings.file, readVerifier(settings.keyFile), numbers);
    return proofOf(numbers, checkpoints, (number) => store.effects.responses.auditRows(number));
  });
  const signer = signerOf(settings);
  if (options.html !== undefined) write(options.html, signedPage(incidentPage(report), signer));
  if (options.json === undefined && options.html !== undefined) return;
  const signature = signer === null ? null : signDocument(signedText(report), signer);
  write(options.json ?? '-', `${JSON.stringify({ ...report, signature }, null, 2)}\n`);
}

/** Without checkpoints there is no key; whoever may not read it gets the report all the same. */
function signerOf(settings: Configuration['respond']['auditCheckpoints']): Signer | null {
  if (settings === null) return null;
  try {
    return readSigner(settings.keyFile);
  } catch {
    process.stderr.write(`the report is not signed: ${settings.keyFile} cannot be read, or holds the public half only\n`);
    return null;
  }
}

function signedPage(page: string, signer: Signer | null): string {
  if (signer === null) return page;
  const { keyId, value } = signDocument(page, signer);
  return `${page}\n<!-- tokenward-report ${keyId} ${value} -->\n`;
}

function check(file: string, { config, key }: Options): void {
  const keyFile = key ?? loadSettings(config).respond.auditCheckpoints?.keyFile;
  if (keyFile === undefined) throw new UsageError('no key is named', 'give --key, the public half of the key that signs checkpoints');
  const { text, isGenuine } = verifyReport(textOf(file), readVerifier(keyFile));
  process.stderr.write(`${text}\n`);
  if (!isGenuine) process.exitCode = exitCodes.failed;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}

/** Readable by its owner only: it names people and what was taken. */
function write(file: string, text: string): void {
  if (file === '-') process.stdout.write(text);
  else writeFileSync(file, text, { mode: 0o600 });
}
