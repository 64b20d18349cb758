import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMap } from '../../config/json.ts';
import { ConfigurationError } from '../../config/problem.ts';
import { readRules, type RuleTest } from '../../config/rule-files.ts';
import { makeTemporaryFolder } from '../../files/temporary-folder.ts';
import { checkRule } from '../../rules/rule.ts';
import { isTechnique } from '../../sinks/attack.ts';
import { raise, type Played } from './scenario.ts';

/** Rules below a folder: YAML files that say what to match. */
export function findRules(path: string): string[] {
  if (!statSync(path).isDirectory()) return [];
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).toSorted().map((name) => join(path, name))
    .filter((file) => /\.ya?ml$/.test(file) && /^match:/m.test(readFileSync(file, 'utf8')));
}

/** Plays the tests that a rule's file holds, each from the beginning, with this rule alone. Throws `ConfigurationError` for a rule that is wrong. */
export async function playRule(file: string): Promise<Played[]> {
  const { rules: [rule], problems } = readRules([file], (read) => checkRule(read, isTechnique));
  if (rule === undefined) throw new ConfigurationError(problems);
  if (rule.tests.length === 0) return [{ name: file, faults: ['has no tests: add some under "tests"'] }];
  const played: Played[] = [];
  for (const test of rule.tests) played.push({ name: `${file}: ${test.name}`, faults: await play(file, rule.id, test) });
  return played;
}

async function play(file: string, id: string, { base, events, format, alerts }: RuleTest): Promise<string[]> {
  const folder = makeTemporaryFolder('tokenward-test-');
  try {
    const log = join(folder.path, 'events.ndjson');
    writeFileSync(log, events.map((event) => `${typeof event === 'string' ? event : JSON.stringify(over(base, event))}\n`).join(''));
    const { raised, refused } = await raise(log, { config: { rules: [resolve(file)] }, format }, folder.path);
    const own = raised.filter(({ rule }) => rule.id === id);
    return [
      ...refused === 0 ? [] : [`${refused} records were refused: is "format" what they are?`],
      ...own.length === alerts ? [] : [`${own.length} alerts, ${alerts} expected`, ...own.map(({ event }) => `alert from ${event.start}: ${event.reason}`)],
    ];
  } finally {
    folder.remove();
  }
}

/** Maps within maps are joined; anything else takes the place of what the base has. */
function over(base: unknown, event: unknown): unknown {
  if (!isMap(base) || !isMap(event)) return event;
  const joined = Object.entries(event).map(([key, value]) => [key, key in base ? over(base[key], value) : value]);
  return { ...base, ...Object.fromEntries(joined) as object };
}
