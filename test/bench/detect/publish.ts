import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../docs/detection.md');

/** Puts what was measured between its marks on the page on detection. Throws where the marks are not there. */
export function publish(part: string, text: string): void {
  const [start, end] = [`<!-- ${part}: written by bench:detect -->\n`, `<!-- end of ${part} -->\n`];
  const written = readFileSync(page, 'utf8');
  const [from, until] = [written.indexOf(start), written.indexOf(end)];
  if (from < 0 || until < from) throw new Error(`${page} has no place for ${part}`);
  writeFileSync(page, `${written.slice(0, from)}${start}\n${text}\n\n${written.slice(until)}`);
}
