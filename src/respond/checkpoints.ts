import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Timing } from '../outbound/timing.ts';
import type { EffectsStore } from '../store/port.ts';
import type { ChainHead } from './audit-chain.ts';
import { keyIdOf, type Signer } from './deny-list/document.ts';

/** A checkpoint is written after so many entries, or so long after the first one that no checkpoint covers. */
const everyEntries = 1_000;
const everyMs = 60_000;
/** How often it is looked whether one is due. */
const lookEveryMs = 1_000;
/** The last checkpoint stands within so many bytes of the end. */
const tailBytes = 4_096;
/** In the store: the number of the newest entry that a checkpoint covers. */
const keptKey = 'audit.checkpoint';

/** The chain as it was: whoever changes an entry up to this one would need the key as well. */
export interface Checkpoint extends ChainHead { readonly timeMs: number; readonly keyId: string; readonly signature: string }

/** What a file of checkpoints holds for one key. */
export interface Checkpoints {
  /** Number of an entry -> its hash. */
  readonly marks: ReadonlyMap<number, string>;
  readonly newest: Checkpoint | null;
  /** Entry of the first line that names the key and was not signed by it. */
  readonly forged: number | null;
}

/** Reads the public half of an Ed25519 key in PEM, from either half. Throws an `Error` that does not quote the file. */
export function readVerifier(file: string): KeyObject {
  try {
    const key = createPublicKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new Error(`${file} holds no Ed25519 key`);
}

/**
 * Every checkpoint of the file by this key. Lines that a crash cut off and those of other keys prove nothing and are left out.
 * Rejects where it cannot be read.
 */
export async function readCheckpoints(file: string, key: KeyObject): Promise<Checkpoints> {
  const marks = new Map<number, string>();
  let newest: Checkpoint | null = null;
  let forged: number | null = null;
  const keyId = keyIdOf(key);
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const found = parse(line);
    if (found?.keyId !== keyId) continue;
    if (!isGenuine(found, key)) forged ??= found.number;
    else {
      // Of two for one entry the earlier counts: what was rewritten since differs from it.
      if (!marks.has(found.number)) marks.set(found.number, found.hash);
      if (newest === null || found.number >= newest.number) newest = found;
    }
  }
  return { marks, newest, forged };
}

/** For entries of these numbers the first checkpoint that covers each, and the newest of all. Rejects where the file cannot be read. */
export async function checkpointsOver(file: string, key: KeyObject, numbers: readonly number[]): Promise<Checkpoint[]> {
  const waiting = numbers.toSorted((a, b) => b - a);
  const found: Checkpoint[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const one = parse(line);
    const next = waiting.at(-1);
    if (one === null || next === undefined || one.number < next || one.keyId !== keyIdOf(key) || !isGenuine(one, key)) continue;
    found.push(one);
    while ((waiting.at(-1) ?? Infinity) <= one.number) waiting.pop();
  }
  const newest = lastCheckpoint(file, key);
  return newest === null || found.some(({ number }) => number === newest.number) ? found : [...found, newest];
}

/** The newest entry that any checkpoint covered, as the store remembers it; 0: none was written. */
export function coveredUpTo(store: Pick<EffectsStore, 'getMeta'>): number {
  return Number(store.getMeta(keptKey) ?? 0);
}

/** The last checkpoint of the file by this key; `null`: there is none. Quick enough for every start. Throws where the file cannot be read. */
export function lastCheckpoint(file: string, key: KeyObject): Checkpoint | null {
  const keyId = keyIdOf(key);
  const ours = tailOf(file).split('\n').map(parse).filter((found) => found !== null && found.keyId === keyId && isGenuine(found, key));
  return ours.at(-1) ?? null;
}

function tailOf(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const tail = Buffer.alloc(Math.min(size, tailBytes));
    const length = readSync(descriptor, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8', 0, length);
  } finally {
    closeSync(descriptor);
  }
}

function parse(line: string): Checkpoint | null {
  try {
    const { number, hash, timeMs, keyId, signature } = JSON.parse(line) as Checkpoint;
    const isOne = Number.isSafeInteger(number) && Number.isFinite(timeMs) && [hash, keyId, signature].every((value) => typeof value === 'string');
    return isOne ? { number, hash, timeMs, keyId, signature } : null;
  } catch {
    return null;
  }
}

/** Was it signed by this key? */
export function isGenuine({ number, hash, timeMs, signature }: Checkpoint, key: KeyObject): boolean {
  return verify(null, signed({ number, hash }, timeMs), key, Buffer.from(signature, 'base64url'));
}

/** What is signed begins with its purpose, so that nothing else signed by the key passes for a checkpoint. */
function signed({ number, hash }: ChainHead, timeMs: number): Buffer {
  return Buffer.from(`tokenward-audit-checkpoint\n${number}\n${hash}\n${timeMs}`);
}

export interface CheckpointParts {
  readonly signer: Signer;
  /** Is only ever added to. */
  readonly file: string;
  readonly effects: EffectsStore;
  readonly timing: Timing;
  /** The file could not be written; it is tried again. */
  readonly onError: () => void;
}

/** Signs the newest entry of the audit chain now and then, and adds that to a file which should stand where this service cannot change it. */
export class CheckpointWriter {
  readonly #parts: CheckpointParts;
  /** Entry that the last checkpoint of this process covers. */
  #covered = 0;
  /** Since when it has not been covered by one; the first is due at once. */
  #waitsSinceMs: number | null = Number.NEGATIVE_INFINITY;
  /** When writing failed last; `null`: it did not. */
  #failedMs: number | null = null;
  #cancel: (() => void) | null = null;
  #writing: Promise<void> | null = null;
  #isStopping = false;

  constructor(parts: CheckpointParts) {
    this.#parts = parts;
  }

  /** Entries may have been added. */
  readonly changed = (): void => {
    if (this.#isStopping) return;
    this.#cancel ??= this.#parts.timing.after(lookEveryMs, () => {
      this.#cancel = null;
      this.#look();
    });
  };

  /** Resolves when what is newest is covered, or could not be. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancel?.();
    await this.#writing;
    const head = this.#parts.effects.responses.auditHead();
    if (head !== null && head.number > this.#covered) await this.#write(head);
  }

  #look(): void {
    const head = this.#parts.effects.responses.auditHead();
    // What is being written looks again when it is.
    if (head === null || head.number === this.#covered || this.#writing !== null) return;
    const nowMs = this.#parts.timing.now();
    this.#waitsSinceMs ??= nowMs;
    // By amount, lest a clock set back put it off.
    const isDue = this.#failedMs === null && head.number - this.#covered >= everyEntries
      || Math.abs(nowMs - (this.#failedMs ?? this.#waitsSinceMs)) >= everyMs;
    if (!isDue) return this.changed();
    this.#writing = this.#write(head).finally(() => {
      this.#writing = null;
      this.changed();
    });
  }

  async #write(head: ChainHead): Promise<void> {
    const { signer, file, effects, timing, onError } = this.#parts;
    this.#waitsSinceMs = null;
    const timeMs = timing.now();
    const signature = signer.sign(signed(head, timeMs)).toString('base64url');
    try {
      // A line that a crash cut off ends before this one begins.
      await append(file, `\n${JSON.stringify({ ...head, timeMs, keyId: signer.keyId, signature })}\n`);
      this.#covered = head.number;
      this.#failedMs = null;
      effects.setMeta(keptKey, String(head.number));
    } catch {
      this.#failedMs = timeMs;
      onError();
    }
  }
}

async function append(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o644);
  try {
    await handle.appendFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
