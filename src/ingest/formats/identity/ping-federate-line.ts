import type { Value } from '../format.ts';
import { cefLine, type CefFields } from './cef.ts';
import { table } from '../../values.ts';

const maxLine = 16_384;
const maxFields = 48;
const bar = 124;
const time = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}[.,]\d{3}/;
const word = /^(?:OAuth|[A-Z][A-Z0-9_]{1,63})$/;

type Fields = Record<string, Value>;

/** A line of PingFederate's audit or administrator log, its fields parted by bars or written as `key="value"`, or in CEF. */
export function pingFederateLine(line: string): Readonly<Fields> | null {
  if (line.length > maxLine) return null;
  const found = time.exec(line);
  if (found === null) {
    const cef = cefLine(line, 'CEF:0|Ping Identity|PingFederate|');
    return cef === null ? null : ofCef(cef);
  }
  const end = found[0].length;
  const isBarred = line.charCodeAt(end) === bar || line.charCodeAt(end + 1) === bar;
  return isBarred ? barred(line) : paired(found[0], line.slice(end));
}

function barred(line: string): Fields | null {
  const words = line.split('|', maxFields);
  for (let i = 0; i < words.length; i++) words[i] = words[i]!.trim();
  if (words.length >= 10 && (words[1]!.startsWith('tid:') || words[1] === '')) return audited(words);
  if (words.length < 7 || !word.test(words[4]!) || !word.test(words[5]!)) return null;
  const [time, admin, roles, ip, component, event, , description] = words;
  return {
    '@kind': 'admin', time: time!, admin: admin!, roles: roles!, ip: ip!, component: component!, event: event!, description: description ?? null,
  };
}

/** Fields of the audit log behind its event; later ones are the operator's choice. Newer versions log a transaction id before the event. */
function audited(words: readonly string[]): Fields | null {
  const at = word.test(words[2]!) ? 2 : 3;
  if (!word.test(words[at]!)) return null;
  return {
    '@kind': 'audit', time: words[0]!, tid: words[1]!.slice(4), event: words[at]!, subject: words[at + 1] ?? null, ip: words[at + 2] ?? null,
    app: words[at + 3] ?? null, connection: words[at + 4] ?? null, protocol: words[at + 5] ?? null, host: words[at + 6] ?? null,
    status: words[at + 8] ?? null, description: words[at + 10] ?? null,
  };
}

const aliases = table<string>({
  trackingid: 'tid', connectionid: 'connection', adapterid: 'adapter', accessgrantguid: 'grant', target: 'app',
});

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
    protocol: cef['cs3'] ?? null, host: cef['dvchost'] ?? null, status: cef['msg'] ?? null,
  };
}
