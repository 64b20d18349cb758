/** Cells of one file, at most. */
const maxCells = 4_000_000;

/**
 * Rows of a CSV text (RFC 4180): cells in quotes may hold commas, quotes and line ends. The first row names the columns; a row with fewer
 * cells lacks the last ones. Throws on a quote that does not end, on too many cells, and on cells beyond the named columns.
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [heads, ...rows] = cellsOf(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (heads === undefined) return [];
  const names = heads.map((head) => head.trim());
  return rows.filter((row) => row.length > 1 || row[0] !== '').map((row) => {
    if (row.length > names.length) throw new Error('a row has more cells than the first one');
    const record = Object.create(null) as Record<string, string>;
    names.forEach((name, column) => { record[name] = row[column] ?? ''; });
    return record;
  });
}

function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cells = 0;
  for (let at = 0; at < text.length;) {
    const [cell, end] = text.charCodeAt(at) === 0x22 ? quoted(text, at) : plain(text, at);
    row.push(cell);
    if (++cells > maxCells) throw new Error('too many cells');
    if (text[end] === ',') {
      at = end + 1;
      if (at < text.length) continue;
      row.push('');
    }
    rows.push(row);
    row = [];
    at = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
  }
  return rows;
}

function plain(text: string, at: number): [cell: string, end: number] {
  let end = at;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
  return [text.slice(at, end), end];
}

function quoted(text: string, at: number): [cell: string, end: number] {
  for (let end = at + 1; ;) {
    end = text.indexOf('"', end);
    if (end < 0) throw new Error('a quote does not end');
    if (text[end + 1] !== '"') return [text.slice(at + 1, end).replaceAll('""', '"'), end + 1];
    end += 2;
  }
}
