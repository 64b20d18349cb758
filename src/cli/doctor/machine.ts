import { bad, ok, span, warn, type Finding } from './finding.ts';

/** The first versions of Node in which keys that look like numbers no longer make maps slow on purpose (CVE-2026-21717). */
const fixedNode: Readonly<Record<number, readonly [number, number]>> = { 24: [14, 1], 25: [8, 2] };
/** No machine that runs this is older than the program. */
const earliestMs = Date.UTC(2026, 0, 1);

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (major < 24) return bad('Node', `this is ${version}, 24 is needed`, 'in a checkout, "npm run -s tokenward --" brings its own');
  const [fixedMinor, fixedPatch] = fixedNode[major] ?? [0, 0];
  if (minor > fixedMinor || (minor === fixedMinor && patch >= fixedPatch)) return ok('Node', version);
  const advice = `use ${major}.${fixedMinor}.${fixedPatch} or newer`;
  return warn('Node', `${version} can be slowed down by crafted keys in a log (CVE-2026-21717)`, advice);
}

/** `newestWriteMs`: the latest time that our own files carry, `null` where there are none. */
export function checkClock(nowMs: number, newestWriteMs: number | null): Finding {
  const shown = new Date(nowMs).toISOString();
  if (nowMs < earliestMs) return bad('clock', `${shown} is long past`, 'set the clock: times of logs are judged by it');
  if (newestWriteMs !== null && newestWriteMs - nowMs > 60_000) {
    const text = `the data folder was written ${span(newestWriteMs - nowMs)} in the future: the clock was set back`;
    return warn('clock', text, 'check the time service of this machine');
  }
  return ok('clock', shown);
}
