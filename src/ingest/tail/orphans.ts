import type { TailedFile } from './file.ts';

/** Files that were emptied a moment ago. A copy may turn up that holds the end of what was unfinished in them. */
export class Orphans {
  readonly #files = new Map<string, { readonly file: TailedFile; readonly sinceMs: number }>();

  add(file: TailedFile, nowMs: number): void {
    this.#files.set(file.feed, { file, sinceMs: nowMs });
  }

  /** A copy was found, which goes on with the feed. */
  adopted(feed: string): void {
    this.#files.delete(feed);
  }

  /** Takes out those that nobody adopted since `untilMs`. */
  takeOlder(untilMs: number): TailedFile[] {
    const taken = [...this.#files.values()].filter(({ sinceMs }) => sinceMs <= untilMs).map(({ file }) => file);
    for (const { feed } of taken) this.#files.delete(feed);
    return taken;
  }
}
