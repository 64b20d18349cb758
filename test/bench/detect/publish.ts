import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const page = join(import.meta.dirname, '../../../docs/detection.md');

/** What has a place there. */
export const parts = ['found', 'without', 'rules', 'adversary'] as const;

/** Puts what was measured between its marks on the page on detection. Throws where the marks are not there. */
export function publish(part: typeof parts[number], text: string): void {
  writeFileSync(page, filled(readFileSync(page, 'utf8'), part, text));
}

/** The page with a text between the marks of a part. */
export function filled(written: string, part: typeof parts[number], text: string): string {
  const [start, end] = [`<!-- ${part}: written by bench:detect -->\n`, `<!-- end of ${part} -->\n`];
  const [from, until] = [written.indexOf(start), written.indexOf(end)];
  if (from < 0 || until < from) throw new Error(`the page has no place for ${part}`);
  return `${written.slice(0, from)}${start}\n${text}\n\n${written.slice(until)}`;
}
