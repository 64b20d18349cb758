import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { factsOf } from './alert-facts.ts';
import { ocsfFinding } from './formats/ocsf.ts';
import { mendMs } from './http-verdict.ts';
import type { Built, Outcome, Outgoing, Sink } from './sink.ts';

export interface NdjsonFileOptions {
  readonly name: string;
  readonly path: string;
  readonly format: 'ecs' | 'ocsf';
  /** Before a batch would make it larger, the file is put aside as `<path>.1`, that one as `<path>.2`, and so on. */
  readonly maxBytes: number;
  /** How many are kept beside the one that is written. */
  readonly keep: number;
  readonly productVersion: string;
}

export type FileAnswer = { readonly kind: 'written' } | { readonly kind: 'failed'; readonly reason: string; readonly isLasting: boolean };

/** A line of JSON for each alert that is to be told, on the disk before it counts as delivered. Readable by owner and group. */
export function ndjsonFileSink(options: NdjsonFileOptions): Sink<Buffer, FileAnswer> {
  const file = new RotatedFile(options);
  return {
    name: options.name, wants: 'told', lane: 'prompt', concurrency: 1, batchSize: 128,
    build: (documents) => buildLines(documents, options),
    send: (lines) => file.append(lines),
    classify: classifyFile,
    close: () => Promise.resolve(),
  };
}

function buildLines(documents: readonly Outgoing[], { format, productVersion }: NdjsonFileOptions): Built<Buffer> {
  const lines = documents.map((one) => `${JSON.stringify(format === 'ecs' ? one.document : ocsfFinding(factsOf(one), productVersion))}\n`);
  return { prepared: [{ request: Buffer.from(lines.join('')), documents }], unfit: [] };
}

function classifyFile(documents: readonly Outgoing[], answer: FileAnswer): Outcome {
  if (answer.kind === 'failed') return { kind: 'retry', reason: answer.reason, ...(answer.isLasting ? { afterMs: mendMs } : {}) };
  return { kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) };
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'disk_full', EDQUOT: 'disk_full', EACCES: 'forbidden', EPERM: 'forbidden', EROFS: 'forbidden', ENOENT: 'folder_missing',
};

/** Opened anew for each batch, so that whoever moves it away finds the next batch in a new one. */
class RotatedFile {
  readonly #options: NdjsonFileOptions;

  constructor(options: NdjsonFileOptions) {
    this.#options = options;
  }

  async append(lines: Buffer): Promise<FileAnswer> {
    try {
      const { path, maxBytes } = this.#options;
      let handle = await open(path, 'a+', 0o640);
      try {
        const { size } = await handle.stat();
        if (size > 0 && size + lines.length > maxBytes) {
          await handle.close();
          await this.#rotate();
          handle = await open(path, 'a+', 0o640);
        }
        await appendWhole(handle, lines);
      } finally {
        await handle.close();
      }
      return { kind: 'written' };
    } catch (error) {
      const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
      return { kind: 'failed', reason: reason ?? 'not_writable', isLasting: reason !== undefined };
    }
  }

  async #rotate(): Promise<void> {
    const { path, keep } = this.#options;
    await rm(keep === 0 ? path : `${path}.${keep}`, { force: true });
    for (let number = keep - 1; number >= 0; number--) {
      await rename(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }
}

/** All of it or nothing, as far as the disk lets that be: a line that a crash has torn is ended first, so that it spoils no other. */
async function appendWhole(handle: FileHandle, lines: Buffer): Promise<void> {
  const { size } = await handle.stat();
  const last = Buffer.alloc(1);
  if (size > 0) await handle.read(last, 0, 1, size - 1);
  try {
    await handle.appendFile(size > 0 && last[0] !== 0x0a ? Buffer.concat([Buffer.from('\n'), lines]) : lines);
    await handle.datasync();
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}
