import { isCount, isStatus, unescapeHeader, wordsOf, type LineValues } from '../line.ts';

/** Words of a request line without the id of the request, which older versions do not write. */
const requestWords = 13;

/**
 * A line of oauth2-proxy in its stock templates: a request, a sign-in (`[AuthSuccess]`), or a message of the program itself, which is marked as such.
 * Its times have slashes, `[2026/11/22 04:07:38]`, or are those of the common log in old versions.
 */
export function oauth2ProxyLine(line: string): LineValues | null {
  const bracket = line.charCodeAt(0) === 91 ? -1 : line.indexOf(' [');
  if (bracket === -1 && line.charCodeAt(0) !== 91) return null;
  const slash = line.charCodeAt(bracket + 6);
  if (slash !== 47 && line.charCodeAt(bracket + 4) !== 47) return null;
  if (bracket === -1) return isProgramLine(line) ? ofProgram : null;
  const close = line.indexOf('] ', bracket);
  if (close < 0 || close - bracket > 40) return null;
  const time = line.slice(bracket + 2, close);
  const front = line.slice(0, bracket).split(' ', 6);
  if (front.length !== 3 && front.length !== 5 || front[1] !== '-') return null;
  const caller = { src: front[0]!, request_id: front.length === 5 ? front[2]! : null, user: front.at(-1)!, time };
  if (line.startsWith('[Auth', close + 2)) return signIn(line, close + 2, caller);
  return request(line, close + 2, caller);
}

interface Caller { readonly src: string; readonly request_id: string | null; readonly user: string; readonly time: string }

function isProgramLine(line: string): boolean {
  return line.charCodeAt(5) === 47 && line.startsWith('] [', 20) && line.indexOf('.go:') > 0;
}

/** What stands behind the status may hold a session; it is not kept. */
function signIn(line: string, from: number, caller: Caller): LineValues | null {
  const close = line.indexOf(']', from);
  return close < 0 || close - from > 20 ? null : valuesOf(caller, line.slice(from + 1, close), noWords);
}
const noWords: readonly string[] = [];

function request(line: string, from: number, caller: Caller): LineValues | null {
  const words = wordsOf(line, from);
  if (words === null || words.length !== requestWords - 4 || !words[4]!.startsWith('HTTP/') || !isStatus(words[6]) || !isCount(words[7])) return null;
  return valuesOf(caller, null, words);
}

function valuesOf({ src, request_id, user, time }: Caller, sign_in: string | null, words: readonly string[]): LineValues {
  return {
    program: null, src, request_id, user, time, sign_in, host: words[0] ?? null, method: words[1] ?? null, service: words[2] ?? null,
    path: words[3] ?? null, user_agent: unescapeHeader(words[5]), status: words[6] ?? null,
    bytes_out: words[7] ?? null, duration_s: words[8] ?? null,
  };
}

const ofProgram: LineValues = { ...valuesOf({ src: '-', request_id: null, user: '-', time: '-' }, null, noWords), program: true };
