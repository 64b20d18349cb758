/**
 * 32-bit hash of a text: FNV-1a over UTF-16 units with the final mix of MurmurHash3, so that all
 * bits are usable. Not keyed: it serves sketches and small sets inside one record, where a crafted
 * collision gains its maker nothing but his own confusion with himself.
 */
export function hashText(text: string): number {
  if (text.length > longestKept) return hashOnce(text);
  const place = placeOf(text);
  if (texts[place] === text) return hashes[place] as number;
  texts[place] = text;
  return hashes[place] = hashOnce(text);
}

/** Direct-mapped memo: ids and paths come from caches, so nearly always as the very same string object, which compares at once. */
const places = 4096;
const longestKept = 256;
const texts = Array.from({ length: places }, () => '');
const hashes = new Uint32Array(places);
hashes.fill(hashOnce(''));

/** By length and a few characters, most of them from the end, where ids and paths differ. */
function placeOf(text: string): number {
  const end = text.length - 1;
  let hash = text.length;
  hash = Math.imul(hash ^ text.charCodeAt(end), 0x01000193);
  hash = Math.imul(hash ^ text.charCodeAt(end - 1), 0x01000193);
  hash = Math.imul(hash ^ text.charCodeAt(end - 2), 0x01000193);
  hash = Math.imul(hash ^ text.charCodeAt(end >> 1), 0x01000193);
  hash = Math.imul(hash ^ text.charCodeAt(end >> 2), 0x01000193);
  return (hash ^ (hash >>> 15)) & (places - 1);
}

/** As `hashText`, for a text that is not expected again soon. */
export function hashOnce(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
}

/** The final mix of MurmurHash3 (32 bit): spreads every input bit over all output bits. */
export function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Two hashes as one, order mattering. */
export function combineHashes(first: number, second: number): number {
  return mix(Math.imul(first, 31) + second);
}
