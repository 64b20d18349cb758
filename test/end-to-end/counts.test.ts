import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { documents, run, sharedData, type Run } from './support.ts';

// What becomes of every record of the larger data that stands beside the repository on some machines. The table says it for each folder, and
// for each file of the formats that are read; a change of a number is a change of what is recognised, and wants a look.
const data = sharedData();
const table = readFileSync(join(import.meta.dirname, '../data/counts/counts.tsv'), 'utf8').split('\n')
  .filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split('\t') as [string, ...string[]]);
const folders = table.filter(([place]) => place.endsWith('/'));
const files = table.filter(([place]) => !place.endsWith('/'));
/** Records of which each file holds one document or a list; it says itself how many. */
const listed = /^invictus-aws\/.*\.json$|^traildiscover\/.*\.cloudtrail$/;

describe.skipIf(data === null)(`larger data${data === null ? ' (absent here, so nothing was counted)' : ''}`, () => {
  test.each(folders)('%s', async (folder, events, ignored, duplicates, refused, alerts = '0') => {
    const result = await run([join(data!, folder)]);
    const { statistics } = result;
    expect({ events: statistics.events, ignored: statistics.ignored, duplicates: statistics.duplicates, refused: reasons(statistics.quarantined_by_reason) })
      .toEqual({ events: Number(events), ignored: Number(ignored), duplicates: Number(duplicates), refused });
    expect(statistics.alerts).toBe(Number(alerts));
    const found = perFile(result);
    for (const [file, expectedEvents, expectedRefusals] of files.filter(([place]) => place.startsWith(folder))) {
      expect([file, ...(found.get(file) ?? ['0', '-'])]).toEqual([file, expectedEvents, expectedRefusals]);
    }
    for (const [file, [count, refusals]] of found) {
      if (Number(count) === 0 || files.some(([place]) => place === file)) continue;
      expect([file, listed.test(file), refusals], 'a file with events is in the table, or counts itself').toEqual([file, true, '-']);
      if (statistics.duplicates === 0) expect([file, Number(count)]).toEqual([file, recordsIn(join(data!, file))]);
    }
  });
});

/** Events and refusals by file, as the outputs tell. */
function perFile(result: Run): Map<string, [string, string]> {
  const events = new Map<string, number>();
  const refusals = new Map<string, Record<string, number>>();
  for (const document of documents(result.eventsText) as { log: { file: { path: string } } }[]) {
    const file = relative(data!, document.log.file.path);
    events.set(file, (events.get(file) ?? 0) + 1);
  }
  for (const document of documents(result.quarantineText) as { log: { file: { path: string } }; tokenward: { quarantine: { reason: string } } }[]) {
    const file = relative(data!, document.log.file.path);
    const counts = refusals.get(file) ?? {};
    const { reason } = document.tokenward.quarantine;
    counts[reason] = (counts[reason] ?? 0) + 1;
    refusals.set(file, counts);
  }
  const all = new Set([...events.keys(), ...refusals.keys()]);
  return new Map([...all].map((file) => [file, [String(events.get(file) ?? 0), reasons(refusals.get(file) ?? {})]]));
}

function reasons(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, count]) => `${reason}:${count}`);
  return parts.length === 0 ? '-' : parts.join(' ');
}

/** Asked of the file itself, with another parser. */
function recordsIn(file: string): number {
  const value = JSON.parse(readFileSync(file, 'utf8')) as unknown;
  if (Array.isArray(value)) return value.length;
  const { Records } = value as { Records?: unknown[] };
  return Records === undefined ? 1 : Records.length;
}
