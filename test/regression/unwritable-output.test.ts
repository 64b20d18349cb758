import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/source.ts';
import { eager, temporaryFolder, tokenward } from '../end-to-end/support.ts';

// An output file that could not be opened once ended the program with a stack in the middle of its work.
const folder = temporaryFolder();
const configuration = join(folder, 'eager.yaml');
writeFileSync(configuration, eager);
const inputs = [join(root, 'test/data/real-servers/envoy/theft-access.ndjson'), join(root, 'test/data/hostile/lines.txt')];

function expectSentence(option: string, place: string): void {
  const { status, stderr } = tokenward(['replay', '-c', configuration, option, place, ...inputs]);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(stderr).toMatch(/tokenward: [^\n]*(?:ENOENT|ENOSPC|no such|full|written)[^\n]*\n/);
  expect([1, 2]).toContain(status);
}

describe('a folder that does not exist', () => {
  test.each(['--events', '--alerts', '--quarantine', '--stats'])('%s', (option) => expectSentence(option, join(folder, 'none', 'out')));
});

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  test.each(['--events', '--alerts', '--quarantine', '--stats'])('%s', (option) => expectSentence(option, '/dev/full'));
});
