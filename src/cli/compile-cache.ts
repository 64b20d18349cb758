import { accessSync, constants } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Keeps the program in compiled form between runs, which saves a command half of its start. It stands in a folder of the person who
 * starts it: whoever could write there could put code into the next run, so nothing is kept where only a shared folder is at hand.
 */
export function keepCompiled({ XDG_CACHE_HOME, HOME } = process.env): void {
  const folder = XDG_CACHE_HOME || HOME;
  if (!folder) return;
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    // An account without a home only starts more slowly.
    return;
  }
  enableCompileCache(XDG_CACHE_HOME ? join(folder, 'tokenward') : join(folder, '.cache', 'tokenward'));
}
