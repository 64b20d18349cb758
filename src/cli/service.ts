import type { Command } from 'commander';
import type { Log } from '../service/log.ts';
import { CredentialsError } from '../server/credentials.ts';
import type { RunningService } from '../service/start.ts';
import { loadSettings } from './settings.ts';
import { takeSignals } from './signals.ts';

const exitGraceMs = 500;

export function register(program: Command): void {
  program.command('run')
    .description('the service: follow the configured sources, raise alerts, deliver them')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .action(async (options: { config?: string }) => {
      // Loaded here, because the clients of servers are large and only this command needs them.
      const [{ createLog }, { startService }] = await Promise.all([import('../service/log.ts'), import('../service/start.ts')]);
      const log = createLog({ write: (line) => process.stderr.write(line) });
      // A library's warning would be a line of the log that is no JSON.
      process.removeAllListeners('warning');
      process.on('warning', ({ name }) => log.warn('runtime_warning', 'A library used the runtime in a way it warns of.', { reason: name }));
      const service = await startService(loadSettings(options.config), log, writeStdout);
      // These would end the process at once; the service drains and checkpoints first.
      takeSignals(() => service.stop());
      process.on('SIGHUP', () => reload(service, options.config, log));
      try {
        await service.ended;
      } finally {
        log.flush();
        // Connections that were given up must not keep the process.
        setTimeout(() => process.exit(), exitGraceMs).unref();
      }
    });
}

/** A configuration that cannot be used changes nothing. */
function reload(service: RunningService, config: string | undefined, log: Log): void {
  try {
    const { needsRestart } = service.reload(loadSettings(config));
    if (needsRestart) log.warn('reload', 'Inventory, exceptions, policy, what is never acted upon and accounts were reloaded; other changes need a restart.');
    else log.info('reload', 'The configuration was reloaded.');
  } catch (error) {
    const reason = error instanceof CredentialsError ? { reason: error.message } : {};
    log.error('reload', 'The configuration or the file of accounts has errors: nothing was reloaded. See "tokenward validate".', { error, ...reason });
  }
}

/** Resolves once the reader has taken it. */
function writeStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => { process.stdout.write(text, (error) => { if (error) reject(error); else resolve(); }); });
}
