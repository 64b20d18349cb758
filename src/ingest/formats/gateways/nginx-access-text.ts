import { isDigits, type LineValues } from '../line.ts';
import { commonLine } from './combined.ts';

/** Words behind the status of Ingress NGINX: the combined line, the request, three about the upstream, and the request's id. */
const ingressWords = 10;

/**
 * nginx's combined line, also with the virtual host in front, with the X-Forwarded-For of its stock `main` format behind it,
 * or the longer one of Ingress NGINX.
 */
export function nginxLine(line: string): LineValues | null {
  const found = commonLine(line);
  if (found === null || found.ident !== '-' || found.host?.includes(':') === true) return null;
  const { host, src, user, time, method, path, status, bytes_out, rest } = found;
  const isIngress = rest.length >= ingressWords && isDigits(rest[2]!) && !Number.isNaN(Number(rest[3]));
  if (!isIngress && rest.length !== 2 && rest.length !== 3 || rest.length === 3 && isDigits(rest[2]!)) return null;
  return {
    time, request_time: isIngress ? rest[3]! : null, src, x_forwarded_for: isIngress ? null : rest[2] ?? null, method, path, host, status, bytes_out,
    user_agent: rest[1]!, request_id: isIngress ? rest.at(-1)! : null, user, service: isIngress ? rest[4]! : null,
  };
}
