import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';

const flushAtLength = 1 << 18;

/** Writes lines to a file or to standard output, and waits where the reader is slower than we are. */
export class LineWriter {
  readonly #stream: Writable;
  readonly #own: boolean;
  #pending = '';

  /** `null` is standard output. */
  constructor(file: string | null) {
    this.#own = file !== null;
    this.#stream = file === null ? process.stdout : createWriteStream(file);
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
    if (!this.#own) return;
    this.#stream.end();
    await finished(this.#stream);
  }

  async #flush(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    if (text !== '' && !this.#stream.write(text)) await once(this.#stream, 'drain');
  }
}
