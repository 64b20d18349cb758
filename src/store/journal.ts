import type { JournalEntry } from './port.ts';

/** The same entries with consecutive reads of one feed as one. */
export function coalesce(entries: readonly JournalEntry[]): JournalEntry[] {
  const merged: JournalEntry[] = [];
  for (const entry of entries) {
    const last = merged.at(-1);
    if (entry.kind === 'read' && last?.kind === 'read' && last.feed === entry.feed) {
      merged[merged.length - 1] = { kind: 'read', feed: entry.feed, count: last.count + entry.count };
    } else merged.push(entry);
  }
  return merged;
}

const code = { read: 0, tick: 1, command: 2, configuration: 3 } as const;

/** As text: each feed and hash named once, then numbers only. Two or three numbers per entry. */
export function encodeJournal(entries: readonly JournalEntry[]): string {
  const names = new Map<string, number>();
  const numberOf = (name: string): number => {
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name)!;
  };
  const numbers: number[] = [];
  for (const entry of coalesce(entries)) {
    numbers.push(code[entry.kind]);
    if (entry.kind === 'read') numbers.push(numberOf(entry.feed), entry.count);
    else if (entry.kind === 'tick') numbers.push(entry.timeMs);
    else if (entry.kind === 'command') numbers.push(entry.number);
    else numbers.push(numberOf(entry.hash));
  }
  return JSON.stringify([[...names.keys()], numbers]);
}

/** Inverse of `encodeJournal`. Its text is checked by the store, so what does not fit is a broken invariant. */
export function decodeJournal(text: string): JournalEntry[] {
  const [names, numbers] = JSON.parse(text) as [string[], number[]];
  const entries: JournalEntry[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    const first = numbers[at + 1]!;
    switch (numbers[at]) {
      case code.read:
        entries.push({ kind: 'read', feed: names[first]!, count: numbers[at + 2]! });
        at++;
        break;
      case code.tick: entries.push({ kind: 'tick', timeMs: first }); break;
      case code.command: entries.push({ kind: 'command', number: first }); break;
      case code.configuration: entries.push({ kind: 'configuration', hash: names[first]! }); break;
      default: throw new Error(`journal entry of unknown kind ${numbers[at]}`);
    }
  }
  return entries;
}
