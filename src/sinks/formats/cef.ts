import { isIPv4, isIPv6 } from 'node:net';
import type { AlertFacts } from '../alert-facts.ts';
import { clip, joinWithin, oneLine } from './text.ts';

type Value = string | number | null;

/**
 * One line of Common Event Format, version 0, of at most `maxBytes`: `CEF:0|vendor|product|version|class|name|severity|extension`. Texts are cut
 * to the lengths of the standard; when the line grows too long the last pairs are left out whole. Severity is 0 to 10.
 */
export function cefLine(alert: AlertFacts, productVersion: string, maxBytes: number): string {
  const names = [headerText(productVersion, 31), headerText(alert.detector, 1023), headerText(alert.title, 512)];
  return joinWithin(`CEF:0|Tokenward|Tokenward|${names.join('|')}|${cefSeverity(alert)}|`, pairs(alert), ' ', maxBytes);
}

function cefSeverity({ severity }: AlertFacts): number {
  return Math.min(10, Math.max(0, Math.round(severity / 10)));
}

/** Ids first: whatever is cut off on the way is cut off at the end. Names and lengths are those of ArcSight's dictionary. */
function pairs(alert: AlertFacts): string[] {
  const isV6 = alert.sourceIp !== null && isIPv6(alert.sourceIp);
  const technique = alert.techniques.filter(({ kind }) => kind !== 'tactic').map(({ id }) => id).join(',');
  const values: readonly (readonly [name: string, value: Value, length: number])[] = [
    ['rt', alert.toldMs, 20], ['externalId', alert.id, 40], ['cat', 'token-abuse', 1023], ['outcome', alert.outcome, 63],
    ['src', isIPv4(alert.sourceIp ?? '') ? alert.sourceIp : null, 15], ...labelled('c6a2', 'Source IPv6 Address', isV6 ? alert.sourceIp : null, 45),
    ['suid', alert.identityId, 1023], ['suser', alert.identityName, 1023], ...labelled('cs1', 'tokenFingerprint', alert.fingerprint),
    ...labelled('cs2', 'tokenHandle', alert.handle), ...labelled('cs3', 'incident', alert.incidentId), ...labelled('cs4', 'workload', alert.workload),
    ...labelled('cs5', 'attackTechnique', technique), ...labelled('cs6', 'status', alert.status),
    ...labelled('cn1', 'riskScore', Math.round(alert.riskScore)), ...labelled('cn2', 'version', alert.version), ...labelled('cn3', 'bytesOut', alert.bytesOut),
    ['msg', alert.reason, 1023], ['cnt', alert.count, 20], ['start', alert.startMs, 20], ['end', alert.endMs, 20],
    ['act', alert.action, 63], ['requestMethod', alert.method, 1023], ['request', alert.urlPath, 1023], ['dhost', alert.urlDomain, 1023],
    ['destinationServiceName', alert.service, 1023], ...labelled('flexString1', 'resource', alert.resource, 1023),
    ['requestClientApplication', alert.userAgent, 1023],
  ];
  return values.flatMap(([name, value, length]) => {
    const text = value === null ? '' : extension(String(value), length);
    return text === '' ? [] : [`${name}=${text}`];
  });
}

/** A value in one of the fields for whatever has none of its own, with its meaning. */
function labelled(name: string, label: string, value: Value, length = 4000): (readonly [string, Value, number])[] {
  return value === null || value === '' ? [] : [[`${name}Label`, label, 1023], [name, value, length]];
}

/** In the header a bar and a backslash are escaped, an equals sign is not. */
function headerText(text: string, length: number): string {
  return clip(oneLine(text), length).replaceAll(/[\\|]/g, '\\$&');
}

/** In the extension a backslash and an equals sign are escaped, a bar is not; line ends are written as `\n` and `\r`. */
function extension(text: string, length: number): string {
  const lines = text.split(/(\r\n|[\r\n])/).map((part, at) => (at % 2 === 1 ? part : oneLine(part)));
  return clip(lines.join('').trim(), length).trim().replaceAll(/[\\=]/g, '\\$&').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
