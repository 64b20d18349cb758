import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { readRecords } from '../../../src/ingest/files.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
/** Folder or file -> file -> what its records become: `<format>`, `ignored` or the reason of a refusal, each with its number. */
const expected = JSON.parse(readFileSync(new URL('../../data/formats/corpus.json', import.meta.url), 'utf8')) as Record<string, Record<string, string>>;

/** Counts what becomes of every record below a path, by file. */
async function countsOf(path: string): Promise<Record<string, string>> {
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const files = new Map<string, Map<string, number>>();
  const note = (file: string, what: string): void => {
    const counts = files.get(file) ?? new Map<string, number>();
    files.set(file, counts.set(what, (counts.get(what) ?? 0) + 1));
  };
  for await (const batch of readRecords([path])) {
    for (const item of batch) {
      if ('reason' in item) {
        note(item.path, item.reason);
        continue;
      }
      const outcome = normalizer.normalize(item);
      note(item.origin.path, outcome.kind === 'event' ? outcome.event.dataset : outcome.kind === 'ignored' ? 'ignored' : outcome.refusal.reason);
    }
  }
  const line = (counts: Map<string, number>): string => [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${what} ${n}`).join(', ');
  return Object.fromEntries([...files].map(([file, counts]) => [file.slice(data.length), line(counts)]));
}

// Larger real logs, where they are at hand: skipped elsewhere, and the run says so.
test.skipIf(!existsSync(data)).each(Object.keys(expected))('%s: every record of the larger logs is told apart', async (path) => {
  expect(await countsOf(data + path)).toEqual(expected[path]);
});
