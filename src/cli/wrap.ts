/** Breaks a text into lines of at most `width` characters; the first is marked, the others are indented as far. */
export function wrap(text: string, width: number, mark = ''): string {
  const lines: string[] = [];
  let line = mark;
  let empty = true;
  for (const word of text.split(/\s+/)) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(mark.length);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join('\n');
}
