import { describe, expect, test } from 'vitest';
import { defaultSource } from '../../../../src/ingest/formats/format.ts';
import { formats } from '../../../../src/ingest/formats/index.ts';
import { Fingerprinter, replayKey } from '../../../../src/ingest/fingerprint.ts';
import { Normalizer } from '../../../../src/ingest/normalizer.ts';
import type { TokenEvent } from '../../../../src/model/event.ts';
import { ordsLine } from '../../../../src/ingest/formats/oracle/ords-line.ts';
import { unifiedAuditLine } from '../../../../src/ingest/formats/oracle/unified-audit-line.ts';
import { eventOf, reader } from '../support.ts';

const read = reader();
const event = (record: object): TokenEvent => eventOf(read(JSON.stringify(record)));
const position = { offset: 0, id: 'e-1' };

const user = 'ocid1.user.oc1..rates';
const key = `ocid1.tenancy.oc1..shop/${user}/8c:b4:5f:18:e7:ec:db:08:b8:fa:d2:2a:7d:11:76:ac`;
const data = {
  eventName: 'GetObject', resourceId: 'ocid1.bucket.oc1.eu-frankfurt-1.aaaa',
  identity: { principalName: 'rates', principalId: user, tenantId: 'ocid1.tenancy.oc1..shop', ipAddress: '203.0.113.7', credentials: key, userAgent: 'sdk' },
  request: { id: 'r', path: '/n/shop/b/x', action: 'GET' }, response: { status: '200', responseTime: '2026-11-22T02:14:00.452Z' },
};
const modern = {
  specversion: '1.0', type: 'com.oraclecloud.objectstorage.GetObject', id: 'e-1', time: '2026-11-22T02:14:00.252Z', source: 'objectstorage', data,
  oracle: { tenantid: 'ocid1.tenancy.oc1..shop' },
};
const old = { cloudEventsVersion: '0.1', eventType: modern.type, eventId: 'e-1', eventTime: modern.time, source: 'objectstorage', data };

function flattened(value: object, before = ''): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    (typeof item === 'object' && item !== null ? Object.entries(flattened(item, `${before}${name}.`)) : [[`${before}${name}`, item]])));
}

describe('OCI Audit', () => {
  test('all shapes of a record become the same event', () => {
    const expected = { ...event(modern), ...position };
    for (const shape of [old, { datetime: 1, logContent: modern }, flattened(modern), flattened({ logContent: modern })]) {
      expect({ ...event(shape), ...position }).toEqual(expected);
    }
    expect(expected).toMatchObject({ tokenHandle: key.slice(key.indexOf('/') + 1), authenticated: true, identityKind: 'service', endMs: Date.UTC(2026, 10, 22, 2, 14, 0, 452) });
  });

  test('a key is one token when it is uploaded, used and deleted', () => {
    const fingerprint = key.slice(key.lastIndexOf('/') + 1);
    const change = (eventName: string, path: string, payload = {}) => event({ ...modern, data: { ...data, eventName, request: { path }, response: { status: '200', payload } } });
    const made = change('UploadApiKey', `/20160918/users/${user}/apiKeys`, { fingerprint });
    const gone = change('DeleteApiKey', `/20160918/users/${user}/apiKeys/${encodeURIComponent(fingerprint)}`);
    expect([made.issued, made.issuedIdentityId]).toEqual([event(modern).token, event(modern).identityId]);
    expect([gone.lifecycle, gone.token]).toEqual(['revoked', event(modern).token]);
    expect(change('DeleteApiKey', `/20160918/users/${user}/apiKeys/%E0%A4%A`).revoked).toBe(null);
  });

  test.each(['x', 'ST$x.y', `${user}/8c:b4`, '**'])('credentials that are no key: %s', (credentials) => {
    expect(event({ ...modern, data: { ...data, identity: { ...data.identity, credentials } } }).token).toBe(null);
  });
});

test.each([
  ['203.0.113.7 - - [22/Nov/2026:02:14:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"', 'a combined line'],
  ['203.0.113.7 - [22/Nov/2026:02:14:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"', 'a line that ends early'],
  ['203.0.113.7 - [22/Nov/2026:02:14:00 +0000] "GET / HTTP/1.1" 200 1 "-" "unclosed 3 h', 'a quote that does not end'],
  ['203.0.113.7 - [22/Nov/2026:02:14:00 +0000] "GET / HTTP/1.1" 2000 1 "-" "-" 3 h', 'no status'],
])('ORDS: %s is none (%s)', (line) => {
  expect(ordsLine(line)).toBe(null);
});

test('the database\'s line takes its time from the header of syslog', () => {
  const line = 'Oracle Unified Audit[1]: LENGTH: \'9\' TYPE:"4" DBID:"1" SESID:"7" CLIENTID:"" ENTRYID:"1" STMTID:"2" DBUSER:"RATES" CURUSER:"R" '
    + 'ACTION:"3" RETCODE:"0" SCHEMA:"S" OBJNAME:"O" PDB_GUID:""';
  expect(unifiedAuditLine(line)).toMatchObject({ DBUSERNAME: 'RATES', RETURN_CODE: '0', OBJECT_NAME: 'O' });
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey), unconfigured: { settings: defaultSource, formats: null } });
  const origin = { path: 'x', identity: 'x', place: 0, source: null, modifiedMs: null };
  const envelopeTimeMs = Date.UTC(2026, 10, 22, 2, 14);
  const outcome = normalizer.normalize({ origin, bytes: Buffer.from(line), offset: 0, index: 0, ordinal: 0, originalPosition: null, envelopeTimeMs });
  expect(eventOf(outcome)).toMatchObject({ dataset: 'oracle.unified_audit', timeMs: envelopeTimeMs, userName: 'RATES', resourceId: 'S.O' });
});

test('the column of UTC is UTC, the other is in the source\'s zone', () => {
  const berlin = reader({ settings: { timezone: 'Europe/Berlin' } });
  const row = { AUDIT_TYPE: 'Standard', SESSIONID: 1, DBUSERNAME: 'R', ACTION_NAME: 'SELECT', RETURN_CODE: 0 };
  const times = [{ EVENT_TIMESTAMP_UTC: '2026-11-22T02:14:00.1' }, { EVENT_TIMESTAMP: '2026-11-22T03:14:00.1' }].map((time) => eventOf(berlin(JSON.stringify({ ...row, ...time }))).timeMs);
  expect(times[0]).toBe(times[1]);
});
