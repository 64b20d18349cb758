import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectors } from '../../detectors/index.ts';
import { loadConfiguration } from '../../src/config/configuration.ts';
import { parameterValues } from '../../src/config/parameters.ts';
import { formats } from '../../src/ingest/formats/index.ts';
import { nameTechnique } from '../../src/sinks/attack.ts';
import { filesBelow, importsOf, root, type SourceFile } from '../support/source.ts';

function registered(index: string, files: readonly SourceFile[]): string[] {
  const list = files.find((file) => file.path === index);
  return list === undefined ? [] : importsOf(list);
}

describe('detectors', () => {
  const files = filesBelow('detectors', '.ts');

  test('every file that declares one is registered and named after its id', () => {
    const own = files.filter((file) => /^export default defineDetector\(/m.test(file.text)).map((file) => file.path);
    expect(own.filter((path) => !registered('detectors/index.ts', files).includes(path))).toEqual([]);
    expect(detectors.map((detector) => `detectors/${detector.id}.ts`).sort()).toEqual(own);
  });

  test('the catalogue page names each of them', () => {
    const page = readFileSync(join(root, 'detectors/README.md'), 'utf8');
    expect(detectors.map((detector) => detector.id).filter((id) => !page.includes(id))).toEqual([]);
  });

  test.each(detectors.map((detector) => [detector.id, detector] as const))('%s says what people must know', (_, detector) => {
    expect(detector.attack.length).toBeGreaterThan(0);
    for (const technique of detector.attack) expect(nameTechnique(technique).techniqueName).not.toBe('');
    for (const id of detector.owaspNhi) expect(id).toMatch(/^NHI(?:[1-9]|10)$/);
    for (const text of [detector.title, detector.alertTitle, detector.grace, detector.acceptance]) expect(text).not.toBe('');
    expect(detector.cases.length).toBeGreaterThan(0);
    expect(detector.blindSpots.length).toBeGreaterThan(0);
    for (const [name, parameter] of Object.entries(detector.parameters)) {
      expect(name).toMatch(/^[a-z][a-zA-Z]*$/);
      expect(parameter.describe).not.toBe('');
    }
    expect(Object.keys(parameterValues(detector, { detectors: {} }))).toEqual(Object.keys(detector.parameters));
  });
});

describe('formats', () => {
  const files = filesBelow('src/ingest/formats', '.ts');

  test('every file that declares one is registered', () => {
    const own = files.filter((file) => /^export (?:default|const \w+(?:: Format)? =) defineFormat\(/m.test(file.text)).map((file) => file.path);
    expect(own).toHaveLength(formats.length);
    const listed = registered('src/ingest/formats/index.ts', files).flatMap((group) => registered(group, files));
    expect(own.filter((path) => !listed.includes(path))).toEqual([]);
  });

  test('ids are unique', () => {
    expect(new Set(formats.map((format) => format.id)).size).toBe(formats.length);
  });

  test.each(formats.map((format) => [format.id, format] as const))('%s says what it reads', (_, format) => {
    expect(format.title).not.toBe('');
    expect(format.describe).not.toBe('');
    expect(format.shapes.length).toBeGreaterThan(0);
    for (const shape of format.shapes) expect(shape.kind === 'text').toBe(shape.grammar !== undefined);
  });
});

describe('README.md and the pages it leads to', () => {
  const pages = ['README.md', 'docs/configuration.md', 'docs/kafka.md'].map((path) => readFileSync(join(root, path), 'utf8'));
  const firstCells = (path: string, heading: string): string[] => {
    const page = readFileSync(join(root, path), 'utf8');
    const table = page.slice(page.indexOf(`| ${heading} |`)).split('\n\n')[0]!;
    const cells = [...table.matchAll(/^\| (`[^|]*)/gm)].map((match) => match[1]!);
    return cells.flatMap((cell) => [...cell.matchAll(/`([^` ]+)[^`]*`/g)].map((match) => match[1]!)).sort();
  };

  test('name exactly the detectors and commands that there are, and how many formats', () => {
    expect(firstCells('detectors/README.md', 'id')).toEqual(detectors.map((detector) => detector.id).sort());
    expect(pages[0]).toContain(`It reads ${formats.length} formats`);
    const commands = filesBelow('src/cli', '.ts').flatMap(({ text }) => [...text.matchAll(/\.command\('([\w-]+)/g)].map((match) => match[1]!));
    expect(firstCells('README.md', 'command')).toEqual(commands.sort());
  });

  const blocks = pages.flatMap((page) => [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((block) => [block[1] as string]));
  test.each(blocks)('show configuration that is valid, but for the files it names', (yaml) => {
    const file = join(mkdtempSync(join(tmpdir(), 'tokenward-readme-')), 'tokenward.yaml');
    writeFileSync(file, yaml);
    expect(problemsOf(file).filter((problem) => !problem.includes('does not exist'))).toEqual([]);
  });
});

function problemsOf(file: string): string[] {
  try {
    loadConfiguration({ file, environment: {}, detectors, formats });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').filter((line) => !line.startsWith('  hint'));
  }
}
