import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { readHead } from '../respond/audit-head.ts';
import { withKnown, type KnownOptions } from './known.ts';
import { findIncident, incidentReport } from './report/incident.ts';
import { incidentPage } from './report/page.ts';
import { UsageError } from './usage-error.ts';

interface Options extends KnownOptions { readonly html?: string; readonly json?: string }

export function register(program: Command): void {
  program.command('report')
    .description('an incident for others to read: timeline, objects, bytes, decisions, and where the audit chain has them')
    .argument('<what>', 'incident')
    .argument('<id>', 'id of the incident (`tokenward.alert.incident_id`), or its first characters')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--data-dir <dir>', 'the data folder; it is only read')
    .option('--html <file>', 'write a page without scripts; - for standard output')
    .option('--json <file>', 'write JSON; - for standard output, as without --html')
    .action((what: string, id: string, options: Options) => {
      if (what !== 'incident') throw new UsageError(`report knows incident, not ${what}`);
      return withKnown(options, (known) => {
        // Before the entries: a service that runs may add some meanwhile.
        const head = readHead(known.store.dir, known.store.effects);
        const report = incidentReport(findIncident(known, id), known, head);
        if (options.html !== undefined) write(options.html, incidentPage(report));
        if (options.json !== undefined || options.html === undefined) write(options.json ?? '-', `${JSON.stringify(report, null, 2)}\n`);
      });
    });
}

/** Readable by its owner only: it names people and what was taken. */
function write(file: string, text: string): void {
  if (file === '-') process.stdout.write(text);
  else writeFileSync(file, text, { mode: 0o600 });
}
