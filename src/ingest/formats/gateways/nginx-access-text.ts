import { isDigits, unescapeHeader, type LineValues } from '../line.ts';
import { commonLine } from './combined.ts';

/** Words behind the status of Ingress NGINX: the combined line, the request, three about the upstream, and the request's id. */
const ingressWords = 10;

/**
 * nginx's combined line, also with the virtual host in front, with the X-Forwarded-For of its stock `main` format behind it,
 * or the longer one of Ingress NGINX.
 */
export function nginxLine(line: string): LineValues | null {
  if (line.charCodeAt(4) === 47) return isErrorLine(line) ? ofServer : null;
  const found = commonLine(line);
  if (found === null || found.ident !== '-' || found.host?.includes(':') === true) return null;
  const { host, src, user, time, method, path, status, bytes_out, rest } = found;
  const isIngress = rest.length >= ingressWords && isDigits(rest[2]!) && !Number.isNaN(Number(rest[3]));
  if (!isIngress && rest.length !== 2 && rest.length !== 3 || rest.length === 3 && isDigits(rest[2]!)) return null;
  return {
    server: null, time, request_time: isIngress ? rest[3]! : null, src, x_forwarded_for: isIngress ? null : rest[2] ?? null, method, path, host, status,
    bytes_out, user_agent: unescapeHeader(rest[1]), request_id: isIngress ? rest.at(-1)! : null, user, service: isIngress ? rest[4]! : null,
  };
}

/** `2026/11/22 04:07:38 [error] 31#31: ...`: the server's own log. */
function isErrorLine(line: string): boolean {
  return line.charCodeAt(20) === 91 && /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[[a-z]{4,6}\] \d+#\d+: /.test(line.slice(0, 64));
}

const ofServer: LineValues = {
  server: true, time: null, request_time: null, src: null, x_forwarded_for: null, method: null, path: null, host: null, status: null, bytes_out: null,
  user_agent: null, request_id: null, user: null, service: null,
};
