import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blank, filesBelow, functionsOf, root, type SourceFile } from '../support/source.ts';

const maxFileLines = 250;
const maxFunctionLines = 50;
const maxLineLength = 160;
/** Tests may set their cases out as tables. */
const maxTestLineLength = 200;

/** Longer than they should be, each with its reason. Shorten this list, do not lengthen it. */
const longFiles: Readonly<Record<string, string>> = {
  'src/ingest/split/splitter.ts': 'its modes and what leads from one to another belong on one page',
};
const longFunctions: Readonly<Record<string, string>> = {
  'src/ingest/scan/scanner.ts': 'the scan loop keeps its state in registers; split, it is a sixth slower',
  'src/ingest/split/scan.ts': 'every byte of a document passes this loop; split, it is slower',
};

const sources = [...filesBelow('src', '.ts'), ...filesBelow('detectors', '.ts')];
const page = ['.ts', '.tsx', '.css'].flatMap((extension) => filesBelow('dashboards/live/src', extension));
const tests = filesBelow('test', '.ts');
const house = 'test/house/';
/** Run by hand, to make a release's data. */
const builder = 'src/intel/build.ts';
const everything = [
  ...filesBelow('src'), ...filesBelow('detectors'), ...tests, ...filesBelow('.ci'), ...filesBelow('dashboards'),
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'package.json', 'vitest.config.ts'].flatMap(rootFile),
].filter((file) => !file.path.startsWith(house));

function rootFile(path: string): SourceFile[] {
  try {
    return [{ path, text: readFileSync(join(root, path), 'utf8') }];
  } catch {
    return [];
  }
}

/** `path:line` of every line that a pattern fits. */
function linesWith(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) => text.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])));
}

describe('lengths', () => {
  test(`files have at most ${maxFileLines} lines`, () => {
    const long = [...sources, ...page, ...tests].filter(({ text }) => text.split('\n').length - 1 > maxFileLines).map(({ path }) => path);
    expect(long.filter((path) => !(path in longFiles))).toEqual([]);
    expect(Object.keys(longFiles).filter((path) => !long.includes(path)), 'no longer too long').toEqual([]);
  });

  test(`functions have at most ${maxFunctionLines} lines`, () => {
    const long = [...sources, ...page].flatMap(({ path, text }) => functionsOf(text).flatMap(({ line, lines }) => (lines > maxFunctionLines ? [`${path}:${line}`] : [])));
    const file = (place: string): string => place.slice(0, place.lastIndexOf(':'));
    expect(long.filter((place) => !(file(place) in longFunctions))).toEqual([]);
    expect(Object.keys(longFunctions).filter((path) => !long.some((place) => file(place) === path)), 'no longer too long').toEqual([]);
  });

  test(`lines have at most ${maxLineLength} characters`, () => {
    // Tables of a migration stay as they are: a store compares their text.
    expect(linesWith(sources, new RegExp(`^(?! +CREATE TABLE).{${maxLineLength + 1}}`))).toEqual([]);
    expect(linesWith(page, new RegExp(`^.{${maxLineLength + 1}}`))).toEqual([]);
    expect(linesWith(tests, new RegExp(`^.{${maxTestLineLength + 1}}`))).toEqual([]);
  });
});

describe('words that do not belong here', () => {
  test('unfinished work', () => {
    expect(linesWith(everything, /\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  test('output outside the commands', () => {
    expect(linesWith([...sources, ...page].map(code), /\bconsole\.|\bdebugger\b/)).toEqual([]);
    const silent = sources.filter(({ path }) => !path.startsWith('src/cli/') && path !== 'src/main.ts' && path !== builder);
    expect(linesWith(silent.map(code), /\bprocess\.(?:stdout|stderr|exit)\b/)).toEqual([]);
  });

  test('tests that are skipped or run alone without a condition', () => {
    expect(linesWith(tests.filter(({ path }) => !path.startsWith(house)), /\b(?:test|it|describe)\.(?:only|skip|todo)\b/)).toEqual([]);
  });

  test('paths and hosts of the machine it was written on', () => {
    expect(linesWith(everything, /(?:^|[\s"'`(=])\/(?:work|root|home)\//)).toEqual([]);
    expect(linesWith(everything, /https?:\/\/[^/\s]*(?:npm|registry|artifactory|nexus)[^/\s]*\//)).toEqual([]);
  });

  test('the folder of larger data, outside tests', () => {
    expect(linesWith(everything.filter(({ path }) => !path.startsWith('test/')), /\.\.\/shared\b/)).toEqual([]);
  });

  test('the secret, outside the folder that reads it', () => {
    const outside = everything.filter(({ path }) => path.endsWith('.ts') && !path.startsWith('src/ingest/') && !path.startsWith('test/ingest/'));
    expect(linesWith(outside, /rawToken/)).toEqual([]);
  });

  test('clocks and chance, where everything must follow from the input', () => {
    const folders = ['src/model/', 'src/stats/', 'src/correlate/', 'src/engine/', 'src/intel/', 'detectors/'];
    const pure = sources.filter(({ path }) => path !== builder && folders.some((folder) => path.startsWith(folder)));
    expect(linesWith(pure.map(code), /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\brandom(?:UUID|Bytes|Int)\b|\bsetTimeout\b/)).toEqual([]);
  });
});

test('nothing is fetched but by commands that ask the running service, and by the demo\'s people', () => {
  const others = sources.filter(({ path }) => path !== 'src/cli/ask.ts' && !path.startsWith('src/cli/demo/'));
  expect(linesWith(others.map(code), /\bfetch\(|\bnew WebSocket\b/)).toEqual([]);
});

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;

  test('versions are exact', () => {
    const all = { ...(manifest['dependencies'] as object), ...(manifest['devDependencies'] as object) };
    expect(Object.entries(all).filter(([, version]) => !/^(?:\d+\.\d+\.\d+|file:[\w-]+)$/.test(String(version)))).toEqual([]);
  });

  test('every dependency is imported somewhere', () => {
    const text = sources.map((file) => file.text).join('\n');
    const unused = Object.keys(manifest['dependencies'] as object).filter((name) => !new RegExp(`from '${name}(?:/[^']*)?'`).test(text));
    expect(unused).toEqual([]);
  });
});

function code(file: SourceFile): SourceFile {
  return { path: file.path, text: blank(file.text) };
}
