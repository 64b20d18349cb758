import { readFileSync } from 'node:fs';
import type { NetworkClass } from '../model/event.ts';
import { parseCidr } from './cidr.ts';
import type { PrefixMap } from './prefix-map.ts';

/** A list kept by somebody else: text, one block, address or AS number on a line. */
export interface Feed {
  readonly file: string;
  /** What everything in the list is. */
  readonly class: NetworkClass;
}

/** What was read of a feed, for the operator to see. */
export interface FeedReport extends Feed {
  readonly entries: number;
  /** Lines that were neither: a feed that changes its form shows here. */
  readonly skipped: number;
}

const maxFileBytes = 64 * 1024 * 1024;
const maxEntries = 1_000_000;
const maxAsNumber = 2 ** 32 - 1;

/**
 * Reads a feed into the two maps; an entry that an earlier feed had keeps that feed's class.
 * `#` and `;` begin comments. Throws when the file cannot be read, is too large, or holds no
 * entry at all: an empty list would silently make every address harmless.
 */
export function readFeed(feed: Feed, blocks: PrefixMap<NetworkClass>, systems: Map<number, NetworkClass>): FeedReport {
  const bytes = readFileSync(feed.file);
  if (bytes.length > maxFileBytes) throw new Error(`feed ${feed.file}: larger than ${maxFileBytes} bytes`);
  let entries = 0;
  let skipped = 0;
  for (const line of bytes.toString('utf8').split('\n')) {
    const entry = firstWord(line);
    if (entry === '') continue;
    if (entries < maxEntries && addEntry(entry, feed.class, blocks, systems)) entries++;
    else skipped++;
  }
  if (entries === 0) throw new Error(`feed ${feed.file}: no address block and no AS number in it`);
  return { file: feed.file, class: feed.class, entries, skipped };
}

function addEntry(entry: string, networkClass: NetworkClass, blocks: PrefixMap<NetworkClass>, systems: Map<number, NetworkClass>): boolean {
  const asNumber = parseAsNumber(entry);
  if (asNumber !== null) {
    if (!systems.has(asNumber)) systems.set(asNumber, networkClass);
    return true;
  }
  const block = parseCidr(entry);
  // A block of everything is a mistake in the list, and would brand every address.
  if (block === null || block.bits === 0) return false;
  blocks.add(block, networkClass);
  return true;
}

function firstWord(line: string): string {
  return /^\s*([^\s,;#]{0,64})/.exec(line)?.[1] ?? '';
}

function parseAsNumber(text: string): number | null {
  const digits = /^(?:AS)?(\d{1,10})$/i.exec(text)?.[1];
  const value = Number(digits);
  return digits !== undefined && value > 0 && value <= maxAsNumber ? value : null;
}
