import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identityFormats } from '../../../src/ingest/formats/identity/index.ts';
import { microsoftFormats } from '../../../src/ingest/formats/microsoft/index.ts';
import { eventOf, linesOf, reader } from './support.ts';

type Json = Record<string, unknown>;
const folder = new URL('../../data/formats/', import.meta.url);
const read = reader();

/** Where each format's records say whence a call came, and when. */
const places: Readonly<Record<string, { readonly address: string; readonly time: string; readonly line?: number }>> = {
  'entra.signin': { address: 'properties.ipAddress', time: 'properties.createdDateTime' }, 'm365.unified_audit': { address: 'ClientIP', time: 'CreationTime' },
  'azure.activity': { address: 'callerIpAddress', time: 'time' }, 'azure.graph': { address: 'properties.ipAddress', time: 'properties.timeGenerated' },
  'azure.keyvault': { address: 'callerIpAddress', time: 'time' }, 'azure.apim': { address: 'callerIpAddress', time: 'time' },
  'azure.appgateway': { address: 'properties.clientIP', time: 'timeStamp' }, 'entra.risk': { address: 'properties.ipAddress', time: 'properties.activityDateTime' },
  'okta.system': { address: 'client.ipAddress', time: 'published' }, 'auth0.logs': { address: 'data.ip', time: 'data.date' }, 'onelogin.events': { address: 'ipaddr', time: 'created_at' },
  'ping.one': { address: 'source.ipAddress', time: 'recordedAt' }, 'jumpcloud.directory': { address: 'client_ip', time: 'timestamp' }, 'cyberark.audit': { address: 'source', time: 'timestamp' },
  'authentik.events': { address: 'client_ip', time: 'created' }, 'duo.auth': { address: 'access_device.ip', time: 'isotimestamp' },
  'onepassword.events': { address: 'client.ip_address', time: 'timestamp' }, 'oidc-provider.audit': { address: 'ip', time: 'time' },
  'keystone.cadf': { address: 'payload.initiator.host.address', time: 'payload.eventTime' },
};

function recordOf(id: string): Json {
  const names = readdirSync(new URL(`${id}/`, folder)).filter((name) => /^(?:built|own|server)\.ndjson$/.test(name)).sort();
  const name = id === 'keystone.cadf' ? 'server.ndjson' : names[0]!;
  return JSON.parse(linesOf(new URL(`${id}/${name}`, folder))[0]!) as Json;
}

function withValue(record: Json, path: string, value: unknown): Json {
  const [key, ...rest] = path.split('.') as [string, ...string[]];
  return { ...record, [key]: rest.length === 0 ? value : withValue(record[key] as Json, rest.join('.'), value) };
}

describe.each(Object.entries(places))('%s', (id, { address, time }) => {
  const record = recordOf(id);
  const readWith = (path: string, value: unknown) => eventOf(read(JSON.stringify(withValue(record, path, value))));

  test.each([
    ['203.0.113.7', '203.0.113.7'], ['203.0.113.7:5671', '203.0.113.7'], ['[2001:DB8::7]:443', '2001:db8::7'], ['::ffff:203.0.113.7', '203.0.113.7'], ['2001:db8:0:0:0:0:0:7', '2001:db8::7'],
    ['Azure Internal', null], ['203.0.113.007', null], ['unknown', null], ['0.0.0.0', null], ['-', null], ['', null],
  ])('an address written %j', (given, ip) => {
    const event = readWith(address, given);
    expect(event.dataset).toBe(id);
    expect(event.sourceIp).toBe(ip);
    const isAbsent = ['', '-', '0.0.0.0', 'unknown'].includes(given);
    expect(event.sourceAddress).toBe(isAbsent ? null : given);
  });

  test.each([
    ['2026-11-22T02:14:00.1234567Z', '2026-11-22T02:14:00.123Z'], ['2026-11-22T02:14:00.5', '2026-11-22T02:14:00.500Z'], ['2026-11-22 02:14:00', '2026-11-22T02:14:00.000Z'],
    ['2026-11-22T03:14:00+01:00', '2026-11-22T02:14:00.000Z'], [1_795_313_640, '2026-11-22T02:14:00.000Z'], [1_795_313_640_123, '2026-11-22T02:14:00.123Z'],
    ['1795313640123', '2026-11-22T02:14:00.123Z'], [1_795_313_640_123_456, '2026-11-22T02:14:00.123Z'],
  ])('a time written %j', (given, expected) => {
    expect(new Date(readWith(time, given).timeMs).toISOString()).toBe(expected);
  });

  test('a record cut off is refused', () => {
    const text = JSON.stringify(record);
    for (const part of [0.3, 0.6, 0.95]) expect(read(text.slice(0, Math.floor(text.length * part))).kind).toBe('refused');
  });
});

test('every format that reads JSON is among them, but those that a test of their own covers', () => {
  const others = ['keycloak.events', 'entra.audit', 'azure.frontdoor', 'ping.federate', 'ibm.verify', 'siteminder.access'];
  expect([...identityFormats, ...microsoftFormats].map(({ id }) => id).filter((id) => !(id in places) && !others.includes(id))).toEqual([]);
});
