import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from './run.ts';
import type { Played } from './scenario/scenario.ts';
import { UsageError } from './usage-error.ts';

const usualFolder = 'scenarios';

export function register(program: Command): void {
  program.command('test')
    .description('run scenarios and the tests of rules: events in, expected alerts and quiet stories out')
    .argument('[path...]', `NAME.ndjson with NAME.expect.json beside it, rules (.yaml) with tests of their own, or folders (default: ${usualFolder})`)
    .action(async (paths: string[]) => {
      const { findScenarios, playScenario } = await import('./scenario/scenario.ts');
      const given = paths.length === 0 ? [usualFolder] : paths;
      for (const path of given) if (!existsSync(path)) throw new UsageError(`${path}: no such file or folder`);
      const { findRules, playRule } = await import('./scenario/rule-tests.ts');
      const plays = [
        ...given.filter((path) => !isRule(path)).flatMap(findScenarios).map((log) => async () => [await playScenario(log)]),
        ...given.flatMap((path) => (isRule(path) ? [path] : findRules(path))).map((file) => () => playRule(file)),
      ];
      if (plays.length === 0) throw new UsageError(`${given.join(', ')}: nothing to play there`, 'a scenario is NAME.ndjson with NAME.expect.json beside it');
      const failed = await report(plays);
      if (failed > 0) process.exitCode = exitCodes.failed;
    });
}

/** Prints each story as it was played; answers how many failed. */
async function report(plays: readonly (() => Promise<readonly Played[]>)[]): Promise<number> {
  let [passed, failed] = [0, 0];
  for (const play of plays) {
    for (const { name, faults } of await play()) {
      process.stdout.write(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n${faults.map((fault) => `       ${fault}\n`).join('')}`);
      if (faults.length === 0) passed++;
      else failed++;
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

function isRule(path: string): boolean {
  return /\.ya?ml$/.test(path);
}
