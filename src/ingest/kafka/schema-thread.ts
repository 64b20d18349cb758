import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SchemaAnswer, SchemaWorkerSettings } from './schema-protocol.ts';

const workerFile = new URL(import.meta.url.endsWith('.ts') ? './schema-worker.ts' : './schema-worker.js', import.meta.url);
/** Decoding of one request may take so long, and so much memory; then its thread is ended. */
const decodeMs = 3000;
const maxOldGenerationSizeMb = 256;
/** A schema may have several requests to the registry behind it. */
const prepareMs = 20_000;
const startMs = 30_000;

/** The thread was ended because of what it was decoding. */
export class Overrun extends Error {
  override name = 'Overrun';
}

interface Pending { resolve(answer: SchemaAnswer): void; reject(error: Error): void }

/** The thread that decodes, and its successors: it is ended when it takes too long or too much, and started again when needed. */
export class SchemaThread {
  readonly #settings: SchemaWorkerSettings;
  readonly #onEnd: () => void;
  #worker: Worker | null = null;
  #ready: Promise<unknown> | null = null;
  #pending = new Map<number, Pending>();
  #id = 0;
  /** One request is decoded at a time, so that it is known which one took too long. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: SchemaWorkerSettings, onEnd: () => void) {
    this.#settings = settings;
    this.#onEnd = onEnd;
  }

  async prepare(schema: number): Promise<string> {
    return (await this.#ask({ schema, values: null }, prepareMs)).prepared!;
  }

  /** JSON of the first values. Throws an `Overrun` where that takes too long or too much memory. */
  async decode(values: readonly Uint8Array[]): Promise<readonly (Uint8Array | null)[]> {
    const run = this.#last.then(async () => {
      const worker = this.#worker;
      if (worker === null) throw new Error('the thread that decodes ended');
      try {
        return (await this.#ask({ schema: 0, values }, decodeMs)).values!;
      } catch (error) {
        throw new Overrun((error as Error).message);
      }
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #ask(request: { readonly schema: number; readonly values: readonly Uint8Array[] | null }, limitMs: number): Promise<SchemaAnswer> {
    if (this.#worker === null) this.#start();
    await this.#ready;
    const id = ++this.#id;
    const answer = this.#expect(id, limitMs);
    this.#worker?.postMessage({ id, ...request });
    return answer;
  }

  #expect(id: number, limitMs: number): Promise<SchemaAnswer> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => void this.#expire(id, worker), limitMs);
      const settled = (): void => { clearTimeout(timer); this.#pending.delete(id); };
      this.#pending.set(id, { resolve: (answer) => { settled(); resolve(answer); }, reject: (error) => { settled(); reject(error); } });
    });
  }

  /** An answer may be there already, and only this thread was too busy to see it. */
  async #expire(id: number, worker: Worker | null): Promise<void> {
    await turn();
    if (this.#pending.has(id)) await worker?.terminate();
  }

  #start(): void {
    const worker = new Worker(workerFile, { workerData: this.#settings, resourceLimits: { maxOldGenerationSizeMb } });
    this.#worker = worker;
    this.#ready = this.#expect(0, startMs);
    let reason = 'the thread that decodes ended';
    worker.on('message', (answer: SchemaAnswer) => this.#pending.get(answer.id)?.resolve(answer));
    worker.on('error', (error) => { reason = `${reason} (${error.name})`; });
    worker.on('exit', () => {
      this.#worker = null;
      this.#onEnd();
      for (const pending of this.#pending.values()) pending.reject(new Error(reason));
    });
    worker.unref();
  }
}
