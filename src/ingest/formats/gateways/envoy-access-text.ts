import type { Value } from '../format.ts';

const maxLine = 16_384;
const quote = 34;
/** Fields after the status of Envoy's default line. */
const defaultNames = [
  'flags', 'bytes_received', 'bytes_sent', 'duration', 'upstream_time', 'x_forwarded_for', 'user_agent', 'x_request_id', 'authority',
  'upstream_host',
];
/** The longer line that Istio configures; what follows its upstream host is not in quotes. */
const istioNames = [
  'flags', 'details', 'termination', 'transport_failure', 'bytes_received', 'bytes_sent', 'duration', 'upstream_time', 'x_forwarded_for',
  'user_agent', 'x_request_id', 'authority', 'upstream_host', 'upstream_cluster', 'upstream_local', 'downstream_local', 'downstream_remote',
];

/**
 * Envoy's default access line, and Istio's: `[time] "GET /path HTTP/1.1" 200 - ...`. Envoy does not escape
 * quotes in header values, so a line with more of them than the form has cannot be told apart and is refused.
 */
export function envoyLine(line: string): Readonly<Record<string, Value>> | null {
  if (line.charCodeAt(0) !== 91 || line.length > maxLine) return null;
  const close = line.indexOf('] "');
  if (close < 0) return null;
  const words = split(line, close + 2);
  if (words === null || words.length < 12) return null;
  const request = words[0]!;
  const first = request.indexOf(' ');
  const last = request.lastIndexOf(' ');
  if (first <= 0 || last <= first) return null;
  const isDefault = words.length === 12 && isNumber(words[3]!);
  if (!isDefault && words.length < 19) return null;
  const found: Record<string, Value> = {
    start_time: line.slice(1, close), method: request.slice(0, first), path: request.slice(first + 1, last),
    protocol: request.slice(last + 1), response_code: words[1]!,
  };
  const names = isDefault ? defaultNames : istioNames;
  names.forEach((name, i) => { found[name] = words[i + 2] ?? null; });
  return found;
}

function isNumber(word: string): boolean {
  return word === '-' || /^\d{1,16}$/.test(word);
}

/** Words between single spaces, those in quotes without them; `null` when a quoted one does not end at a space. */
function split(line: string, from: number): string[] | null {
  const words: string[] = [];
  let at = from;
  while (at < line.length && words.length < 40) {
    const isQuoted = line.charCodeAt(at) === quote;
    const start = isQuoted ? at + 1 : at;
    const found = line.indexOf(isQuoted ? '"' : ' ', start);
    if (isQuoted && found < 0) return null;
    const end = found < 0 ? line.length : found;
    words.push(line.slice(start, end));
    at = isQuoted ? end + 1 : end;
    if (at < line.length && line.charCodeAt(at) !== 32) return null;
    at += 1;
  }
  return words;
}
