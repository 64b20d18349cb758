import { isCount, isStatus, wordsOf, type LineValues } from '../line.ts';

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
  if (bracket === -1) return isProgramLine(line) ? { program: true } : null;
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
  return close < 0 || close - from > 20 ? null : { ...caller, sign_in: line.slice(from + 1, close) };
}

function request(line: string, from: number, caller: Caller): LineValues | null {
  const words = wordsOf(line, from);
  if (words === null || words.length !== requestWords - 4 || !isStatus(words[6]) || !isCount(words[7])) return null;
  return {
    ...caller, host: words[0]!, method: words[1]!, service: words[2]!, path: words[3]!, user_agent: words[5]!, status: words[6]!, bytes_out: words[7]!,
    duration_s: words[8]!,
  };
}
