import { basename } from 'node:path';
import { matches } from '../../config/sources.ts';
import { traits, type Look, type Trait } from './look.ts';

/** Beyond that the files of a folder are not named one by one. */
const maxNamed = 20;

/** A source as the configuration will have it, and what its files or its topic hold together. */
export interface PlannedSource {
  readonly name: string;
  readonly paths: readonly string[];
  /** `null`: it is read from the paths. */
  readonly topic: string | null;
  /** Ids, the most frequent first. */
  readonly formats: readonly string[];
  readonly files: number;
  readonly records: number;
  readonly refused: number;
  readonly issuers: readonly string[];
  readonly accounts: readonly string[];
  readonly uses: number;
  readonly has: Readonly<Record<Trait, number>>;
}

type Group = Pick<PlannedSource, 'paths'> & { readonly looks: readonly Look[] };

/** Files with the same formats become one source, as high in the tree as no other stands below. What holds no known record is left out. */
export function planSources(looks: readonly Look[], roots: readonly string[]): PlannedSource[] {
  const known = looks.filter(({ formats }) => formats.size > 0);
  const groups = roots.flatMap((root) => groupsBelow(root, known.filter(({ path }) => path === root || isBelow(path, root))));
  const names = new Set<string>();
  // The deepest first: a source is the first whose pattern fits, and a star stands for folders too.
  return groups.sort((a, b) => depth(b) - depth(a)).map((group) => planned(group, uniqueName(group, names)));
}

/** Topics become one source each. What holds no known record is left out. */
export function planTopics(looks: readonly Look[]): PlannedSource[] {
  return looks.filter(({ formats }) => formats.size > 0).map((look) => ({ ...planned({ paths: [], looks: [look] }, look.path), topic: look.path }));
}

function groupsBelow(folder: string, looks: readonly Look[]): Group[] {
  if (looks.length === 0) return [];
  if (looks.length === 1 && looks[0]!.path === folder) return [{ paths: [folder], looks }];
  if (new Set(looks.map(carried)).size === 1) return [{ paths: [`${bare(folder)}/*`], looks }];
  const own = looks.filter(({ path }) => !path.includes('/', bare(folder).length + 1));
  const below = Map.groupBy(looks.filter((look) => !own.includes(look)), ({ path }) => childOf(bare(folder), path));
  return [...[...below].flatMap(([child, inside]) => groupsBelow(child, inside)), ...mixed(bare(folder), own, looks)];
}

/** The files of one folder, by what they carry: by what their names have in common, else by name, else all of them as one source. */
function mixed(folder: string, own: readonly Look[], all: readonly Look[]): Group[] {
  const groups = [...Map.groupBy(own, carried).values()].map((looks): Group | null => {
    const paths = looks.map(({ path }) => path);
    const pattern = commonPattern(folder, paths.map((path) => basename(path)));
    if (paths.length > 1 && pattern !== null && !all.some((look) => !looks.includes(look) && matches(pattern, look.path))) return { paths: [pattern], looks };
    return paths.length <= maxNamed ? { paths, looks } : null;
  });
  return groups.includes(null) ? [{ paths: [`${folder}/*`], looks: own }] : groups as Group[];
}

/** `null` where names have nothing in common but that they end alike in a short way. */
function commonPattern(folder: string, names: readonly string[]): string | null {
  const head = commonStart(names);
  const tail = commonEnd(names.map((name) => name.slice(head.length)));
  return head.length + tail.length < 3 ? null : `${folder}/${head}*${tail}`;
}

function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

function commonEnd([first = '', ...others]: readonly string[]): string {
  let from = 0;
  for (const other of others) while (!other.endsWith(first.slice(from))) from++;
  return first.slice(from);
}

function planned({ paths, looks }: Group, name: string): PlannedSource {
  const counts = new Map<string, number>();
  for (const { formats } of looks) for (const [id, count] of formats) counts.set(id, (counts.get(id) ?? 0) + count);
  const sum = (of: (look: Look) => number): number => looks.reduce((total, look) => total + of(look), 0);
  const all = (of: (look: Look) => ReadonlySet<string>): string[] => [...new Set(looks.flatMap((look) => [...of(look)]))].sort();
  return {
    name, paths, topic: null, formats: [...counts].sort((a, b) => b[1] - a[1]).map(([id]) => id), files: looks.length,
    records: sum((look) => look.records), refused: sum((look) => look.refused), uses: sum((look) => look.uses),
    issuers: all((look) => look.issuers), accounts: all((look) => look.accounts),
    has: Object.fromEntries(traits.map((trait) => [trait, sum((look) => look.has[trait])])) as Record<Trait, number>,
  };
}

/** Made of the folder's or the only file's name, in letters that need no quotes. */
function uniqueName({ paths: [first = ''], looks }: Group, taken: Set<string>): string {
  const words = first === '-' ? 'stdin' : looks.length > 1 && !first.endsWith('/*') ? [...looks[0]!.formats.keys()][0]! : basename(first.replace(/\/\*$/, ''));
  const plain = words.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40).toLowerCase() || 'logs';
  const base = /^\d/.test(plain) ? `logs-${plain}` : plain;
  let name = base;
  for (let number = 2; taken.has(name); number++) name = `${base}-${number}`;
  taken.add(name);
  return name;
}

function carried({ formats }: Look): string {
  return [...formats.keys()].sort().join(' ');
}

function childOf(folder: string, path: string): string {
  return path.slice(0, path.indexOf('/', folder.length + 1));
}

function isBelow(path: string, root: string): boolean {
  return path.startsWith(`${bare(root)}/`);
}

function bare(folder: string): string {
  return folder.replace(/\/+$/, '');
}

function depth({ paths: [first = ''] }: Group): number {
  return first.split('/').length;
}
