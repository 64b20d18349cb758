import { Command, CommanderError } from 'commander';
import { ConfigurationError } from '../config/problem.ts';
import { packageVersion } from '../service/package-files.ts';
import { UsageError } from './usage-error.ts';

/** What the program ends with. 3 is set by `replay --fail-on-alert` alone. */
export const exitCodes = { done: 0, failed: 1, usage: 2, alertFound: 3 } as const;

/** A command's file: adds itself to the program. */
export interface CommandModule { register(program: Command): void }

/**
 * Runs one command line and answers its exit code. A command that ends well but wants another code
 * sets `process.exitCode`. Errors become one or two lines on stderr; stacks only with TOKENWARD_DEBUG.
 */
export async function run(argv: readonly string[], commands: readonly CommandModule[]): Promise<number> {
  endQuietlyOnClosedPipe();
  endOnSignals();
  const program = new Command('tokenward');
  program.description('Finds the stolen token in gateway and IAM audit logs.').version(packageVersion())
    .helpCommand(false).showHelpAfterError('(add --help for what can be said)').exitOverride();
  for (const command of commands) command.register(program);
  for (const command of program.commands) command.exitOverride().showHelpAfterError('(add --help for what can be said)');
  try {
    if (argv.length <= 2) return help(program);
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    return report(error);
  }
}

function help(program: Command): number {
  program.outputHelp();
  return exitCodes.done;
}

/** Says on stderr what went wrong and answers the exit code for it. */
export function report(error: unknown, write: (text: string) => void = (text) => process.stderr.write(text)): number {
  // Commander has written its own message by now; --help and --version end with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof ConfigurationError) {
    write(`${error.message}\n`);
    return exitCodes.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof UsageError && error.hint !== null ? `  hint: ${error.hint}\n` : '';
  write(`tokenward: ${message}\n${hint}`);
  if (process.env['TOKENWARD_DEBUG'] !== undefined && error instanceof Error) write(`${error.stack}\n`);
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

/** `tokenward ... | head` closes our output early: that is no failure. */
function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    throw error;
  });
}

/** Ends by `process.exit`, so that what a command made for a while is removed. A command that needs longer takes the signals over. */
function endOnSignals(): void {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
}
