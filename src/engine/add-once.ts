/** Names a value once, while there is room for so many. Returns whether it was added. */
export function addOnce(list: string[], value: string | null, most: number): boolean {
  if (value === null || list.length >= most || list.includes(value)) return false;
  list.push(value);
  return true;
}
