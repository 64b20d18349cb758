import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the package begins, seen from here: one level higher when the program was built. */
const roots = ['../../', '../../../'];

/** A file or folder of the package, `null` where it has none. */
function find(path: string): URL | null {
  return roots.map((root) => new URL(`${root}${path}`, import.meta.url)).find((url) => existsSync(url)) ?? null;
}

/** This program's version, `unknown` where nothing tells. */
export function packageVersion(): string {
  const file = find('package.json');
  return file === null ? 'unknown' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Folder of the built page, `null` where it was not built. */
export function pageFolder(): string | null {
  const folder = find('dashboards/live/dist/');
  return folder === null ? null : fileURLToPath(folder);
}
