import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PrerequisiteError } from './cache.ts';
import { debianProgram } from './debian.ts';

const run = promisify(execFile);

/** Runs pip; where it cannot, `needed` says in one line what the tests need. Answers the environment in which Python runs. */
export async function pip(args: readonly string[], needed: string): Promise<NodeJS.ProcessEnv> {
  const program = await debianProgram({ package: 'python3-pip', names: ['pip3', 'pip'], inside: 'usr/bin/pip3', needed });
  const own = program.folder === null ? {} : { PYTHONPATH: join(program.folder, 'usr/lib/python3/dist-packages') };
  const env = { ...process.env, ...program.env, ...own };
  try {
    await run('python3', ['-m', 'pip', ...args], { env, maxBuffer: 1 << 26 });
    return env;
  } catch (error) {
    throw new PrerequisiteError(needed, { cause: error });
  }
}
