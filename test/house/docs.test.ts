import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { configurationJsonSchema } from '../../src/config/schema.ts';
import { ruleFields } from '../../src/rules/fields.ts';
import { filesBelow, root } from '../support/source.ts';
import { triagePage } from '../support/triage-page.ts';

interface Page { readonly name: string; readonly text: string }

const pages: Page[] = [...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`), 'README.md', 'SECURITY.md']
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
const program = new Command();
beforeAll(async () => {
  for (const { path, text } of filesBelow('src/cli', '.ts')) {
    if (/^src\/cli\/[\w-]+\.ts$/.test(path) && text.includes('export function register(')) ((await import(join(root, path))) as { register(to: Command): void }).register(program);
  }
});

/** What stands in code: spans, and lines of shell blocks. */
function codeOf({ text }: Page): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.replaceAll('\\\n', ' ').split('\n'));
  const spans = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  return [...blocks, ...spans];
}

/** Words after the program's name: `tokenward`, or what npm runs. */
function callsIn(code: string): string[][] {
  const calls = [...code.matchAll(/(?:^|[|(;]\s*|\$ )(?:tokenward|npm run -s tokenward --) ([a-z][^|#;)]*)/g)];
  return calls.map(([, words]) => words!.trim().split(/\s+/));
}

function keysOf(node: unknown, found: Set<string>): Set<string> {
  if (typeof node !== 'object' || node === null) return found;
  const { properties } = node as { properties?: object };
  if (properties !== undefined) for (const key of Object.keys(properties)) found.add(key);
  for (const value of Object.values(node)) keysOf(value, found);
  return found;
}

describe.each(pages.map((page) => [page.name, page] as const))('%s', (name, page) => {
  test('names commands and options that there are', () => {
    const wrong = codeOf(page).flatMap(callsIn).flatMap(([word, ...rest]) => {
      const command = program.commands.find((one) => one.name() === word);
      if (command === undefined) return [`tokenward ${word}`];
      const options = rest.filter((one) => /^--?[a-z]/.test(one)).map((one) => one.split('=')[0]!);
      return options.filter((one) => one !== '--help' && !command.options.some(({ long, short }) => long === one || short === one)).map((one) => `${word} ${one}`);
    });
    expect(wrong).toEqual([]);
  });

  test('links to files that there are', () => {
    const links = [...page.text.replace(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link!).filter((link) => !/^\w+:/.test(link));
    expect(links.filter((link) => !existsSync(join(root, dirname(name), link)))).toEqual([]);
  });

  test('names metrics and settings that there are', () => {
    const metrics = readFileSync(join(root, 'src/service/metrics.ts'), 'utf8');
    const named = codeOf(page).filter((code) => /^tokenward_[a-z_]+$/.test(code));
    expect(named.filter((metric) => !metrics.includes(metric.replace(/^tokenward_/, '').replace(/_(?:bucket|sum|count)$/, '')))).toEqual([]);
    const schema = configurationJsonSchema(detectors);
    // Fields of rules are written as settings are.
    const keys = keysOf(schema, new Set([...detectors.map(({ id }) => id), ...ruleFields.flatMap(({ path }) => path)]));
    const sections = Object.keys(schema.properties ?? {}).join('|');
    const settings = codeOf(page).map((code) => code.split(':')[0]!).filter((code) => new RegExp(`^(?:${sections})(?:\\.[a-z_-]+)+$`).test(code) && !/\.(?:map|yml|json)$/.test(code));
    expect(settings.filter((setting) => setting.split('.').some((key) => !keys.has(key)))).toEqual([]);
  });
});

test('what is looked for is found', () => {
  const code = pages.flatMap(codeOf);
  expect(callsIn('npm run -s tokenward -- replay --no-such x | tokenward frob')).toEqual([['replay', '--no-such', 'x'], ['frob']]);
  expect(code.flatMap(callsIn).length).toBeGreaterThan(30);
  expect(code.filter((one) => /^tokenward_[a-z_]+$/.test(one)).length).toBeGreaterThan(30);
});

test('the index names every page, and every page begins with its title', () => {
  const index = pages.find(({ name }) => name === 'docs/README.md')!.text;
  const others = pages.filter(({ name }) => name.startsWith('docs/') && name !== 'docs/README.md');
  expect(others.filter(({ name }) => !index.includes(`(${name.slice('docs/'.length)})`)).map(({ name }) => name)).toEqual([]);
  expect(pages.filter(({ text }) => !/^# \S/.test(text)).map(({ name }) => name)).toEqual([]);
});

test('the page on triage is what the detectors declare', async () => {
  await expect(triagePage()).toMatchFileSnapshot(join(root, 'docs/triage.md'));
});
