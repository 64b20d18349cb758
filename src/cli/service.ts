import type { Command } from 'commander';
import { createLog } from '../service/log.ts';
import { startService } from '../service/start.ts';
import { loadSettings } from './settings.ts';

export function register(program: Command): void {
  program.command('run')
    .description('the service: follow the configured sources, raise alerts, deliver them')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .action(async (options: { config?: string }) => {
      const log = createLog({ write: (line) => process.stderr.write(line) });
      const service = await startService(loadSettings(options.config), log);
      // These would end the process at once; the service drains and checkpoints first.
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.removeAllListeners(signal);
        process.on(signal, () => service.stop());
      }
      try {
        await service.ended;
      } finally {
        log.flush();
      }
    });
}
