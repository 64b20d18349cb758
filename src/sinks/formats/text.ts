/** At most so many characters, none of them cut in two. */
export function clip(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const cut = text.slice(0, characters);
  // The first half of a pair alone is no character.
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** Line ends, tabs and what else steers a terminal or parts a line become blanks; halves of characters become question marks. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

/** The longest beginning of a list of parts that fits, joined. Parts are never cut: half an escape would mean something else. */
export function joinWithin(head: string, parts: readonly string[], separator: string, maxBytes: number): string {
  let line = head;
  let bytes = Buffer.byteLength(head);
  for (const [at, part] of parts.entries()) {
    const added = at === 0 ? part : separator + part;
    bytes += Buffer.byteLength(added);
    if (bytes > maxBytes) break;
    line += added;
  }
  return line;
}
