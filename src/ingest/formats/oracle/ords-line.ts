import type { Value } from '../format.ts';

const maxLine = 16_384;
/** Fields behind the request. What follows the host are the operator's own: what the gateway in front said of the token. */
const names = ['status', 'bytes', 'referrer', 'user_agent', 'duration_ms', 'host', 'iss', 'sub', 'client_id', 'jti'];

/**
 * `address user [time] "request" status bytes "referrer" "agent" ms host`, as ORDS writes from version 24.1. Unlike the combined line there is
 * one word only between address and time, which tells the two apart.
 */
export function ordsLine(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > maxLine) return null;
  const open = line.indexOf(' [');
  const close = line.indexOf('] "', open);
  if (open < 0 || close < 0) return null;
  const head = line.slice(0, open).split(' ', 3);
  if (head.length !== 2 || head[0] === '' || head[1] === '') return null;
  const words = split(line, close + 2);
  if (words === null || words.length < 7) return null;
  const request = words[0]!.split(' ', 4);
  const found: Record<string, Value> = {
    client: head[0]!, user: head[1]!, time: line.slice(open + 2, close), method: request[0] ?? null, path: request.length === 3 ? request[1]! : null,
  };
  if (!/^(?:[1-5]\d\d|-)$/.test(words[1]!) || !/^(?:\d{1,16}|-)$/.test(words[2]!) || !/^\d{1,12}$/.test(words[5]!)) return null;
  names.forEach((name, i) => { found[name] = words[i + 1] ?? null; });
  return found;
}

/** Words between single spaces, those in quotes without them; a backslash takes the next character as it is. */
function split(line: string, from: number): string[] | null {
  const words: string[] = [];
  let at = from;
  while (at < line.length && words.length < 24) {
    const isQuoted = line.charCodeAt(at) === 34;
    let end = isQuoted ? at + 1 : at;
    while (end < line.length && line.charCodeAt(end) !== (isQuoted ? 34 : 32)) end += isQuoted && line.charCodeAt(end) === 92 ? 2 : 1;
    if (isQuoted && end >= line.length) return null;
    const word = line.slice(isQuoted ? at + 1 : at, end);
    words.push(isQuoted && word.includes('\\') ? word.replaceAll(/\\(.)/g, '$1') : word);
    at = isQuoted ? end + 1 : end;
    if (at < line.length && line.charCodeAt(at) !== 32) return null;
    at += 1;
  }
  return words;
}
