import { Fingerprinter, replayKey } from '../../ingest/fingerprint.ts';
import { readRecords } from '../../ingest/files.ts';
import { formats } from '../../ingest/formats/index.ts';
import { sampleTopic } from '../../ingest/kafka/sample.ts';
import { Normalizer } from '../../ingest/normalizer.ts';
import type { RawRecord } from '../../ingest/record.ts';
import { checkPaths, walk } from '../../ingest/walk.ts';
import { enrich, Intel } from '../../intel/intel.ts';
import type { TokenEvent } from '../../model/event.ts';
import { isUse } from '../../model/needs.ts';
import type { Refusal } from '../../model/quarantine.ts';
import type { Topics } from './kafka.ts';

/** Of each file no more is looked at: its beginning shows what it is. */
const recordsPerFile = 2_000;
const maxFiles = 5_000;
/** Issuers, accounts and networks that are remembered of one file; further ones are not. */
const maxNames = 50;

/** What stands in one file, as far as it was looked at. */
export interface Look {
  readonly path: string;
  records: number;
  /** Records that no format claims, or that their format refused. */
  refused: number;
  /** Events by format id. */
  readonly formats: Map<string, number>;
  readonly issuers: Set<string>;
  readonly accounts: Set<string>;
  /** Uses, and how many of them say what correlation needs. */
  uses: number;
  readonly has: Record<Trait, number>;
  /** Addresses that uses came from: block -> how many, and whose it is. */
  readonly networks: Map<string, { count: number; readonly owner: string }>;
}

/** What a use must say so that it can be judged. */
export const traits = ['token', 'identity', 'address', 'client', 'resource', 'bytes', 'verdict'] as const;
export type Trait = (typeof traits)[number];

export interface Survey {
  readonly looks: readonly Look[];
  /** There were more files than are looked at. */
  readonly isCut: boolean;
}

/**
 * Looks into every file below the paths, `-` for standard input, with the same code that `replay` reads them with. Only the first records
 * of each are read, and nothing is kept of them but counts and names. Throws `InputError` for a path that is not there.
 */
export async function lookAt(paths: readonly string[]): Promise<Survey> {
  await checkPaths(paths);
  const intel = openIntel();
  const looks: Look[] = [];
  for await (const { path } of walk(paths)) {
    if (looks.length === maxFiles) return { looks, isCut: true };
    looks.push(await lookInto(path, readRecords([path]), intel));
  }
  return { looks, isCut: false };
}

/** Looks at the newest records of topics, each under its name, with the same code that the service reads them with. Throws what Kafka says. */
export async function lookAtTopics({ names, connection }: Topics): Promise<Survey> {
  const intel = openIntel();
  const looks: Look[] = [];
  for (const name of names) looks.push(await lookInto(name, sampleTopic(connection, name, recordsPerFile), intel));
  return { looks, isCut: false };
}

function openIntel(): Intel {
  return Intel.open({ networks: [], feeds: [], asnFile: null, countryFile: null });
}

async function lookInto(path: string, records: AsyncIterable<readonly (RawRecord | Refusal)[]>, intel: Intel): Promise<Look> {
  const look = emptyLook(path);
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  for await (const batch of records) {
    for (const item of batch) {
      if (look.records === recordsPerFile) return look;
      look.records++;
      const outcome = 'reason' in item ? null : normalizer.normalize(item);
      if (outcome === null || outcome.kind === 'refused') look.refused++;
      else if (outcome.kind === 'ignored') countIn(look.formats, outcome.format, 0);
      else note(look, outcome.event, intel);
    }
  }
  return look;
}

function emptyLook(path: string): Look {
  const has = Object.fromEntries(traits.map((trait) => [trait, 0])) as Record<Trait, number>;
  return { path, records: 0, refused: 0, formats: new Map(), issuers: new Set(), accounts: new Set(), uses: 0, has, networks: new Map() };
}

function note(look: Look, event: TokenEvent, intel: Intel): void {
  countIn(look.formats, event.dataset, 1);
  if (event.tokenIssuer !== null && look.issuers.size < maxNames) look.issuers.add(event.tokenIssuer);
  if (event.cloudAccount !== null && look.accounts.size < maxNames) look.accounts.add(event.cloudAccount);
  if (!isUse(event)) return;
  look.uses++;
  for (const trait of traits) if (says[trait](event)) look.has[trait]++;
  enrich(event, intel);
  if (event.networkBlock !== null) noteNetwork(look, event.networkBlock, event.asOrganization ?? event.networkClass ?? 'unknown');
}

const says: Readonly<Record<Trait, (event: TokenEvent) => boolean>> = {
  token: ({ token }) => token !== null,
  identity: ({ identityId, userId, token }) => identityId !== null || userId !== null || token !== null,
  address: ({ sourceIp }) => sourceIp !== null,
  client: ({ userAgent }) => userAgent !== null,
  resource: ({ resourceId }) => resourceId !== null,
  bytes: ({ bytesOut }) => bytesOut !== null,
  verdict: ({ authenticated }) => authenticated !== null,
};

function noteNetwork({ networks }: Look, block: string, owner: string): void {
  const known = networks.get(block);
  if (known !== undefined) known.count++;
  else if (networks.size < maxNames) networks.set(block, { count: 1, owner });
}

function countIn(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
