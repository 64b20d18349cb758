import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { TokenEvent } from '../../../src/model/event.ts';
import { eventOf, linesOf, reader } from './support.ts';

// What three other products make of records, held against ours, where their data are at hand: skipped elsewhere, and the run says so.
const data = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const read = reader();

interface Parsed {
  readonly time?: string | number | undefined; readonly address?: string | undefined; readonly principal?: string | undefined; readonly status?: string | number | undefined;
  readonly bytes?: number | undefined; readonly method?: string | undefined; readonly agent?: string | undefined;
}
interface Pair { readonly record: string; readonly theirs: Parsed }

const ours = (event: TokenEvent): Record<keyof Parsed, string | null> => ({
  time: new Date(event.timeMs).toISOString(), address: event.sourceIp ?? event.sourceAddress, principal: event.userName ?? event.userId, status: event.status === null ? null : String(event.status),
  bytes: event.responseBytes === null ? event.sourceBytes === null ? null : String(event.sourceBytes) : String(event.responseBytes), method: event.method ?? event.action, agent: event.userAgent,
});

/** How many values agree, and where they do not. */
function compare(pairs: readonly Pair[]): { readonly agreed: number; readonly differences: readonly string[] } {
  const differences: string[] = [];
  let agreed = 0;
  for (const { record, theirs } of pairs) {
    const own = ours(eventOf(read(record)));
    for (const [what, value] of Object.entries(theirs) as [keyof Parsed, string | number | undefined][]) {
      if (value === undefined || value === '-' || value === '0.0.0.0' || isEdited(what, value, record)) continue;
      const text = what === 'time' ? new Date(value).toISOString() : String(value);
      if (own[what] === text) agreed += 1;
      else differences.push(`${what}: ${own[what]}, theirs ${text}`);
    }
  }
  return { agreed, differences };
}

/** Samples were edited after they were parsed: what does not stand in the record is no parse of it. A time of 1 is a tester's. */
function isEdited(what: keyof Parsed, value: string | number, record: string): boolean {
  if (what === 'time') return Number(value) < 1e9;
  return what !== 'agent' && !record.includes(String(value));
}

type Json = { readonly [key: string]: unknown; readonly body: string; readonly aws: { readonly [name: string]: unknown } };
const documents = (file: string): Json[] => JSON.parse(readFileSync(`${data}opensearch-catalog/${file}`, 'utf8')) as Json[];
const lineWith = (file: string, id: string): string | undefined => linesOf(`${data}opensearch-catalog/${file}`).find((line) => line.includes(id));
const decoded = (agent: string): string => decodeURIComponent(agent);

/**
 * OpenSearch's parsed documents, with the record that each was made of: its own line, or the one with the same id. Its documents of load balancers
 * have neither.
 */
const openSearch: Readonly<Record<string, () => Pair[]>> = {
  CloudFront: () => documents('amazon_cloudfront/sample.json').flatMap(({ aws: { cloudfront } }: Json) => {
    const of = cloudfront as Record<string, string>;
    const record = lineWith('amazon_cloudfront/raw.log', of['x-edge-request-id']!);
    return record === undefined ? [] : [{
      record, theirs: { address: of['c-ip'], status: of['sc-status'], bytes: Number(of['sc-bytes']), method: of['cs-method'], agent: decoded(of['cs-user-agent']!) },
    }];
  }),
  S3: () => documents('amazon_s3/sample.json').map(({ body, aws: { s3 } }: Json) => {
    const of = s3 as { remote_ip: string; http_status: string; bytes_sent: number; user_agent: string; request_uri: string };
    return { record: body, theirs: { address: of.remote_ip, status: of.http_status, bytes: of.bytes_sent, method: of.request_uri.split(' ')[0], agent: of.user_agent } };
  }),
  'VPC flows': () => documents('amazon_vpc_flow/sample.json').flatMap(({ body, aws: { vpc } }: Json) => {
    const of = vpc as { srcaddr: string; dstaddr: string; bytes: number; start: string };
    // The others tell of the flow the other way, beside the same line.
    return !body.includes(`${of.srcaddr} ${of.dstaddr}`) ? [] : [{ record: body, theirs: { time: Number(of.start) * 1000, address: of.srcaddr, bytes: of.bytes } }];
  }),
  CloudTrail: () => documents('aws_cloudtrail/samples.json').map(({ aws: { cloudtrail } }: Json) => {
    const of = cloudtrail as { eventTime: string; sourceIPAddress: string; userAgent: string; additionalEventData?: { bytesTransferredOut?: number } };
    return { record: JSON.stringify(cloudtrail), theirs: { time: of.eventTime, address: of.sourceIPAddress, agent: of.userAgent, bytes: of.additionalEventData?.bytesTransferredOut } };
  }),
};

