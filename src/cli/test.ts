import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from './run.ts';
import { UsageError } from './usage-error.ts';

const usualFolder = 'scenarios';

export function register(program: Command): void {
  program.command('test')
    .description('run scenario files: events in, expected alerts and quiet stories out')
    .argument('[path...]', `NAME.ndjson with NAME.expect.json beside it, or folders of them (default: ${usualFolder})`)
    .action(async (paths: string[]) => {
      const { findScenarios, playScenario } = await import('./scenario/scenario.ts');
      const given = paths.length === 0 ? [usualFolder] : paths;
      for (const path of given) if (!existsSync(path)) throw new UsageError(`${path}: no such file or folder`);
      const logs = given.flatMap(findScenarios);
      if (logs.length === 0) throw new UsageError(`${given.join(', ')}: no scenario there`, 'a scenario is NAME.ndjson with NAME.expect.json beside it');
      let failed = 0;
      for (const log of logs) {
        const { name, faults } = await playScenario(log);
        process.stdout.write(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n${faults.map((fault) => `       ${fault}\n`).join('')}`);
        if (faults.length > 0) failed++;
      }
      process.stdout.write(`${logs.length - failed} passed, ${failed} failed\n`);
      if (failed > 0) process.exitCode = exitCodes.failed;
    });
}
