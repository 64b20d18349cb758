import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { UsageError } from '../usage-error.ts';

const flushAtLength = 1 << 18;

/** Writes lines to a file or to standard output, and waits where the reader is slower than we are. */
export class LineWriter {
  /** `null` for standard output. */
  readonly #descriptor: number | null;
  readonly #name: string;
  #pending = '';

  /** `-` is standard output. Throws a `UsageError` where the file cannot be made: before any work is done. */
  constructor(file: string) {
    this.#name = file;
    try {
      this.#descriptor = file === '-' ? null : openSync(file, 'w');
    } catch (error) {
      throw new UsageError(`${file} cannot be written (${codeOf(error)})`, 'is its folder there, and yours to write to?');
    }
  }

  line(text: string): void {
    this.#pending += `${text}\n`;
  }

  /** To be awaited between batches: bounds what is held in memory. */
  async relieve(): Promise<void> {
    if (this.#pending.length >= flushAtLength) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text === '') return;
    if (this.#descriptor !== null) this.#write(this.#descriptor, Buffer.from(text));
    else if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  }

  #write(descriptor: number, bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    } catch (error) {
      throw new Error(`${this.#name} cannot be written any more (${codeOf(error)})`);
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
