import type { Value } from '../format.ts';
import { Pairs } from '../line.ts';

const maxLine = 16_384;
const maxPairs = 64;
const header = /^(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}[.,]\d{3}\S{0,6}) +([A-Z]{4,5}) +\[([\w.$-]{1,200})\] \(([^)]{0,200})\) /;
/** Loggers of the server itself, as the console abbreviates them or not. */
const serverLoggers = /^(?:org\.key|io\.qua|org\.inf|org\.jgr|org\.hib|org\.jbo|liqui|com\.arj|io\.ver|io\.agr)/;

/** Is this logger Keycloak's event logger? Consoles shorten `org.keycloak.events` to `org.key.events`. */
export function isEventLogger(name: string): boolean {
  return name === 'org.keycloak.events' || name === 'org.key.events';
}

/** A line of Keycloak's server log as a flat map: `@time`, `@logger`, and the event's own keys where it is one. */
export function keycloakLine(line: string): Readonly<Record<string, Value>> | null {
  if (line.length > maxLine) return null;
  const found = header.exec(line);
  if (found === null) return null;
  const logger = found[3]!;
  if (isEventLogger(logger)) {
    const pairs = keycloakPairs(line.slice(found[0].length));
    if (pairs === null) return null;
    pairs['@time'] = found[1]!;
    pairs['@logger'] = logger;
    return pairs;
  }
  return serverLoggers.test(logger) ? { '@time': found[1]!, '@logger': logger } : null;
}

/**
 * `key="value", key="value"` of newer versions, `key=value, key=value` of older ones. Keycloak escapes nothing, so a
 * value may hold what looks like another pair: the first of each key counts, and the server writes its own before those
 * that a caller can choose (user name, redirect address). `null` in words is absent. `null` for a text that ends within
 * quotes: what it says last is cut.
 */
export function keycloakPairs(message: string): Record<string, Value> | null {
  const pairs = new Pairs();
  let at = 0;
  for (let n = 0; n < maxPairs && at < message.length; n++) {
    const equals = message.indexOf('=', at);
    if (equals < 0) break;
    const key = message.slice(at, equals);
    const isQuoted = message.charCodeAt(equals + 1) === 34;
    const from = isQuoted ? equals + 2 : equals + 1;
    const separator = message.indexOf(isQuoted ? '", ' : ', ', from);
    if (separator < 0 && isQuoted && (message.charCodeAt(message.length - 1) !== 34 || message.length === from)) return null;
    const end = separator < 0 ? message.length - (isQuoted ? 1 : 0) : separator;
    const value = message.slice(from, end);
    if (!(key in pairs)) pairs[key] = value === 'null' ? null : value;
    if (separator < 0) break;
    at = separator + (isQuoted ? 3 : 2);
  }
  return pairs;
}
