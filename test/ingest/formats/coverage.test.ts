import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { readRecords } from '../../../src/ingest/files.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { describedFormats, things, toldBy, type Thing } from '../../support/field-coverage.ts';

const samples = fileURLToPath(new URL('../../data/formats/', import.meta.url));
const larger = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

const ours: Readonly<Record<Thing, (event: TokenEvent) => string | number | null>> = {
  time: (event) => event.timeMs, address: (event) => event.sourceAddress, principal: (event) => event.userId ?? event.userName ?? event.identityName ?? event.targetUserId,
  // A refused one may have no name, and one of an issuer that nobody told has no fingerprint: its kind says that it was seen.
  token: (event) => event.token ?? event.issued ?? event.revoked ?? (event.outcome === 'failure' || event.tokenKind !== 'none' ? event.tokenKind : null),
  action: (event) => event.action, outcome: (event) => (event.outcome === 'unknown' ? null : event.outcome), status: (event) => event.status, bytes: (event) => event.responseBytes,
};
/** What must stand in the record as it is; the others are made of what stands there. */
const verbatim: readonly (readonly [string, (event: TokenEvent) => string | number | null])[] = [
  ['address', ours.address], ['status', ours.status], ['bytes', (event) => event.responseBytes], ['action', ours.action], ['user', (event) => event.userId],
  ['name', (event) => event.userName], ['handle', (event) => event.tokenHandle], ['method', (event) => event.method],
];
/** Words for what a whole feed tells of. */
const ownWords: ReadonlySet<unknown> = new Set(['Anomaly Detected', 'finding']);

interface Tally { told: number; lost: string[] }
interface Coverage { readonly records: Map<string, number>; readonly tallies: Map<string, Tally>; readonly invented: string[] }

/** Reads all records below a path, and holds each event against what its record tells. */
async function coverageOf(path: string): Promise<Coverage> {
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const coverage: Coverage = { records: new Map(), tallies: new Map(), invented: [] };
  for await (const batch of readRecords([path])) {
    for (const item of batch) {
      if ('reason' in item) continue;
      const raw = Buffer.from(item.bytes).toString();
      const outcome = normalizer.normalize(item);
      if (outcome.kind === 'event') compare(outcome.event, raw, coverage);
    }
  }
  return coverage;
}

function compare(event: TokenEvent, raw: string, { records, tallies, invented }: Coverage): void {
  records.set(event.dataset, (records.get(event.dataset) ?? 0) + 1);
  const told = toldBy(event.dataset, raw);
  for (const thing of things) {
    if (told[thing] === undefined) continue;
    const tally = tallies.get(`${event.dataset} ${thing}`) ?? { told: 0, lost: [] };
    tally.told += 1;
    if (ours[thing](event) === null) tally.lost.push(`${told[thing]} in ${raw.slice(0, 300)}`);
    tallies.set(`${event.dataset} ${thing}`, tally);
  }
  const plain = `${raw.replaceAll('\\\\', '\\').replaceAll('\\"', '"')}${claimsIn(raw)}`.toLowerCase();
  for (const [name, of] of verbatim) {
    const value = of(event);
    if (value !== null && !ownWords.has(value) && !isIn(String(value).toLowerCase(), plain)) invented.push(`${event.dataset} ${name}: ${value} of ${raw.slice(0, 200)}`);
  }
}

/** What stands inside the tokens of a record. */
function claimsIn(raw: string): string {
  return [...raw.matchAll(/eyJ[\w-]+\.([\w-]+)/g)].map(([, claims]) => Buffer.from(claims!, 'base64url').toString()).join('');
}

/** As it stands, or its parts, where a format joins two of the record's own words. */
function isIn(value: string, raw: string): boolean {
  return raw.includes(value) || value.split(/[/#:|-]/).every((part) => raw.includes(part));
}

function expectCovered({ tallies, invented }: Coverage): void {
  const thin = [...tallies].filter(([, { told, lost }]) => lost.length > told * 0.02).map(([what, { told, lost }]) => `${what}: ${lost.length} of ${told}, ${lost[0]}`);
  expect(thin).toEqual([]);
  expect(invented).toEqual([]);
}

test('every format with records in JSON is described, but those that tell of leaks and costs', () => {
  const others = ['aws.cost_anomaly', 'focus.billing', 'gitguardian.incident', 'trufflehog', 'github.secret_scanning'];
  const ofJson = formats.filter(({ shapes }) => shapes.some(({ kind }) => kind === 'json')).map(({ id }) => id);
  expect(ofJson.filter((id) => !describedFormats.has(id) && !others.includes(id))).toEqual([]);
});

test.each(formats.map(({ id }) => id))('%s: at least 98 of 100 things that its samples tell come out, and none that they do not', async (id) => {
  expectCovered(await coverageOf(`${samples}${id}`));
});

describe.skipIf(!existsSync(larger))(`larger logs${existsSync(larger) ? '' : ' (absent here, so nothing was compared)'}`, () => {
  const folders = existsSync(larger) ? readdirSync(larger).filter((name) => !['hostile', 'nab', 'azure-public-dataset'].includes(name)) : [];
  test.each(folders)('%s', async (folder) => {
    expectCovered(await coverageOf(larger + folder));
  });
});
