import { describe, expect, test } from 'vitest';
import { cefLine } from '../../../../src/ingest/formats/identity/cef.ts';
import { eventOf, reader } from '../support.ts';

const read = reader();
const start = 'CEF:0|Cyber-Ark|Vault|';

describe('Common Event Format', () => {
  const extension = (text: string) => cefLine(`${start}14.2|7|Logon|5|${text}`, start);

  test('values hold spaces, equals signs and quotes, and may be empty', () => {
    expect(extension('act="Retrieve password" suser=a b fname= shost=10.0.0.1 url=https://x/?a\\=b\\|c=d msg=end')).toMatchObject({
      act: 'Retrieve password', suser: 'a b', fname: null, shost: '10.0.0.1', url: 'https://x/?a=b|c=d', msg: 'end',
      '@version': '14.2', '@signature': '7', '@name': 'Logon',
    });
  });

  test('a value cannot put another in the place of one before it, nor a header\'s', () => {
    expect(extension('suser=dora msg=x suser=root @name=y __proto__=z constructor=w')).toMatchObject({ suser: 'dora', '@name': 'Logon' });
  });

  test('what stands before it is the syslog header; a mark far behind is somebody else\'s text', () => {
    expect(cefLine(`<5>1 2026-11-22T02:14:00Z host ${start}1|2|n|5|a=b`, start)).toMatchObject({ '@before': '<5>1 2026-11-22T02:14:00Z host', a: 'b' });
    expect(cefLine(`${'x'.repeat(300)}${start}1|2|n|5|a=b`, start)).toBeNull();
    expect(cefLine(`${start}1|2|n`, start)).toBeNull();
  });
});

describe('a time of CyberArk\'s Vault', () => {
  const record = `${start}14.2|295|Retrieve password|5|act="Retrieve password" suser=dora shost=203.0.113.7`;
  test.each([
    ['<5>1 2026-11-22T02:14:00Z VAULT01', '2026-11-22T02:14:00.000Z'], ['<5>1 2026-11-22T02:14:00.5+01:00 VAULT01', '2026-11-22T01:14:00.500Z'],
    ['<190>Nov 22 02:14:00 VAULT01', '2026-11-22T02:14:00.000Z'], ['Nov  2 02:14:00 VAULT01', '2026-11-02T02:14:00.000Z'],
  ])('is that of the syslog header: %s', (header, time) => {
    expect(new Date(eventOf(read(`${header} ${record}`)).timeMs).toISOString()).toBe(time);
  });

  test('is missed where the header was taken away', () => {
    expect(read(record)).toMatchObject({ kind: 'refused', refusal: { reason: 'no_time' } });
  });
});

describe('PingFederate', () => {
  test('knows the operator\'s timezone, and both orders of the first fields', () => {
    const local = reader({ settings: { timezone: 'Europe/Paris' } });
    const line = (rest: string) => eventOf(local(`2026-11-22 02:14:00,123| tid:T1| ${rest}dora| 203.0.113.7| | c| SAML20| sso.example.com| IdP| success| a| | 1`));
    expect(new Date(line('SSO| ').timeMs).toISOString()).toBe('2026-11-22T01:14:00.123Z');
    expect(line('aB3-x9| SSO| ')).toMatchObject({ action: 'SSO', userName: 'dora', sourceIp: '203.0.113.7' });
  });

  test('a subject of somebody\'s choice moves no field in key="value"', () => {
    const line = '2026-11-22 02:14:00,123 tid="T1" event="SSO" subject="eve" ip="198.51.100.4" protocol="OIDC" host="h" status="failure" description="x" subject="root" status="success"';
    expect(eventOf(read(line))).toMatchObject({ userName: 'eve', outcome: 'failure', authenticated: false });
  });
});

describe('SiteMinder', () => {
  test('times without a zone are the configured one\'s', () => {
    const local = reader({ settings: { timezone: 'America/New_York' } });
    const event = eventOf(local('AuthAccept ps1 [22/Nov/2026:02:14:00] "203.0.113.7 uid=dora,o=shop" "agent GET /" [] [0] [] []'));
    expect(new Date(event.timeMs).toISOString()).toBe('2026-11-22T07:14:00.000Z');
  });
});

test('lines made to be slow are read, or not, at once', () => {
  const heads = [
    '2026-11-22 02:14:00,123| tid:', '2026-11-22 02:14:00,123 tid="', 'AuthAccept a [b] "', '[Auth][AuthAccept][0][', `${start}1|2|n|5|`, 'CEF:0|Ping Identity|PingFederate|',
    '2026-11-22 03:52:23.360 25072 INFO oslo.messaging.notification.identity.a [-] {', '2026-11-22 03:52:23.360 1 INFO keystone.',
  ];
  const parts = ['|', '="', ' ', '" "', '=', 'a=', '\\', '][', '{', '"', '| ', '.a '];
  const kinds = heads.flatMap((head) => parts.map((part) => read(head + part.repeat(8000)).kind));
  expect(kinds.every((kind) => kind === 'refused' || kind === 'event' || kind === 'ignored')).toBe(true);
});
