import type { Command } from 'commander';
import type { Finding, Level } from './doctor/finding.ts';
import { exitCodes } from './run.ts';

export function register(program: Command): void {
  program.command('doctor')
    .description('what is wrong with this installation, in plain words, and what to do about it')
    .option('-c, --config <file>', 'configuration file (default: tokenward.yaml, if it is there)')
    .option('--connect', 'also ask every server, and each action\'s provider what our credential may do there; nothing is changed')
    .action(async (options: { config?: string; connect?: true }) => {
      // Loaded here: it looks at all the parts of the service, and no other command needs that.
      const { examine } = await import('./doctor/examine.ts');
      const findings = await examine(options.config, Date.now(), options.connect);
      process.stdout.write(`${findings.map(describe).join('\n')}\n`);
      if (findings.some(({ level }) => level === 'bad')) process.exitCode = exitCodes.failed;
    });
}

const words: Readonly<Record<Level, string>> = { ok: 'ok  ', warn: 'warn', bad: 'bad ' };

function describe({ level, subject, text, advice }: Finding): string {
  return `${words[level]}  ${subject}: ${text}${advice === null ? '' : `\n      -> ${advice}`}`;
}
