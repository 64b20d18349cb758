/**
 * What a raw record says of eight things, found without any of the formats' own code: by a table of paths for records in JSON, by the look of
 * the words for lines. For comparison with what the formats make of the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source.ts';

export const things = ['time', 'address', 'principal', 'token', 'action', 'outcome', 'status', 'bytes'] as const;
export type Thing = (typeof things)[number];
export type Told = Partial<Record<Thing, string>>;

const table = new Map<string, [Thing, string[][]][]>();
for (const line of readFileSync(join(root, 'test/data/formats/coverage.txt'), 'utf8').split('\n')) {
  const [format, rest] = line.split(': ', 2);
  if (rest === undefined || line.startsWith('#')) continue;
  const entries = rest.split(' ').map((part): [Thing, string[][]] => {
    const [thing, paths] = part.split('=', 2) as [Thing, string];
    return [thing, paths.split(',').map((path) => path.split('/').map((key) => key.replaceAll('~', '/').toLowerCase()))];
  });
  table.set(format!, [...table.get(format!) ?? [], ...entries]);
}
export const describedFormats: ReadonlySet<string> = new Set(table.keys());

/** What the record of this format tells. */
export function toldBy(format: string, raw: string): Told {
  return raw.startsWith('{') ? toldByJson(format, JSON.parse(raw) as unknown) : toldByLine(raw);
}

function toldByJson(format: string, record: unknown): Told {
  const told: Told = {};
  for (const [thing, paths] of table.get(format) ?? []) {
    for (const path of paths) {
      const value = valueAt(record, path);
      if (isGiven(value) && !isPlaceholder(format, thing, String(value))) told[thing] ??= String(value);
    }
  }
  return told;
}

function valueAt(record: unknown, path: readonly string[]): unknown {
  let at = record;
  for (const key of path) {
    if (typeof at === 'string' && /^[{[]/.test(at)) at = parsed(at);
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.entries(at).find(([own]) => own.toLowerCase() === key)?.[1] as unknown;
  }
  return at;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const nothing: ReadonlySet<string> = new Set(['', '-', 'unknown', 'UNKNOWN', 'redacted', '0.0.0.0', 'None', 'null', '00000000-0000-0000-0000-000000000000']);
function isGiven(value: unknown): boolean {
  return typeof value === 'string' ? !nothing.has(value) : typeof value === 'number' || typeof value === 'boolean';
}

/** Masked keys, words in place of digests and keys, and the status of a request that was given no answer. */
function isPlaceholder(format: string, thing: Thing, value: string): boolean {
  // As AWS documents them: at least 16 capitals and digits. Rules' tests have `1` and `<accesskeyId>`.
  if (thing === 'token' && format === 'aws.cloudtrail') return !/^[A-Z0-9]{16,128}$/.test(value);
  if (thing === 'token') return /[*_]|^[a-z][a-z-]+$|redacted|sample|example\b/i.test(value) && !/\d{3}/.test(value);
  return thing === 'status' || thing === 'outcome' ? value === '0' || value === '000' : false;
}

/** An access line: the first address of all, and the two numbers behind the request in quotes. */
function toldByLine(line: string): Told {
  const told: Told = {};
  const request = /"(?:[A-Z]+) \S+ HTTP\/[\d.]+" (\d{3}) (\d+)/.exec(line);
  const address = /(?:^|[\s=[])((?:\d{1,3}\.){3}\d{1,3})(?=[\s:]|$)/.exec(line)?.[1];
  if (address !== undefined && request !== null && isGiven(address)) told.address = address;
  if (request === null) return told;
  if (request[1] !== '000') told.status = request[1]!;
  told.bytes = request[2]!;
  return told;
}
