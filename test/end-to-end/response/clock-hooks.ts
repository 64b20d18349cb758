/**
 * Preloaded into `tokenward run`: the machine's clock is off by as many milliseconds as stand in the file that this module's own URL
 * names. What is measured in durations goes on as it was, as when somebody sets a real clock.
 */
import { readFileSync } from 'node:fs';

const file = new URL(import.meta.url).searchParams.get('file')!;
const real = Date.now.bind(Date);
let offsetMs = read();

function read(): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
}

Date.now = () => real() + offsetMs;
setInterval(() => { offsetMs = read(); }, 50).unref();
