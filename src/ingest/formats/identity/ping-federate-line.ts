import type { Value } from '../format.ts';
import { cefLine, type CefFields } from './cef.ts';

const maxLine = 16_384;
const maxFields = 48;
const time = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[.,]\d{3}/;
const word = /^(?:OAuth|[A-Z][A-Z0-9_]{1,63})$/;
/** Fields of the audit log behind its event; later ones are the operator's choice. */
const auditNames = ['subject', 'ip', 'app', 'connection', 'protocol', 'host', 'role', 'status', 'adapter', 'description'];
const adminNames = ['time', 'admin', 'roles', 'ip', 'component', 'event', 'detail', 'description'];

type Fields = Record<string, Value>;

/** A line of PingFederate's audit or administrator log, its fields parted by bars or written as `key="value"`, or in CEF. */
export function pingFederateLine(line: string): Readonly<Fields> | null {
  if (line.length > maxLine) return null;
  const cef = cefLine(line, 'CEF:0|Ping Identity|PingFederate|');
  if (cef !== null) return ofCef(cef);
  const found = time.exec(line);
  if (found === null) return null;
  const rest = line.slice(found[0].length);
  return /^\s*\|/.test(rest) ? barred(line) : paired(found[0], rest);
}

function barred(line: string): Fields | null {
  const words = line.split('|', maxFields).map((part) => part.trim());
  if (words.length >= 10 && (words[1]!.startsWith('tid:') || words[1] === '')) {
    // Newer versions log a transaction id before the event.
    const at = word.test(words[2]!) ? 2 : 3;
    if (!word.test(words[at]!)) return null;
    const fields: Fields = { '@kind': 'audit', time: words[0]!, tid: words[1]!.slice(4), event: words[at]! };
    auditNames.forEach((name, i) => { fields[name] = words[at + 1 + i] ?? null; });
    return fields;
  }
  if (words.length < 7 || !word.test(words[4]!) || !word.test(words[5]!)) return null;
  const fields: Fields = { '@kind': 'admin' };
  adminNames.forEach((name, i) => { fields[name] = words[i] ?? null; });
  return fields;
}

const aliases: Readonly<Record<string, string>> = {
  trackingid: 'tid', connectionid: 'connection', adapterid: 'adapter', accessgrantguid: 'grant', target: 'app',
};

/** `key="value"` pairs; the first of each key counts. */
function paired(when: string, rest: string): Fields | null {
  const fields = Object.create(null) as Fields;
  let at = 0;
  for (let n = 0; n < maxFields; n++) {
    const equals = rest.indexOf('="', at);
    if (equals < 0) break;
    const end = rest.indexOf('"', equals + 2);
    if (end < 0) return null;
    const key = rest.slice(Math.max(at, rest.lastIndexOf(' ', equals) + 1), equals).toLowerCase().replace(/^[,;|]+/, '');
    const name = aliases[key] ?? key;
    if (!(name in fields)) fields[name] = rest.slice(equals + 2, end);
    at = end + 1;
  }
  if (fields['event'] === undefined || fields['tid'] === undefined || fields['protocol'] === undefined) return null;
  fields['time'] = when;
  fields['@kind'] = 'audit';
  const tid = fields['tid'];
  if (typeof tid === 'string' && tid.startsWith('tid:')) fields['tid'] = tid.slice(4);
  return fields;
}

function ofCef(cef: CefFields): Fields {
  return {
    '@kind': 'audit', time: cef['rt'] ?? null, tid: cef['externalId'] ?? null, event: cef['@signature'] ?? null,
    subject: cef['duid'] ?? cef['suser'] ?? cef['duser'] ?? null, ip: cef['src'] ?? null, app: cef['cs1'] ?? null, connection: cef['cs2'] ?? null,
    protocol: cef['cs3'] ?? null, host: cef['dvchost'] ?? null, role: cef['cs4'] ?? null, status: cef['msg'] ?? null,
  };
}
