import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { readRecords } from '../../../src/ingest/files.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';

const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

/** What becomes of the records of each file: `<format>`, `ignored` or the reason of a refusal, each with its number. */
async function countsOf(folder: string): Promise<Map<string, Map<string, number>>> {
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const files = new Map<string, Map<string, number>>();
  const note = (file: string, what: string): void => {
    const counts = files.get(file) ?? new Map<string, number>();
    files.set(file, counts.set(what, (counts.get(what) ?? 0) + 1));
  };
  for await (const batch of readRecords([data + folder])) {
    for (const item of batch) {
      if ('reason' in item) {
        note(item.path, item.reason);
        continue;
      }
      const outcome = normalizer.normalize(item);
      note(item.origin.path, outcome.kind === 'event' ? outcome.event.dataset : outcome.kind === 'ignored' ? 'ignored' : outcome.refusal.reason);
    }
  }
  return files;
}

// Larger real logs, where they are at hand: skipped elsewhere, and the run says so. Files that no format knows anything of are left out of the
// table; the folders' own table (see the counts end to end) has them. Written anew by `npx vitest run -u` on this file.
test.skipIf(!existsSync(data))('every record of the larger logs is told apart', async () => {
  const rows = ['file	records'];
  for (const folder of readdirSync(data).sort()) {
    for (const [file, counts] of await countsOf(folder)) {
      const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${what} ${n}`);
      if (folder !== 'hostile' && parts.some((part) => !part.startsWith('unknown_format '))) rows.push(`${file.slice(data.length)}\t${parts.join(', ')}`);
    }
  }
  await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('../../data/counts/files.tsv');
}, 60_000);

interface Truth { readonly stolen: { readonly key: string; readonly thief: { readonly ip: string } } }
const thefts = [['envoy', 'theft-access'], ['haproxy', 'theft-access'], ['vault', 'theft-audit-accessor'], ['keycloak', 'theft-events-rest'], ['keycloak', 'theft-log-events']] as const;

test.skipIf(!existsSync(data)).each(thefts)('%s/%s: every call of the thief names the stolen token', async (server, name) => {
  const folder = `${data}real-servers/${server}/`;
  const { stolen } = JSON.parse(readFileSync(`${folder}theft-truth.json`, 'utf8')) as Truth;
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const names = new Set<string | null>();
  const used = new Set<string | null>();
  for await (const batch of readRecords([`${folder}${name}.ndjson`])) {
    for (const item of batch) {
      const outcome = 'reason' in item ? null : normalizer.normalize(item);
      if (outcome?.kind !== 'event') continue;
      const { event } = outcome;
      if (event.issuedHandle === stolen.key) [event.issued, ...event.issuedAliases ?? []].forEach((id) => names.add(id));
      if (event.tokenHandle === stolen.key) [event.token, ...event.aliases ?? []].forEach((id) => names.add(id));
      if (event.sourceIp === stolen.thief.ip && event.token !== null) used.add(event.token);
    }
  }
  expect(used.size).toBeGreaterThan(0);
  expect([...used].filter((token) => !names.has(token))).toEqual([]);
});

test.skipIf(!existsSync(data))('events of a peer\'s CloudTrail rules, taken out of their wrapper', () => {
  // That format alone: some of the events are other providers' sign-ins.
  const normalizer = new Normalizer(formats.filter(({ id }) => id === 'aws.cloudtrail'), { fingerprinter: new Fingerprinter(replayKey) });
  const origin = { path: 'x', identity: 'x', place: 0, source: null, modifiedMs: null };
  const lines = readFileSync(`${data}panther-analysis/AWS.CloudTrail.jsonl`, 'utf8').trim().split('\n');
  const counts: Record<string, number> = {};
  lines.forEach((line, ordinal) => {
    const { log } = JSON.parse(line) as { log: unknown };
    const bytes = new TextEncoder().encode(JSON.stringify(log));
    const outcome = normalizer.normalize({ origin, bytes, offset: 0, index: null, ordinal, originalPosition: null, envelopeTimeMs: null });
    const what = outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind;
    counts[what] = (counts[what] ?? 0) + 1;
  });
  // Unknown: sign-ins of other providers, fragments of three fields. Without time: fragments.
  expect(counts).toEqual({ event: 183, ignored: 5, no_time: 6, unknown_format: 32 });
});
