/**
 * Time of the record reader as a ratio to `JSON.parse(buf.toString())` on the same records in the same
 * run. Run by itself it prints a table; the whole bench calls `benchScan`.
 */
import { pathToFileURL } from 'node:url';
import { defineFormat, shape } from '../../src/ingest/formats/format.ts';
import type { Format } from '../../src/ingest/formats/format.ts';
import { path } from '../../src/ingest/paths.ts';
import { RecordReader } from '../../src/ingest/reader.ts';

export interface ScanResult {
  readonly name: string;
  readonly meanBytes: number;
  readonly parseMicroseconds: number;
  readonly readMicroseconds: number;
  /** Median over the rounds of reading (scan and 15 values) to parsing; below 1 is faster than JSON.parse. */
  readonly ratio: number;
  /** The same for the scan alone. */
  readonly scanRatio: number;
}

const recordCount = 1000;

export function benchScan(rounds = 15): ScanResult[] {
  const formats = [cloudTrail, envoy];
  return [
    benchOne('CloudTrail', formats, 0, Array.from({ length: recordCount }, (_, i) => Buffer.from(cloudTrailRecord(i))), rounds),
    benchOne('Envoy JSON', formats, 1, Array.from({ length: recordCount }, (_, i) => Buffer.from(envoyRecord(i))), rounds),
  ];
}

function benchOne(name: string, formats: readonly Format[], index: number, records: readonly Buffer[], rounds: number): ScanResult {
  const reader = new RecordReader(formats, { mappingOf: () => ({}), secret: () => { throw new Error('none declared'); } });
  const { values } = reader.jsonShapes[index]!;
  const read = readerOf(values);
  const parse = () => { for (const record of records) sink += Object.keys(JSON.parse(record.toString()) as object).length; };
  const scan = () => { for (const record of records) if (reader.readJson(record) !== null) throw new Error('refused'); };
  const readAll = () => { for (const record of records) { reader.readJson(record); sink += read(); } };
  const times = Array.from({ length: rounds }, () => [timed(parse), timed(scan), timed(readAll)] as const);
  const perRecord = 1000 / records.length;
  return {
    name,
    meanBytes: records.reduce((sum, record) => sum + record.length, 0) / records.length,
    parseMicroseconds: median(times.map(([parseMs]) => parseMs)) * perRecord,
    readMicroseconds: median(times.map(([, , readMs]) => readMs)) * perRecord,
    ratio: median(times.map(([parseMs, , readMs]) => readMs / parseMs)),
    scanRatio: median(times.map(([parseMs, scanMs]) => scanMs / parseMs)),
  };
}

let sink = 0;

/** Reads the fields by name, as a format's code does. */
function readerOf(values: Readonly<Record<string, unknown>>): () => number {
  const body = Object.keys(values).map((name) => `count += values.${name} === null ? 0 : 1;`).join('\n');
  // oxlint-disable-next-line typescript/no-implied-eval -- named property access, as in a format
  return new Function('values', `return () => { let count = 0; ${body} return count; };`)(values) as () => number;
}

function timed(work: () => void): number {
  const startedMs = performance.now();
  for (let i = 0; i < 20; i += 1) work();
  return (performance.now() - startedMs) / 20;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}

const cloudTrail = defineFormat({
  id: 'bench.cloudtrail', title: '', describe: '', vantage: 'iam', repeats: false, notes: [],
  shapes: [shape({
    kind: 'json',
    fields: {
      eventId: path('eventID'), time: path('eventTime'), name: path('eventName'), service: path('eventSource'), ip: path('sourceIPAddress'),
      agent: path('userAgent'), region: path('awsRegion'), account: path('recipientAccountId'), type: path('userIdentity', 'type'),
      arn: path('userIdentity', 'arn'), key: path('userIdentity', 'accessKeyId'), principal: path('userIdentity', 'principalId'),
      issuer: path('userIdentity', 'sessionContext', 'sessionIssuer', 'arn'), error: path('errorCode'), bytes: path('additionalEventData', 'bytesTransferredOut'),
    },
    recognize: () => true,
    normalize: () => 'ignore',
  })],
});

