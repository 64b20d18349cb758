import { describe, expect, test } from 'vitest';
import { cefLine } from '../../../../src/ingest/formats/neutral/cef-line.ts';
import { leefLine } from '../../../../src/ingest/formats/neutral/leef-line.ts';
import { eventOf, reader } from '../support.ts';

describe('CEF', () => {
  const extension = (text: string) => {
    const { vendor: _a, product: _b, signature: _c, name: _d, ...rest } = cefLine(`CEF:0|v|p|1|s|n|3|${text}`)!;
    return { ...rest };
  };
  test.each([
    ['src=203.0.113.7 suser=ada b', { src: '203.0.113.7', suser: 'ada b' }],
    ['msg=a\\=b c\\\\d\\ne act=x', { msg: 'a=b c\\d\ne', act: 'x' }],
    ['request=https://a/?b=c&d=e act=x', { request: 'https://a/?b=c&d=e', act: 'x' }],
    ['a= b=2', { a: '', b: '2' }], ['', {}], ['no pairs here', {}], ['a=1 a=2', { a: '1' }],
    ['cs1Label=Token ID cs1=j-1', { cs1Label: 'Token ID', cs1: 'j-1', token_id: 'j-1' }],
    ['__proto__=x constructor=y', JSON.parse('{"__proto__":"x","constructor":"y"}') as object],
  ])('%s', (text, found) => {
    expect(extension(text)).toEqual(found);
  });
  test.each(['CEF:0|v|p|1|s|n', 'xCEF:0|v|p|1|s|n|3|', 'CEF:', 'CEF:0|v\\|p|1|s|n|3'])('is none: %s', (line) => {
    expect(cefLine(line)).toBe(null);
  });
});

describe('LEEF', () => {
  test.each([
    ['LEEF:1.0|v|p|1|e|a=1\tb=x y', { a: '1', b: 'x y' }], ['LEEF:2.0|v|p|1|e|^|a=1^b=2=3', { a: '1', b: '2=3' }],
    ['LEEF:2.0|v|p|1|e|0x7C|a=1|b=2', { a: '1', b: '2' }], ['LEEF:2.0|v|p|1|e||a=1\tb=2', { a: '1', b: '2' }],
  ])('%j', (line, found) => {
    expect(leefLine(line)).toMatchObject(found);
  });
  test.each(['LEEF:1.0|v|p|1', 'LEEF:2.0|v|p|1|e|^', 'leef:1.0|v|p|1|e|'])('is none: %s', (line) => {
    expect(leefLine(line)).toBe(null);
  });
});

test('lines take linear time', () => {
  const bombs = ['a=', 'a= ', '=', ' ', '\\', 'a', '|', '\t', 'ab=c '].flatMap((part) => ['CEF:0|v|p|1|s|n|3|', 'CEF:', 'LEEF:2.0|v|p|1|e|^|', 'LEEF:1.0|'].map((head) => head + part.repeat(20_000)));
  for (const bomb of bombs) expect([cefLine(bomb), leefLine(bomb)].filter((found) => found !== null).length).toBeLessThan(2);
});

const read = reader();
test('a labelled token is the one that a gateway sees', () => {
  const issuer = 'https://sso.example.com/realms/shop';
  const atGateway = eventOf(read(JSON.stringify({ start_time: '2026-11-22T02:14:00Z', response_code: 200, response_flags: '-', jwt_payload: { iss: issuer, sub: 'u-1', jti: 'j-1' } })));
  const cef = eventOf(read(`CEF:0|Example|Gateway|1|100|GET|3|rt=1795313640123 suid=u-1 cs1Label=jti cs1=j-1 cs2Label=issuer cs2=${issuer}`));
  const leef = eventOf(read(`LEEF:1.0|Example|Gateway|1|REQ|devTime=1795313640123\tusrId=u-1\tjti=j-1\tiss=${issuer}`));
  expect([cef.token, leef.token, cef.identityId, leef.identityId]).toEqual([atGateway.token, atGateway.token, atGateway.identityId, atGateway.identityId]);
});

test('OCSF of AWS names caller and key as CloudTrail does', () => {
  const ocsf = eventOf(read(JSON.stringify({
    class_uid: 6003, time: 1_795_313_640_123, status_id: 1, metadata: { version: '1.3.0', uid: 'u', product: { vendor_name: 'AWS', name: 'CloudTrail' } }, cloud: { account: { uid: '111122223333' } },
    actor: { user: { uid: 'AIDAIOSFODNN7EXAMPLE', credential_uid: 'AKIAIOSFODNN7EXAMPLE' } }, api: { operation: 'ListBuckets' },
  })));
  const cloudtrail = eventOf(read(JSON.stringify({
    eventVersion: '1.08', eventTime: '2026-11-22T02:14:00Z', eventName: 'ListBuckets', eventSource: 's3.amazonaws.com', awsRegion: 'r', eventID: 'e',
    userIdentity: { type: 'IAMUser', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', accountId: '111122223333', principalId: 'AIDAIOSFODNN7EXAMPLE' },
  })));
  expect([ocsf.token, ocsf.identityId, ocsf.authenticated, ocsf.action]).toEqual([cloudtrail.token, cloudtrail.identityId, cloudtrail.authenticated, cloudtrail.action]);
});
