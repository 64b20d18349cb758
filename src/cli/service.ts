import type { Command } from 'commander';
import { loadSettings } from './settings.ts';

export function register(program: Command): void {
  program.command('run')
    .description('the service: follow the configured sources, raise alerts, deliver them')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .action(async (options: { config?: string }) => {
      // Loaded here, because the clients of servers are large and only this command needs them.
      const [{ createLog }, { startService }] = await Promise.all([import('../service/log.ts'), import('../service/start.ts')]);
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
