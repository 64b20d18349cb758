/**
 * How many bytes compressed data will give at most, found without decompressing it. `null` where it is not well-formed.
 */

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;

/** The blocks of a Snappy batch: those of the framing that the Java client writes, else the whole of it. */
export function snappyBlocks(bytes: Buffer): Buffer[] | null {
  if (!bytes.subarray(0, 8).equals(xerialMagic)) return [bytes];
  const blocks: Buffer[] = [];
  let at = xerialHeaderBytes;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    at += 4;
    if (at + length > bytes.length) return null;
    blocks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return blocks;
}

/** What a Snappy block says of its size: a number in 7-bit groups at its start, which decoders allocate as they find it. */
export function snappyBlockSize(block: Buffer): number | null {
  let size = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    size += (block[i]! & 0x7f) * 2 ** (7 * i);
    if (block[i]! < 0x80) return size;
  }
  return null;
}

const lz4Magic = 0x184d2204;
const lz4BlockBytes: readonly (number | undefined)[] = [undefined, undefined, undefined, undefined, 1 << 16, 1 << 18, 1 << 20, 1 << 22];
/** One byte of a match length stands for at most 255 bytes. */
const lz4MaxRatio = 255;

/**
 * The most that an LZ4 frame can give: each block gives no more than the frame's block size, nor than its own
 * length times the greatest ratio of the format. Exact but for the last block where blocks are full.
 * https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function lz4MaxSize(bytes: Buffer): number | null {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== lz4Magic) return null;
  const flags = bytes[4]!;
  const blockBytes = lz4BlockBytes[(bytes[5]! >> 4) & 7];
  if (blockBytes === undefined) return null;
  const checksumBytes = (flags & 0x10) === 0 ? 0 : 4;
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4);
  let size = 0;
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) return size;
    const length = word & 0x7fffffff;
    const isPlain = word >= 0x80000000;
    size += isPlain ? length : Math.min(blockBytes, length * lz4MaxRatio);
    at += length + checksumBytes;
  }
  return size;
}
