import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readRecords } from '../../../src/ingest/files.ts';
import { Fingerprinter, replayKey } from '../../../src/ingest/fingerprint.ts';
import { formats } from '../../../src/ingest/formats/index.ts';
import { Normalizer } from '../../../src/ingest/normalizer.ts';
import type { TokenEvent } from '../../../src/model/event.ts';
import { eventOf, reader } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'tokenward-aws-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The events of a file with this content, without their positions. */
async function eventsOf(content: string): Promise<Partial<TokenEvent>[]> {
  const file = join(folder, 'log');
  writeFileSync(file, content);
  const normalizer = new Normalizer(formats, { fingerprinter: new Fingerprinter(replayKey) });
  const events: Partial<TokenEvent>[] = [];
  for await (const batch of readRecords([file])) {
    for (const item of batch) {
      const { path: _path, offset: _offset, index: _index, ...event } = eventOf('reason' in item ? { kind: 'refused', refusal: item } : normalizer.normalize(item));
      events.push(event);
    }
  }
  return events;
}

const record = {
  eventVersion: '1.09', eventTime: '2026-11-22T02:14:00Z', eventID: '00000000-0000-4000-8000-000000000001', eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com',
  awsRegion: 'eu-central-1', sourceIPAddress: '203.0.113.7', userAgent: 'x', requestID: 'r-1', recipientAccountId: '111122223333', eventType: 'AwsApiCall', eventCategory: 'Management',
  userIdentity: {
    type: 'AssumedRole', principalId: 'AROAEXAMPLEEXAMPLE001:job-1', arn: 'arn:aws:sts::111122223333:assumed-role/shipping/job-1', accountId: '111122223333', accessKeyId: 'ASIAEXAMPLEEXAMPLE01',
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId: 'AROAEXAMPLEEXAMPLE001', arn: 'arn:aws:iam::111122223333:role/shipping', userName: 'shipping' },
      attributes: { creationDate: '2026-11-22T01:00:00Z', mfaAuthenticated: 'false' },
    },
  },
  requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/billing' },
  responseElements: {
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE02', sessionToken: 'CANARY', expiration: 'Nov 22, 2026, 3:14:00 AM' },
    assumedRoleUser: { assumedRoleId: 'AROAEXAMPLEEXAMPLE002:job-2', arn: 'arn:aws:sts::111122223333:assumed-role/billing/job-2' },
  },
  tlsDetails: { clientProvidedHostHeader: 'sts.eu-central-1.amazonaws.com' },
};

/** Columns of CloudTrail Lake: small letters, the values of maps as text. */
const maps = new Set(['requestparameters', 'responseelements']);
function columns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(columns);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => {
    const name = key.toLowerCase();
    if (!maps.has(name)) return [name, columns(inner)];
    return [name, Object.fromEntries(Object.entries(inner as object).map(([map, one]) => [map, typeof one === 'string' ? one : JSON.stringify(one)]))];
  }));
}

describe('one CloudTrail record in all its shapes', async () => {
  const message = JSON.stringify(record);
  const [plain] = await eventsOf(message);
  test.each([
    ['S3 file', JSON.stringify({ Records: [record] })],
    ['EventBridge', JSON.stringify({
      version: '0', id: 'e', 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.sts', account: '111122223333', time: '2026-11-22T02:14:03Z',
      region: 'eu-central-1', resources: [], detail: record,
    })],
    ['CloudWatch subscription', JSON.stringify({
      messageType: 'DATA_MESSAGE', owner: '1', logGroup: 'g', logStream: 's', subscriptionFilters: ['f'],
      logEvents: [{ id: '1', timestamp: 1_795_312_449_000, message }],
    })],
    ['CloudWatch filter-log-events', JSON.stringify({
      events: [{ logStreamName: 's', timestamp: 1_795_312_449_000, message, ingestionTime: 1_795_312_449_100, eventId: '2' }], searchedLogStreams: [],
    })],
    ['LookupEvents', JSON.stringify({ EventId: record.eventID, EventName: 'AssumeRole', AccessKeyId: 'x', EventTime: '2026-11-22T02:14:00Z', CloudTrailEvent: message })],
    ['Lake and Athena', JSON.stringify(columns(record))],
  ])('%s', async (_, content) => expect(await eventsOf(content)).toEqual([plain]));

  test('which issues a key, and keeps no secret', () => {
    expect(plain).toMatchObject({ lifecycle: 'issued', issuedHandle: 'ASIAEXAMPLEEXAMPLE02', tokenHandle: 'ASIAEXAMPLEEXAMPLE01', identityId: 'aws:111122223333:AROAEXAMPLEEXAMPLE001' });
    expect(JSON.stringify(plain)).not.toContain('CANARY');
  });
});

