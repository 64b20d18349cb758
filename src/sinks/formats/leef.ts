import type { AlertFacts } from '../alert-facts.ts';
import { clip, joinWithin, oneLine } from './text.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * One line of Log Event Extended Format 2.0 of at most `maxBytes`, parted by tabs. The format has no escapes: line ends and tabs become blanks,
 * and a bar becomes a slash, since readers exist that part by it.
 */
export function leefLine(alert: AlertFacts, productVersion: string, maxBytes: number): string {
  const header = ['LEEF:2.0', 'Tokenward', 'Tokenward', plain(productVersion, 31), plain(alert.detector, 255), 'x09', ''];
  return joinWithin(header.join('|'), attributes(alert), '\t', maxBytes);
}

/** What QRadar shows without being taught comes first; each key once. */
function attributes(alert: AlertFacts): string[] {
  const techniques = alert.techniques.filter(({ kind }) => kind !== 'tactic').map(({ id }) => id).join(',');
  const values: readonly (readonly [string, string | number | null])[] = [
    ['devTime', leefTime(alert.toldMs)], ['devTimeFormat', 'MMM dd yyyy HH:mm:ss.SSS z'], ['cat', 'token-abuse'],
    ['sev', Math.min(10, Math.max(1, Math.round(alert.severity / 10)))], ['src', alert.sourceIp], ['usrName', alert.identityName ?? alert.identityId],
    ['alertId', alert.id], ['alertVersion', alert.version], ['status', alert.status], ['identityId', alert.identityId], ['tokenFingerprint', alert.fingerprint],
    ['tokenHandle', alert.handle], ['incident', alert.incidentId], ['workload', alert.workload], ['riskScore', Math.round(alert.riskScore)],
    ['count', alert.count], ['bytesOut', alert.bytesOut], ['title', alert.title], ['reason', alert.reason], ['policy', alert.detector],
    ['technique', techniques], ['action', alert.action], ['resource', alert.resource], ['url', alert.urlPath], ['accountName', alert.cloudAccount],
    ['firstSeen', new Date(alert.startMs).toISOString()], ['lastSeen', new Date(alert.endMs).toISOString()], ['userAgent', alert.userAgent],
  ];
  return values.flatMap(([name, value]) => {
    const text = value === null ? '' : plain(String(value), name === 'usrName' || name === 'accountName' ? 255 : 4000);
    return text === '' ? [] : [`${name}=${text}`];
  });
}

function plain(text: string, length: number): string {
  return clip(oneLine(text), length).trim().replaceAll('|', '/');
}

/** Such as `Nov 22 2026 01:00:00.000 GMT`. */
function leefTime(timeMs: number): string {
  const time = new Date(timeMs);
  const iso = time.toISOString();
  return `${months[time.getUTCMonth()]!} ${iso.slice(8, 10)} ${time.getUTCFullYear()} ${iso.slice(11, 23)} GMT`;
}
