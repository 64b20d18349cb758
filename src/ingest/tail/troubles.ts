import { isSystemError } from '../walk.ts';
import { remember } from './remember.ts';

/** What the system refuses, by what was tried: kept until it succeeds or its file is gone. */
export class Troubles {
  readonly #codes = new Map<string, string>();

  /** Does something with a file. A file that is gone meanwhile is no trouble. Answers whether it succeeded. */
  async guard(what: 'finding' | 'reading', path: string, work: () => Promise<void>): Promise<boolean> {
    const key = `${what} ${path}`;
    try {
      await work();
      this.#codes.delete(key);
      return true;
    } catch (error) {
      const code = isSystemError(error) ? error.code : 'failed';
      if (code === 'ENOENT') this.#codes.delete(key);
      else remember(this.#codes, key, code);
      return false;
    }
  }

  /** Forgets what concerns files that are no longer there. */
  keep(paths: ReadonlySet<string>): void {
    for (const key of this.#codes.keys()) if (!paths.has(key.slice(key.indexOf(' ') + 1))) this.#codes.delete(key);
  }

  /** In words; `null` when there is none. */
  get text(): string | null {
    const codes = [...new Set(this.#codes.values())].join(', ');
    return this.#codes.size === 0 ? null : `files that cannot be read: ${this.#codes.size} (${codes})`;
  }
}
