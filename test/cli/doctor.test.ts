import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source.ts';
import { makeFolder } from '../store/support.ts';

const doctor = `const { register } = await import(${JSON.stringify(join(root, 'src/cli/doctor.ts'))});
const { run } = await import(${JSON.stringify(join(root, 'src/cli/run.ts'))});
process.exitCode = await run(process.argv, [{ register }]);`;

test.each([['with nothing bad', '', 0], ['with a wrong configuration', 'store: { dir: 5 }\n', 1]])('%s, the command tells a line for each finding', (_, configuration, code) => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'tokenward.yaml'), configuration);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', doctor, '--', 'tokenward', 'doctor'], { cwd: folder, encoding: 'utf8' });
  expect([status, stderr]).toEqual([code, '']);
  for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^(?:ok {2}|warn|bad ) {2}\S|^ {6}-> \S/);
  expect(stdout).toMatch(code === 0 ? /^ok {4}configuration: /m : /^bad {3}configuration: tokenward\.yaml:1:/m);
});
