import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/source.ts';
import { temporaryFolder } from './support.ts';

// What docs/first-alert.md says, done to the letter over logs of others, in an empty folder.

const larger = join(root, '../shared/data');
const guide = readFileSync(join(root, 'docs/first-alert.md'), 'utf8');
/** The guide's own commands in their order, but for the installation. */
const commands = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n')).filter((line) => line.startsWith('npm run -s tokenward -- '));

interface Step { readonly words: string; readonly code: number | null; readonly text: string }

/** `alert` stands in for the id that the guide has as an example. */
function walk(logs: string, alert: (cwd: string) => string): Step[] {
  const cwd = temporaryFolder();
  return commands.map((command) => {
    const words = command.replace(/\s+#.*/, '').split(/\s+/).slice(5).map((word) => (word === 'path/to/logs' ? logs : word === '8fEJ' ? alert(cwd) : word));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'src/main.ts'), ...words], { cwd, encoding: 'utf8' });
    return { words: words.slice(0, 1).join(' '), code: status, text: stdout + stderr };
  });
}

const steps = ['init', 'validate', 'replay', 'explain', 'explain'];
const isHere = (name: string): boolean => existsSync(join(larger, name)) && readdirSync(join(larger, name)).length > 0;

test('the guide holds the commands that are tried here', () => {
  expect(commands.map((command) => command.split(' ')[5])).toEqual(steps);
});

test.skipIf(!isHere('invictus-aws'))('logs of an attacked account: alerts, and one in full (skipped without the larger data)', () => {
  const first = (cwd: string): string => (JSON.parse(readFileSync(join(cwd, 'alerts.ndjson'), 'utf8').split('\n')[0]!) as { event: { id: string } }).event.id.slice(0, 8);
  const [init, validate, replay, list, one] = walk(join(larger, 'invictus-aws'), first);
  expect([init, validate, replay, list, one].map((step) => [step!.words, step!.code])).toEqual(steps.map((words) => [words, 0]));
  expect(init!.text).toMatch(/aws\.cloudtrail[\s\S]*Written: tokenward\.yaml/);
  expect(validate!.text).toContain('tokenward.yaml: valid');
  const counts = JSON.parse(replay!.text) as { alerts: number; identities: number };
  expect([counts.alerts > 0, counts.identities > 0]).toEqual([true, true]);
  expect(list!.text.split('\n').filter((line) => /\d{4}-\d\d-\d\d \d\d:\d\d/.test(line))).toHaveLength(counts.alerts);
  expect(one!.text).toMatch(/\nWho\n[\s\S]*\nEvidence\n/);
}, 60_000);

test.skipIf(!isHere('elastic-examples'))('a log that names no caller: it says so, and what to add at the gateway (skipped without the larger data)', () => {
  const [init, validate, replay, list] = walk(join(larger, 'elastic-examples'), () => 'none');
  expect([init, validate, replay, list].map((step) => step!.code)).toEqual([0, 0, 0, 0]);
  expect(init!.text).toMatch(/uses have no caller[\s\S]*log_format tokenward/);
  expect(JSON.parse(replay!.text)).toMatchObject({ events: 10_000, alerts: 0, identities: 0 });
  expect(list!.text).toBe('No alert has been raised.\n');
}, 60_000);
