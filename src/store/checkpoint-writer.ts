import { Worker } from 'node:worker_threads';
import { StoreError } from './error.ts';
import type { Checkpoint, EntityCopy } from './port.ts';
import type { PackedEntities, WorkerAnswer, WorkerRequest, WorkerSettings } from './state-schema.ts';

// From sources the worker is TypeScript too; a URL is not rewritten when they are compiled.
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js', import.meta.url);

/** Its garbage is short-lived, and room that it once took would stay with it. */
const maxYoungGenerationSizeMb = 4;

interface Pending { resolve(): void; reject(error: unknown): void }

/** Hands checkpoints to the worker thread, which starts with the first one and keeps the process alive only while it writes. */
export class CheckpointWriter {
  private readonly settings: WorkerSettings;
  private worker: Worker | null = null;
  private pending: Pending | null = null;
  private settled: Promise<void> = Promise.resolve();

  constructor(settings: WorkerSettings) {
    this.settings = settings;
  }

  /** Resolves when it is durable. Rejects with a `StoreError`; then nothing of it was written. */
  write(checkpoint: Checkpoint): Promise<void> {
    if (this.pending !== null) return Promise.reject(new Error('a checkpoint is still being written'));
    const worker = this.worker ??= this.start();
    const written = new Promise<void>((resolve, reject) => { this.pending = { resolve, reject }; });
    this.settled = written.catch(() => undefined);
    const { request, transfer } = pack(checkpoint);
    worker.ref();
    worker.postMessage(request, transfer);
    return written;
  }

  /** Waits for a checkpoint under way. `null`: nothing was ever written, so there is nothing to wait for. */
  close(): Promise<void> | null {
    return this.worker === null ? null : this.stop(this.worker);
  }

  private async stop(worker: Worker): Promise<void> {
    await this.settled;
    if (this.worker === null) return;
    const exited = new Promise<void>((resolve) => { worker.once('exit', () => resolve()); });
    worker.ref();
    worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
    await exited;
  }

  private start(): Worker {
    const worker = new Worker(workerFile, { workerData: this.settings, resourceLimits: { maxYoungGenerationSizeMb } });
    worker.on('message', ({ failure }: WorkerAnswer) => this.settle(failure === null ? null : new StoreError(failure)));
    worker.on('error', (error) => this.settle(error));
    worker.on('exit', () => {
      this.worker = null;
      this.settle(new StoreError(`${this.settings.file}: the thread that writes it ended`));
    });
    return worker;
  }

  private settle(error: unknown): void {
    const { pending } = this;
    this.pending = null;
    this.worker?.unref();
    if (error === null) pending?.resolve();
    else pending?.reject(error);
  }
}

function pack(checkpoint: Checkpoint): { request: WorkerRequest; transfer: ArrayBuffer[] } {
  const entities = packEntities(checkpoint.entities);
  const transfer = [
    ...checkpoint.rows.flatMap(({ keys, rows, deleted }) => [keys.buffer, rows.buffer, deleted.buffer]),
    ...entities.flatMap(({ lengths, bytes }) => [lengths.buffer, bytes.buffer]),
  ];
  return { request: { kind: 'write', change: checkpoint.change, rows: checkpoint.rows, entities, positions: checkpoint.positions }, transfer };
}

function packEntities(copies: readonly EntityCopy[]): PackedEntities[] {
  return [...Map.groupBy(copies, ({ kind }) => kind)].map(([kind, group]) => {
    const bytes = new Uint8Array(group.reduce((sum, copy) => sum + (copy.bytes?.length ?? 0), 0));
    let at = 0;
    for (const copy of group) {
      if (copy.bytes === null) continue;
      bytes.set(copy.bytes, at);
      at += copy.bytes.length;
    }
    return { kind, keys: group.map(({ key }) => key), lengths: Int32Array.from(group, (copy) => copy.bytes?.length ?? -1), bytes };
  });
}
