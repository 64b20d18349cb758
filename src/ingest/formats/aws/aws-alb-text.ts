import { isCount, requestLine, wordsOf, type LineValues } from '../line.ts';

const albTypes: ReadonlySet<string> = new Set(['http', 'https', 'h2', 'grpcs', 'ws', 'wss']);
/** Words of a line: of an application load balancer at least up to the trace id, of a classic one, of a TLS listener of a network one. */
const albWords = 18, classicWords = 14, tlsWords = 20;

/** A line of an application, classic or network load balancer. */
export function loadBalancerLine(line: string): LineValues | null {
  const first = line.charCodeAt(0);
  // A classic line begins with its time: a digit.
  if (first >= 48 && first <= 57) return line.charCodeAt(10) === 84 && line.charCodeAt(26) === 90 ? classicLine(line) : null;
  if (first !== 103 && first !== 104 && first !== 116 && first !== 119) return null;
  const end = line.indexOf(' ');
  if (end < 0 || end > 5) return null;
  const type = line.slice(0, end);
  if (type === 'tls') return tlsLine(line);
  return albTypes.has(type) ? applicationLine(line) : null;
}

function applicationLine(line: string): LineValues | null {
  const words = wordsOf(line);
  if (words === null || words.length < albWords || !isCount(words[10]) && words[10] !== '-1') return null;
  const { method, path } = requestLine(words[12]!);
  return {
    kind: 'alb', time: words[1]!, service: words[2]!, src: words[3]!, status: words[8]!, bytes_out: words[11]!, method, path, url: path,
    user_agent: words[13]!, group: words[16]!, request_id: words[17]!, domain: words[18] ?? null, created: words[21] ?? null,
    actions: words[22] ?? null, error: words[24] ?? null,
  };
}

function classicLine(line: string): LineValues | null {
  const words = wordsOf(line);
  if (words === null || words.length < classicWords || words.length > classicWords + 1 || words[2]!.lastIndexOf(':') < 0) return null;
  const { method, path } = requestLine(words[11]!);
  return {
    kind: 'classic', time: words[0]!, service: words[1]!, src: words[2]!, status: words[7]!, bytes_out: words[10]!, method, path, url: path,
    user_agent: words[12]!, group: null, request_id: null, domain: null, created: null, actions: null, error: null,
  };
}

function tlsLine(line: string): LineValues | null {
  const words = wordsOf(line);
  if (words === null || words.length < tlsWords || words[1] !== '2.0') return null;
  return {
    kind: 'tls', time: words[2]!, service: words[3]!, src: words[5]!, status: null, bytes_out: words[10]!, method: null, path: null, url: null,
    user_agent: null, group: words[12]!, request_id: null, domain: words[16]!, created: words[20] ?? null, actions: null, error: null,
  };
}
