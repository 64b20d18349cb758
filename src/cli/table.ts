/** Columns as wide as their longest cell, a line for each row. Columns that are empty throughout are left out. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) => {
    let longest = 0;
    for (const row of rows) longest = Math.max(longest, row[column]?.length ?? 0);
    return longest === 0 ? 0 : Math.max(longest, head.length);
  });
  const lineOf = (row: readonly string[]): string => {
    let line = '';
    for (const [column, width] of widths.entries()) if (width > 0) line += `${(row[column] ?? '').padEnd(width)}  `;
    return line.trimEnd();
  };
  return [heads, ...rows].map(lineOf).join('\n');
}
