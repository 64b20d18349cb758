import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder } from '../../src/files/temporary-folder.ts';

function version(environment: Readonly<Record<string, string>>): string {
  const { PATH = '' } = process.env;
  return spawnSync(process.execPath, ['src/main.ts', '--version'], { env: { PATH, ...environment } }).stdout.toString();
}

test('what was compiled is kept in a folder of one\'s own, and a start without one goes on as well', () => {
  const { path: folder } = makeTemporaryFolder('tokenward-test-');
  const [home, cacheHome] = [join(folder, 'home'), join(folder, 'cache')];
  for (const each of [home, cacheHome]) mkdirSync(each);
  const versions = [version({ HOME: home }), version({ HOME: home, XDG_CACHE_HOME: cacheHome }), version({ HOME: join(folder, 'nobody') }), version({})];
  expect(new Set(versions).size).toBe(1);
  expect(versions[0]).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect([join(home, '.cache', 'tokenward'), join(cacheHome, 'tokenward'), join(folder, 'nobody')].map((path) => existsSync(path))).toEqual([true, true, false]);
});