test('a JWT of outbound federation is the one that a gateway sees', () => {
  const iss = 'https://0a1b2c3d.tokens.sts.global.api.aws';
  const made = { ...record, eventName: 'GetWebIdentityToken', responseElements: { webIdentityToken: 'CANARY', webIdentityTokenId: 'j-1' } };
  const issued = eventOf(reader({ settings: { issuers: ['aws', iss] } })(JSON.stringify(made)));
  const jwt_payload = { iss, sub: 'arn:aws:iam::111122223333:role/shipping', jti: 'j-1' };
  const used = eventOf(reader()(JSON.stringify({ start_time: '2026-11-22T02:15:00Z', response_code: 200, response_flags: '-', jwt_payload })));
  expect(issued).toMatchObject({ issued: used.token, issuedKind: 'jwt', lifecycle: 'issued' });
});

test('an access key at API Gateway is that of CloudTrail', () => {
  const at = eventOf(reader()(JSON.stringify({
    requestId: 'r', requestTime: '22/Nov/2026:02:14:00 +0000', httpMethod: 'GET', status: '200', accessKey: 'ASIAEXAMPLEEXAMPLE01',
    caller: 'AROAEXAMPLEEXAMPLE001:job-1', accountId: '111122223333',
  })));
  expect(at).toMatchObject({ token: eventOf(reader()(JSON.stringify(record))).token, identityId: 'aws:111122223333:AROAEXAMPLEEXAMPLE001', identityKind: 'role', authenticated: true });
});

describe('lines of AWS', () => {
  const alb = 'https 2026-11-22T04:07:38.735Z app/a/b 203.0.113.7:44740 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 '
    + '"GET https://u:CANARY@api.example.com:443/v1?x=CANARY HTTP/1.1" "x" TLS TLSv1.2 arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/t/1 '
    + '"Root=1" "-" "-" 0 2026-11-22T04:07:38.600Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"';
  const read = reader();
  test('a balancer\'s request begins when it was created, if that can be', () => {
    expect(eventOf(read(alb))).toMatchObject({
      timeMs: Date.UTC(2026, 10, 22, 4, 7, 38, 600), endMs: Date.UTC(2026, 10, 22, 4, 7, 38, 735),
      urlDomain: 'api.example.com', urlPath: '/v1', cloudAccount: '111122223333',
    });
    expect(eventOf(read(alb.replace('38.600Z', '39.600Z')))).toMatchObject({ timeMs: Date.UTC(2026, 10, 22, 4, 7, 38, 735), endMs: null });
    expect(JSON.stringify(eventOf(read(alb)))).not.toContain('CANARY');
  });
  test('cut short, it is not read', () => {
    for (let length = 1; length < alb.indexOf(' "Root'); length += 7) expect(read(alb.slice(0, length)).kind).toBe('refused');
  });
  test('a flow has no direction unless the record says so', () => {
    const flow = '2 111122223333 eni-1 10.0.0.200 203.0.113.7 443 51000 6 20 4249 1795320458 1795320517 ACCEPT OK';
    expect(eventOf(read(flow))).toMatchObject({ bytesOut: null, sourceBytes: 4249 });
    expect(read('2 111122223333 eni-1 - - - - - - - 1795320458 1795320517 - NODATA')).toEqual({ kind: 'ignored', format: 'aws.vpcflow' });
    expect(read(flow.replace('ACCEPT OK', 'ACCEPT')).kind).toBe('refused');
  });
});
