import type { Command } from 'commander';
import filled from '../ingest/formats/fills.json' with { type: 'json' };
import { formats as catalogue } from '../ingest/formats/index.ts';
import type { Format, Shape } from '../ingest/formats/format.ts';
import type { Path } from '../ingest/paths.ts';
import { choose, section } from './detectors.ts';

export function register(program: Command): void {
  program.command('formats')
    .description('the log formats: what is read of each record, what it fills, and what the operator must know')
    .argument('[id]', 'one format in full')
    .option('--json', 'as JSON')
    .action((id: string | undefined, options: { json?: true }) => {
      const chosen = choose(catalogue, id, 'format');
      const text = options.json ? JSON.stringify(chosen.map(formatData), null, 2)
        : id === undefined ? chosen.map((format) => `${format.id.padEnd(22)} ${format.title}`).join('\n') : chosen.map(fullText).join('\n');
      process.stdout.write(`${text}\n`);
    });
}

/** What the catalogue says about a format, as plain data. Nothing but the named paths is ever read of a record. */
export function formatData(format: Format) {
  return {
    id: format.id,
    title: format.title,
    describe: format.describe,
    vantage: format.vantage,
    repeats: format.repeats,
    notes: format.notes,
    fills: fillsOf(format.id),
    shapes: format.shapes.map((shape) => ({ kind: shape.kind, reads: pathTexts(shape.fields), secrets: pathTexts(shape.secrets ?? {}) })),
  };
}

/** The fields of ECS that its sample records fill, as a test found and wrote them down. */
export function fillsOf(id: string): readonly string[] {
  return (filled as Readonly<Record<string, readonly string[]>>)[id] ?? [];
}

function pathTexts(paths: Shape['fields']): Record<string, string> {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, pathText(path)]));
}

/** A path for people: `a.b[]`, `a[key="x"].b`, `a | b`, `a as JSON: b`. Keys that hold dots stand in quotes. */
export function pathText(path: Path): string {
  const keys = 'keys' in path ? path.keys.map((key) => (/[.\s[\]"]/.test(key) ? JSON.stringify(key) : key)).join('.') : '';
  switch (path.kind) {
    case 'keys': return keys;
    case 'each': return `${keys}[]${after(path.inner)}`;
    case 'where': return `${keys}[${path.key}=${JSON.stringify(path.equals)}]${after(path.inner)}`;
    case 'firstOf': return path.options.map(pathText).join(' | ');
    case 'jsonIn': return `${keys} as JSON: ${pathText(path.inner)}`;
    case 'subtree': return `${keys} (all of it, up to ${path.maxBytes} bytes)`;
  }
}

function after(inner: Path): string {
  const text = pathText(inner);
  return text === '' ? '' : `.${text}`;
}

function fullText(format: Format): string {
  const data = formatData(format);
  const reads = (paths: Record<string, string>): string[] =>
    Object.entries(paths).map(([name, path]) => (name === path ? path : `${name}: ${path}`));
  return [
    `${data.id}: ${data.title}`,
    data.describe,
    section('looks from', [data.vantage]),
    section('notes', data.notes),
    section('can fill', data.fills),
    ...data.shapes.flatMap((shape) => [
      section(`reads (${shape.kind})`, reads(shape.reads)),
      section('reads as secrets, keeping fingerprints only', reads(shape.secrets)),
    ]),
  ].filter((text) => text !== '').join('\n\n');
}