/** Datadog's samples that are records of a format of ours. */
function datadog(file: string): Pair[] {
  const { tests } = parse(readFileSync(data + file, 'utf8')) as { tests: { sample: string; result: { timestamp?: number; custom: Record<string, never> } }[] };
  return tests.filter(({ sample }) => read(sample).kind === 'event').map(({ sample, result: { timestamp, custom } }) => {
    const { http, network } = custom as { http?: { method?: string; status_code?: string; useragent?: string }; network?: { client?: { ip?: string }; bytes_written?: number } };
    return { record: sample, theirs: { time: timestamp, address: network?.client?.ip, method: http?.method, status: http?.status_code, agent: http?.useragent, bytes: network?.bytes_written } };
  });
}

/** What the tests of plaso's parsers (`tests/parsers` of its repository) expect of some of the records: file, line, values. */
const plaso: readonly (readonly [string, number, Parsed])[] = [
  ['aws_elb_access.log', 0, { time: '2020-01-11T16:55:19.624Z', address: '192.168.1.10', status: 200, bytes: 107_999 }],
  ['apache_access.log', 0, { time: '2016-01-13T19:31:16Z', address: '10.0.0.1', status: 200, bytes: 494, method: 'GET' }],
  ['apache_access.log', 4, { time: '2016-01-13T17:31:20Z', address: '192.168.0.2', status: 200, bytes: 694, method: 'GET' }],
  ['apache_access.log', 9, { time: '2018-01-13T19:31:17Z', address: '192.168.0.2', status: 200, bytes: 1063, method: 'GET' }],
  ['apache_access.log', 14, { time: '2019-11-16T07:46:42Z', address: '192.168.0.64', status: 200, bytes: 8264, principal: 'pyllyukko@EXAMPLE.COM' }],
  ['aws_cloudtrail.jsonl', 0, { time: '2022-02-07T22:23:37Z', address: '1.2.3.4', principal: 'fakeusername' }],
  ['azure_activity_log.jsonl', 0, { time: '2022-02-09T03:04:54.297Z', address: '1.2.3.4', principal: '12345678-9abc-defg-hijk-lmnopqrstuvw' }],
  ['microsoft_audit_log.jsonl', 0, { time: '2022-05-07T12:55:53Z', principal: 'NT AUTHORITY\\SYSTEM (Microsoft.Exchange.Servicehost)' }],
  ['microsoft_audit_log.jsonl', 1, { time: '2022-05-07T12:56:18Z' }], ['microsoft_audit_log.jsonl', 2, { time: '2022-05-07T12:56:24Z' }],
  ['microsoft_audit_log.jsonl', 3, { time: '2022-05-08T15:13:41Z', address: '0.0.0.0', principal: 'piet@sst5f.onmicrosoft.com' }],
];

describe.skipIf(!existsSync(data))(`other products' parses${existsSync(data) ? '' : ' (absent here, so nothing was compared)'}`, () => {
  test.each(Object.entries(openSearch))('OpenSearch: %s', (name, pairs) => {
    const { agreed, differences } = compare(pairs());
    expect(differences).toEqual([]);
    expect([name, agreed > 10]).toEqual([name, true]);
  });

  test.each(['datadog-integrations-core/kong_tests.yaml', 'datadog-integrations-core/vault_tests.yaml'])('%s', (file) => {
    const { agreed, differences } = compare(datadog(file));
    expect(differences).toEqual([]);
    expect(agreed).toBeGreaterThan(1);
  });

  test('plaso', () => {
    const { agreed, differences } = compare(plaso.map(([file, line, theirs]) => ({ record: linesOf(`${data}plaso-test-data/${file}`)[line]!, theirs })));
    expect(differences).toEqual([]);
    expect(agreed).toBeGreaterThan(30);
  });
});
