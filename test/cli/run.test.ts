import { afterEach, expect, test, vi } from 'vitest';
import { ConfigurationError } from '../../src/config/problem.ts';
import { report, run } from '../../src/cli/run.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import type { Command } from 'commander';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
});

function reported(error: unknown): { code: number; text: string } {
  let text = '';
  const code = report(error, (piece) => (text += piece));
  return { code, text };
}

test('errors are one or two lines with the exit code of the contract', () => {
  vi.stubEnv('TOKENWARD_DEBUG', undefined);
  expect(reported(new UsageError('no such thing', 'say another'))).toEqual({ code: 2, text: 'tokenward: no such thing\n  hint: say another\n' });
  expect(reported(new Error('disk full'))).toEqual({ code: 1, text: 'tokenward: disk full\n' });
  const problem = { where: 'a.yaml:1:2', line: 1, column: 2, message: 'wrong', hint: null };
  expect(reported(new ConfigurationError([problem]))).toEqual({ code: 2, text: 'a.yaml:1:2: wrong\n' });
});

test('a stack is shown only when asked for', () => {
  vi.stubEnv('TOKENWARD_DEBUG', '1');
  expect(reported(new Error('disk full')).text).toContain('run.test.ts');
});

const probe = {
  register(program: Command): void {
    program.command('probe').option('--number <n>').argument('[what]').action((what: string | undefined) => {
      if (what === 'usage') throw new UsageError('bad');
      if (what === 'alert') process.exitCode = 3;
    });
  },
};

test.each([
  [['probe'], 0], [['probe', 'usage'], 2], [['probe', 'alert'], 3], [['probe', '--nubmer', '1'], 2], [['prob'], 2], [['--help'], 0], [['--version'], 0], [[], 0],
])('%j ends with %d', async (words, code) => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await run(['node', 'tokenward', ...words], [probe])).toBe(code);
});
