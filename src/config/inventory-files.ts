import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { InventoryEntry } from '../model/inventory.ts';
import type { ListedCredential, Listing } from '../model/listing.ts';
import { parseCsv } from './csv.ts';
import { checkReadable } from './files.ts';
import { inventoryFile, type RawInventoryEntry, type RawInventoryFile, type RawListing } from './inventory-schema.ts';
import type { Complaint } from './issues.ts';

const maxFileBytes = 256 << 20;
/** YAML is read slowly: larger files come as JSON or CSV. */
const maxYamlBytes = 8 << 20;

export interface InventoryFiles {
  readonly entries: readonly InventoryEntry[];
  readonly listings: readonly Listing[];
  readonly complaints: readonly Complaint[];
}

/** Reads the files of `inventory_files`; what is wrong with one is told once. */
export function readInventoryFiles(files: readonly string[]): InventoryFiles {
  const entries: InventoryEntry[] = [];
  const listings: Listing[] = [];
  const complaints: Complaint[] = [];
  files.forEach((file, place) => {
    const unreadable = checkReadable(file);
    if (unreadable !== null) {
      complaints.push({ path: ['inventory_files', place], ...unreadable });
      return;
    }
    const found = readInventoryFile(file);
    if (typeof found === 'string') complaints.push({ path: ['inventory_files', place], message: `file "${file}" ${found}`, hint: null });
    else {
      for (const entry of found.inventory) entries.push(makeEntry(entry));
      for (const listing of found.listings) listings.push(makeListing(listing));
    }
  });
  return { entries, listings, complaints };
}

/** What a readable file holds, else what is wrong with it. */
function readInventoryFile(file: string): RawInventoryFile | string {
  const limit = /\.ya?ml$/i.test(file) ? maxYamlBytes : maxFileBytes;
  if (statSync(file).size > limit) return `is larger than ${limit} bytes`;
  let value: unknown;
  try {
    value = valueIn(file, new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
  } catch (error) {
    // A parser's message may quote the file; that of the CSV reader does not.
    return /\.csv$/i.test(file) && error instanceof Error ? `is no CSV: ${error.message}` : 'cannot be read as CSV, YAML or JSON, by its name';
  }
  const parsed = inventoryFile.safeParse(Array.isArray(value) ? { inventory: value } : value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? 'unreadable'}`;
}

function valueIn(file: string, text: string): unknown {
  if (/\.csv$/i.test(file)) return parseCsv(text).map(entryOfRow);
  return /\.ya?ml$/i.test(file) ? parse(text, { maxAliasCount: 100 }) : JSON.parse(text);
}

/** A row of CSV as an entry: empty cells are absent, lists are parted by semicolons. */
function entryOfRow(row: Readonly<Record<string, string>>): unknown {
  const entry: Record<string, unknown> = {};
  const match: Record<string, string> = {};
  for (const [name, cell] of Object.entries(row)) {
    const value = cell.trim();
    if (value === '') continue;
    if (name === 'identity' || name === 'handle' || name === 'client' || name === 'federation') match[name] = value;
    else if (name === 'labels' || name === 'stored_in') entry[name] = value.split(';').map((one) => one.trim()).filter((one) => one !== '');
    else if (name === 'break_glass') entry[name] = value.toLowerCase() === 'true' || value;
    else entry[name] = value;
  }
  return { match, ...entry };
}

export function makeEntry(raw: RawInventoryEntry): InventoryEntry {
  const { match, workload, kind, owner, vendor, environment, labels, review_by: review, retired, owner_left: left, stored_in: storedIn } = raw;
  return {
    match, workload: workload ?? null, kind: kind ?? null, owner: owner ?? null, ...storedIn.length === 0 ? {} : { storedIn },
    ...raw.authority === undefined ? {} : { authority: raw.authority },
    ...raw.team === undefined ? {} : { team: raw.team }, ...raw.criticality === undefined ? {} : { criticality: raw.criticality },
    ...vendor === undefined ? {} : { vendor }, ...environment === undefined ? {} : { environment }, ...labels.length === 0 ? {} : { labels },
    ...review === undefined ? {} : { reviewMs: Date.parse(review) }, ...raw.break_glass === undefined ? {} : { breakGlass: raw.break_glass },
    ...retired === undefined ? {} : { retiredMs: Date.parse(retired) }, ...left === undefined ? {} : { ownerLeftMs: Date.parse(left) },
  };
}

function makeListing({ issuer, account, kinds, taken_at: taken, credentials }: RawListing): Listing {
  return { issuer, account: account ?? null, kinds, takenMs: Date.parse(taken), credentials: credentials.map(makeListed) };
}

function makeListed(raw: RawListing['credentials'][number]): ListedCredential {
  const time = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text));
  return {
    handle: raw.handle ?? null, identity: raw.identity ?? null, name: raw.name ?? null, kind: raw.kind, createdMs: time(raw.created),
    lastUsedMs: raw.last_used === 'never' ? 'never' : time(raw.last_used), expiresMs: time(raw.expires), isActive: raw.active,
    owner: raw.owner ?? null, isOrphaned: raw.orphaned, scopes: raw.scopes ?? null,
  };
}
