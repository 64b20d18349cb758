import { isCount, isStatus, requestLine, wordsOf, type LineValues } from '../line.ts';

const openBrace = 123;

/**
 * The line of `option httplog`: `address:port [time] frontend backend/server timers status bytes cookie cookie state counts queues
 * {captures} "request"`. Lines of connections that never came to a request are told by their colon behind the frontend.
 */
export function haproxyLine(line: string): LineValues | null {
  const bracket = line.indexOf(' [');
  // `14/Jan/2015:12:48:57.127`
  if (bracket < 3 || bracket > 64 || line.charCodeAt(bracket + 22) !== 46 || line.charCodeAt(bracket + 26) !== 93) return null;
  const colon = line.lastIndexOf(':', bracket);
  if (colon <= 0) return null;
  const head = { accept: line.slice(bracket + 2, bracket + 26), src: line.slice(0, colon), src_port: line.slice(colon + 1, bracket) };
  const rest = bracket + 28;
  const end = line.indexOf(' ', rest);
  if (end > 0 && line.charCodeAt(end - 1) === 58) return { ...nothing, ...head, problem: true };
  return withRequest(line, rest, head);
}

interface Head { readonly accept: string; readonly src: string; readonly src_port: string }

function withRequest(line: string, from: number, head: Head): LineValues | null {
  const quoted = line.indexOf(' "', from);
  const words = quoted < 0 ? null : beforeRequest(line.slice(from, quoted));
  const request = quoted < 0 ? null : wordsOf(line, quoted + 1);
  if (words === null || request === null || request.length !== 1) return null;
  const times = words[2]!.split('/', 6);
  if (times.length !== 5 || !isStatus(words[3]) && words[3] !== '-1' || !isCount(words[4]!.replace('+', '')) || words[7]!.length !== 4) return null;
  const { method, path } = requestLine(request[0]!);
  const slash = words[1]!.indexOf('/');
  return {
    problem: null, accept: head.accept, duration_ms: times[4]!, src: head.src, src_port: head.src_port, method, path, status: words[3]!,
    bytes_out: words[4]!, backend: slash < 0 ? words[1]! : words[1]!.slice(0, slash), term: words[7]!,
  };
}

/** The ten words before the captures, which are not read: headers stand there. */
function beforeRequest(text: string): string[] | null {
  const words = text.split(' ', 64);
  const captures = words.findIndex((word) => word.charCodeAt(0) === openBrace);
  const count = captures < 0 ? words.length : captures;
  return count === 10 ? words : null;
}

const nothing = {
  problem: null, accept: null, duration_ms: null, src: null, src_port: null, method: null, path: null, status: null, bytes_out: null, backend: null,
  term: null,
};
