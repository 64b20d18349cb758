/** Writes so many lines to `app.log` in the folder given, in odd pieces, and rotates it now and then in the way given. */
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { line } from './lines.ts';

const [folder = '', how = 'rename', count = '0'] = process.argv.slice(2);
const file = join(folder, 'app.log');
const rotate: Record<string, (to: string) => void> = {
  rename: (to) => renameSync(file, to),
  copy: (to) => {
    copyFileSync(file, to);
    truncateSync(file);
  },
  gzip: (to) => {
    renameSync(file, to);
    writeFileSync(`${to}.part`, gzipSync(readFileSync(to)));
    renameSync(`${to}.part`, `${to}.gz`);
    rmSync(to);
  },
};

for (let n = 0; n < Number(count); n++) {
  const whole = Buffer.from(`${line(n)}\n`);
  const at = (n * 7) % whole.length;
  appendFileSync(file, whole.subarray(0, at));
  appendFileSync(file, whole.subarray(at));
  if (n % 100 === 99) await new Promise((resolve) => { setTimeout(resolve, 20); });
  if (n % 1000 === 999 && n + 1 < Number(count)) rotate[how]!(join(folder, `app.log.${n}`));
}
