import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Timing } from '../outbound/timing.ts';
import type { EffectsStore } from '../store/port.ts';
import type { ChainHead, Head } from './audit-chain.ts';
import { replaceFile } from './deny-list/write-file.ts';

/** At most one write in this time. */
const writeEveryMs = 1_000;
const fileName = 'audit-head';

/** In the store, once the file was written: then it has to be there. */
const keptKey = 'audit.head';

/** The head of the audit chain as the file beside the store remembers it; `null`: it was never written; `lost`: it was, and cannot be read. */
export function readHead(dir: string, store: Pick<EffectsStore, 'getMeta'>): Head {
  return readFile(dir) ?? (store.getMeta(keptKey) === null ? null : 'lost');
}

function readFile(dir: string): ChainHead | null {
  try {
    const { number, hash } = JSON.parse(readFileSync(join(dir, fileName), 'utf8')) as ChainHead;
    return Number.isSafeInteger(number) && typeof hash === 'string' ? { number, hash } : null;
  } catch {
    return null;
  }
}

/**
 * Keeps number and hash of the newest entry in a file beside the store, so that entries cut off at the end are missed. It may lag
 * a second behind; it never goes back.
 */
export class AuditHead {
  readonly #dir: string;
  readonly #effects: EffectsStore;
  readonly #timing: Timing;
  readonly #onError: () => void;
  #writtenMs = Number.NEGATIVE_INFINITY;
  /** Number of the entry that the file names, as far as this process wrote it. */
  #written = 0;
  #cancel: (() => void) | null = null;

  /** `onError`: the file could not be written. */
  constructor(dir: string, effects: EffectsStore, timing: Timing, onError: () => void) {
    this.#dir = dir;
    this.#effects = effects;
    this.#timing = timing;
    this.#onError = onError;
  }

  /** Entries may have been added. */
  readonly changed = (): void => {
    if (this.#cancel !== null) return;
    const sinceMs = Math.abs(this.#timing.now() - this.#writtenMs);
    if (sinceMs >= writeEveryMs) this.write();
    else this.#cancel = this.#timing.after(writeEveryMs - sinceMs, () => this.write());
  };

  /** Writes it now. */
  write(): void {
    this.#cancel?.();
    this.#cancel = null;
    const head = this.#effects.responses.auditHead();
    if (head === null || head.number === this.#written) return;
    this.#writtenMs = this.#timing.now();
    try {
      replaceFile(join(this.#dir, fileName), `${JSON.stringify(head)}\n`);
      this.#written = head.number;
      if (this.#effects.getMeta(keptKey) === null) this.#effects.setMeta(keptKey, 'kept');
    } catch {
      this.#onError();
    }
  }
}
