import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from './deny-list/write-file.ts';

/** Longest that is read of the file. */
const maxBytes = 4096;

/** Why nothing is done; `null`: the switch is off. */
export interface Stopped {
  /** `set`: the file says so; `unreadable`: nobody can tell, which is the same. */
  readonly why: 'set' | 'unreadable';
  /** Account that set it, as far as the file tells. */
  readonly by: string | null;
}

/** A file that stops every call while it exists and is not empty, or cannot be read. Looked at before each call, so it holds at once. */
export class KillSwitch {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  state(): Stopped | null {
    try {
      if (statSync(this.file).size === 0) return null;
      return { why: 'set', by: writerOf(readFileSync(this.file).subarray(0, maxBytes).toString()) };
    } catch (error) {
      return isAbsent(error) && hasFolder(this.file) ? null : { why: 'unreadable', by: null };
    }
  }

  /** Durable when it returns. Throws where the file cannot be written. */
  set(account: string, reason: string, nowMs: number): void {
    replaceFile(this.file, `${JSON.stringify({ by: account, reason, at: new Date(nowMs).toISOString() })}\n`);
  }

  /** Throws where it cannot be taken away. */
  clear(): void {
    rmSync(this.file, { force: true });
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** A file that is not there is off; a folder that is not there, such as a disk that was not mounted, tells nothing. */
function hasFolder(file: string): boolean {
  try {
    return statSync(dirname(file)).isDirectory();
  } catch {
    return false;
  }
}

/** Somebody may have written it by hand. */
function writerOf(text: string): string | null {
  try {
    const { by } = JSON.parse(text) as { by?: unknown };
    return typeof by === 'string' ? by : null;
  } catch {
    return null;
  }
}