const envoy = defineFormat({
  id: 'bench.envoy', title: '', describe: '', vantage: 'gateway', repeats: false, notes: [],
  shapes: [shape({
    kind: 'json',
    fields: {
      time: path('start_time'), method: path('method'), url: path('path'), status: path('response_code'), bytes: path('bytes_sent'),
      received: path('bytes_received'), duration: path('duration'), ip: path('downstream_remote_address'), agent: path('user_agent'),
      request: path('request_id'), host: path('authority'), subject: path('jwt_payload', 'sub'), issuer: path('jwt_payload', 'iss'),
      tokenId: path('jwt_payload', 'jti'), expires: path('jwt_payload', 'exp'),
    },
    recognize: () => true,
    normalize: () => 'ignore',
  })],
});

const pad = (i: number, length: number) => String(i * 7_919 % 10 ** length).padStart(length, '0');
const agents = ['aws-cli/2.15.10 Python/3.11.6 Linux/6.1.0 exe/x86_64 prompt/off command/s3api.get-object', 'Boto3/1.34.11 md/Botocore#1.34.11 ua/2.0 os/linux md/arch#x86_64 lang/python#3.11'];

function cloudTrailRecord(i: number): string {
  const session = `AKIA${pad(i % 40, 12)}`;
  return JSON.stringify({
    eventVersion: '1.09',
    userIdentity: {
      type: 'AssumedRole', principalId: `AROAEXAMPLE:worker-${i % 40}`, arn: `arn:aws:sts::111122223333:assumed-role/exporter/worker-${i % 40}`,
      accountId: '111122223333', accessKeyId: session,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: 'AROAEXAMPLE', arn: 'arn:aws:iam::111122223333:role/exporter', accountId: '111122223333', userName: 'exporter' },
        attributes: { creationDate: '2026-03-01T10:00:00Z', mfaAuthenticated: 'false' },
      },
    },
    eventTime: `2026-03-01T10:${pad(i, 2).replace(/^[6-9]/, '0')}:00Z`, eventSource: 's3.amazonaws.com', eventName: 'GetObject', awsRegion: 'eu-central-1',
    sourceIPAddress: `198.51.100.${i % 256}`, userAgent: `[${agents[i % 2]}]`,
    requestParameters: { bucketName: 'example-exports', Host: 'example-exports.s3.eu-central-1.amazonaws.com', key: `daily/2026/03/01/part-${pad(i, 8)}.parquet` },
    responseElements: null,
    additionalEventData: {
      SignatureVersion: 'SigV4', CipherSuite: 'TLS_AES_128_GCM_SHA256', bytesTransferredIn: 0, SSEApplied: 'Default_SSE_S3', AuthenticationMethod: 'AuthHeader',
      'x-amz-id-2': `Zm9vYmFy${pad(i, 10)}Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy`, bytesTransferredOut: 1000 + i,
    },
    requestID: `${pad(i, 8)}ABCDEF01`, eventID: `0a1b2c3d-0000-4000-8000-${pad(i, 12)}`, readOnly: true,
    resources: [
      { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::example-exports/daily/2026/03/01/part-${pad(i, 8)}.parquet` },
      { accountId: '111122223333', type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::example-exports' },
    ],
    eventType: 'AwsApiCall', managementEvent: false, recipientAccountId: '111122223333', eventCategory: 'Data',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: 'example-exports.s3.eu-central-1.amazonaws.com' },
  });
}

function envoyRecord(i: number): string {
  return JSON.stringify({
    start_time: `2026-03-01T10:00:00.${pad(i, 3)}Z`, method: 'GET', path: `/v1/orders/${pad(i, 6)}?fields=all`, protocol: 'HTTP/2', response_code: 200,
    response_flags: '-', bytes_received: 0, bytes_sent: 5000 + i, duration: 12, upstream_service_time: '11', x_forwarded_for: `198.51.100.${i % 256}`,
    user_agent: 'orders-client/2.1 node/24', request_id: `0a1b2c3d-0000-4000-8000-${pad(i, 12)}`, authority: 'api.example.com',
    upstream_host: '10.1.2.3:8443', upstream_cluster: 'orders', downstream_remote_address: `198.51.100.${i % 256}:44321`,
    jwt_payload: {
      iss: 'https://id.example.com', sub: `svc-orders-${i % 40}`, azp: 'orders', jti: `1f2e3d4c-0000-4000-8000-${pad(i % 400, 12)}`, iat: 1_772_360_000, exp: 1_772_363_600, scope: 'orders:read',
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.table(benchScan());
  if (sink === 0) throw new Error('nothing was read');
}
