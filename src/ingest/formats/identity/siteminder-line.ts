import { isDigits, wordsOf } from '../line.ts';
import type { Value } from '../format.ts';

const events: ReadonlySet<string> = new Set([
  'AuthAccept', 'AuthReject', 'AuthAttempt', 'AuthChallenge', 'AuthLogout', 'AzAccept', 'AzReject', 'AdminLogin', 'AdminLogout', 'AdminReject',
  'ValidateAccept', 'ValidateReject',
]);
/** Fields of a line with enhanced tracing, each in brackets. */
const tracedNames = [
  'category', 'event', 'reason', 'host', 'time', 'agent', 'session', 'user', 'domain', 'realm', 'realmId', 'ip', 'resource', 'action', 'directory',
  'directoryServer', 'directoryKind', 'transaction', 'message',
];

/**
 * A line of a Policy Server's `smaccess.log`: `AuthAccept host [time] "ip user" "agent GET /path" [transaction] [reason] [message] ...`, or, with
 * enhanced tracing, all in brackets.
 */
export function siteminderLine(line: string): Readonly<Record<string, Value>> | null {
  const first = line.charCodeAt(0) === 91 ? line.slice(1, line.indexOf(']')) : line.slice(0, Math.max(0, line.indexOf(' ')));
  if (events.has(first)) return plain(line);
  return first.length <= 16 && line.charCodeAt(0) === 91 ? traced(line) : null;
}

function plain(line: string): Readonly<Record<string, Value>> | null {
  const words = wordsOf(line);
  if (words === null || words.length < 5) return null;
  const [event, host, time, caller, request, transaction, reason, message] = words;
  const parted = caller!.indexOf(' ');
  const [agent, action, resource] = request!.split(' ', 3);
  return {
    event: event!, host: host!, time: time!, ip: parted < 0 ? caller! : caller!.slice(0, parted), user: parted < 0 ? null : caller!.slice(parted + 1),
    agent: agent ?? null, action: action ?? null, resource: resource ?? null,
    transaction: transaction ?? null, reason: reason ?? null, message: message ?? null,
  };
}

function traced(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > 16_384 || !line.endsWith(']')) return null;
  const words = line.slice(1, -1).split('][', 32);
  if (words.length < 17 || !events.has(words[1]!) || !isDigits(words[2]!)) return null;
  const fields: Record<string, Value> = {};
  tracedNames.forEach((name, i) => { fields[name] = words[i] ?? null; });
  return fields;
}
