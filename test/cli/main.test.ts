import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-main-'));

/** The real program in an empty working folder. */
function tokenward(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const environment = { ...process.env, NO_COLOR: '1' };
  return spawnSync(process.execPath, [join(root, 'src/main.ts'), ...words], { cwd: folder, env: environment, encoding: 'utf8' });
}

test('without a command it says what it can do', () => {
  const { status, stdout, stderr } = tokenward();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const command of ['validate', 'detectors', 'formats']) expect(stdout).toContain(command);
});

test('a mistyped command is wrong usage, with a suggestion', () => {
  const { status, stdout, stderr } = tokenward('validat');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('Did you mean validate?');
});

test('a wrong configuration names file, line and column and ends with 2', () => {
  writeFileSync(join(folder, 'wrong.yaml'), 'stroe:\n  dir: x\nsources:\n  - name: trail\n    sampling: 10\n');
  expect(tokenward('validate', '--config', 'wrong.yaml')).toMatchObject({
    status: 2, stdout: '',
    stderr: 'wrong.yaml:1:1: unknown key "stroe"\n  hint: did you mean "store"?\n'
      + 'wrong.yaml:5:5: "sampling" is refused\n  hint: not available in this version: remove it, nothing would read it\n',
  });
});

test('a right one is summed up', () => {
  writeFileSync(join(folder, 'right.yaml'), 'sources:\n  - name: trail\n    formats: [aws.cloudtrail]\nstore: { dir: d }\n');
  const { status, stdout } = tokenward('validate', '-c', 'right.yaml');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^right\.yaml: valid\nsources: +trail\n/);
});

test('catalogues are data too', () => {
  for (const command of ['detectors', 'formats']) {
    const { status, stdout } = tokenward(command, '--json');
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as unknown[]).length).toBeGreaterThan(0);
  }
});
