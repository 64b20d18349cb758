import type { Origin, RawRecord } from '../../src/ingest/record.ts';
import { population, type Workload } from './population.ts';
import { Random } from '../support/estate/random.ts';

/** Records in the order of their completion, as one input gives them. */
export interface Corpus {
  readonly name: string;
  readonly records: readonly RawRecord[];
  readonly meanBytes: number;
}

const startMs = Date.UTC(2026, 2, 1);
const spanMs = 4 * 24 * 3_600_000;
const tokensPerIdentity = 10;
/** As much as the reader takes from a file at a time: records are views into such buffers. */
const chunkBytes = 1 << 18;

export interface CorpusOptions {
  readonly identities?: number;
  /** So many records at the beginning are spread over all identities and hold no theft. */
  readonly quiet?: number;
  /** Share of the others that come from a network where nobody of the corpus is at home. */
  readonly thefts?: number;
}

type Line = (random: Random, workload: Workload, atMs: number, number: number) => object;

/** Management and data events of roles and users, in the proportions and with the keys of real trails, about 1.6 kB each. */
export function cloudTrailCorpus(count: number): Corpus {
  return corpus('CloudTrail', count, (random, workload, atMs, number) => (
    number % 10 < 6 ? objectRead(random, workload, atMs, number) : number % 10 < 9 ? keyUse(random, workload, atMs, number) : roleAssumed(random, workload, atMs)));
}

/** Access log lines in JSON with the claims of verified tokens, about 0.65 kB each. */
export function envoyCorpus(count: number, options: CorpusOptions = {}): Corpus {
  return corpus('Envoy JSON', count, access, options);
}

function corpus(name: string, count: number, line: Line, { identities = 2000, quiet = 0, thefts = 0 }: CorpusOptions = {}): Corpus {
  const random = new Random(7);
  const workloads = population(identities);
  const origin: Origin = { path: name, place: 0, identity: name, source: null, modifiedMs: null };
  const texts = Array.from({ length: count }, (_, number) => {
    // Few are busy, most are not.
    const place = number < quiet ? number % identities : Math.floor(identities * random.next() ** 1.5);
    const workload = workloads[place] as Workload;
    const caller = number >= quiet && random.next() < thefts ? { ...workload, addresses: [`193.32.${random.whole(256)}.${random.whole(256)}`] } : workload;
    return JSON.stringify(line(random, caller, startMs + Math.floor(number * spanMs / count), number));
  });
  const records = asRead(texts, origin);
  return { name, records, meanBytes: records.reduce((sum, record) => sum + record.bytes.length, 0) / count };
}

function asRead(texts: readonly string[], origin: Origin): RawRecord[] {
  const records: RawRecord[] = [];
  let chunk = Buffer.allocUnsafeSlow(chunkBytes);
  let at = 0;
  let offset = 0;
  for (const [ordinal, text] of texts.entries()) {
    const length = Buffer.byteLength(text);
    if (at + length + 1 > chunk.length) {
      chunk = Buffer.allocUnsafeSlow(chunkBytes);
      at = 0;
    }
    chunk.write(text, at);
    records.push({ origin, bytes: chunk.subarray(at, at + length), offset, index: null, ordinal, originalPosition: null, envelopeTimeMs: null });
    at += length + 1;
    offset += length + 1;
  }
  return records;
}

const digits = (number: number, length: number): string => String(number).padStart(length, '0').slice(-length);
const hex = (random: Random, length: number): string => Array.from({ length }, () => random.whole(16).toString(16)).join('');
const uuid = (random: Random): string => `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`;
const instant = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
const base64 = (random: Random, length: number): string => Buffer.from(hex(random, length * 2), 'hex').toString('base64').slice(0, length);

const account = '111122223333';
const day = (timeMs: number): number => Math.floor((timeMs - startMs) / 86_400_000);

/** A session of the workload's role; it gets a new one each day. */
function sessionOf(workload: Workload, atMs: number): { key: string; user: object; arn: string } {
  const name = `job-${workload.number}`;
  const arn = `arn:aws:sts::${account}:assumed-role/service-role-${workload.number}/${name}`;
  const roleId = `AROATFQR7NSC${digits(workload.number, 9)}`;
  const key = `ASIATFQR${digits(workload.number, 6)}${digits(day(atMs), 6)}`;
  return {
    key, arn,
    user: {
      type: 'AssumedRole', principalId: `${roleId}:${name}`, arn, accountId: account, accessKeyId: key,
      sessionContext: {
        sessionIssuer: { type: 'Role', principalId: roleId, arn: `arn:aws:iam::${account}:role/service-role-${workload.number}`, accountId: account, userName: `service-role-${workload.number}` },
        webIdFederationData: {}, attributes: { creationDate: instant(startMs + day(atMs) * 86_400_000), mfaAuthenticated: 'false' },
      },
    },
  };
}

function frame(random: Random, workload: Workload, atMs: number, service: string, action: string, user: object): Record<string, unknown> {
  return {
    eventVersion: '1.09', userIdentity: user, eventTime: instant(atMs), eventSource: `${service}.amazonaws.com`, eventName: action, awsRegion: 'eu-central-1',
    sourceIPAddress: random.pick(workload.addresses), userAgent: `[${workload.agent}]`,
  };
}

function tail(random: Random, service: string, data: boolean): object {
  return {
    requestID: hex(random, 16).toUpperCase(), eventID: uuid(random), readOnly: true, eventType: 'AwsApiCall', managementEvent: !data, recipientAccountId: account,
    eventCategory: data ? 'Data' : 'Management',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: `${service}.eu-central-1.amazonaws.com` },
  };
}

function objectRead(random: Random, workload: Workload, atMs: number, number: number): object {
  const bucket = random.pick(workload.resources);
  const key = `daily/${instant(atMs).slice(0, 10)}/part-${digits(number, 8)}-${hex(random, 8)}.snappy.parquet`;
  return {
    ...frame(random, workload, atMs, 's3', number % 7 === 0 ? 'HeadObject' : 'GetObject', sessionOf(workload, atMs).user),
    requestParameters: { bucketName: bucket, Host: `${bucket}.s3.eu-central-1.amazonaws.com`, key },
    responseElements: null,
    additionalEventData: {
      SignatureVersion: 'SigV4', CipherSuite: 'TLS_AES_128_GCM_SHA256', bytesTransferredIn: 0, SSEApplied: 'Default_SSE_S3', AuthenticationMethod: 'AuthHeader',
      'x-amz-id-2': base64(random, 76), bytesTransferredOut: Math.floor(workload.usualBytes * random.between(0.5, 1.5)),
    },
    resources: [{ type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}/${key}` }, { accountId: account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` }],
    ...tail(random, `${bucket}.s3`, true),
  };
}

function keyUse(random: Random, workload: Workload, atMs: number, number: number): object {
  const keyArn = `arn:aws:kms:eu-central-1:${account}:key/0a1b2c3d-0000-4000-8000-${digits(workload.number % 50, 12)}`;
  const user = {
    type: 'IAMUser', principalId: `AIDATFQR7NSC${digits(workload.number, 9)}`, arn: `arn:aws:iam::${account}:user/service/worker-${workload.number}`, accountId: account,
    accessKeyId: `AKIATFQR${digits(workload.number, 6)}${digits(number % tokensPerIdentity === 7 ? 1 : 0, 6)}`, userName: `worker-${workload.number}`,
  };
  const secret = `arn:aws:secretsmanager:eu-central-1:${account}:secret:production/${random.pick(workload.resources)}/database-AbCdEf`;
  return {
    ...frame(random, workload, atMs, 'kms', 'Decrypt', user),
    requestParameters: {
      keyId: keyArn, encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: { SecretARN: secret, SecretVersionId: uuid(random), PARAMETER_ARN: `${secret}/parameter` },
    },
    responseElements: null,
    resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN: keyArn }],
    ...tail(random, 'kms', false),
  };
}

function roleAssumed(random: Random, workload: Workload, atMs: number): object {
  const session = sessionOf(workload, atMs);
  const user = {
    type: 'IAMUser', principalId: `AIDATFQR7NSC${digits(workload.number, 9)}`, arn: `arn:aws:iam::${account}:user/service/worker-${workload.number}`, accountId: account,
    accessKeyId: `AKIATFQR${digits(workload.number, 6)}${digits(0, 6)}`, userName: `worker-${workload.number}`,
  };
  const roleArn = `arn:aws:iam::${account}:role/service-role-${workload.number}`;
  return {
    ...frame(random, workload, atMs, 'sts', 'AssumeRole', user),
    requestParameters: { roleArn, roleSessionName: `job-${workload.number}`, durationSeconds: 43_200 },
    responseElements: {
      credentials: { accessKeyId: session.key, sessionToken: base64(random, 400), expiration: 'Mar 5, 2026, 12:55:24 PM' },
      assumedRoleUser: { assumedRoleId: `AROATFQR7NSC${digits(workload.number, 9)}:job-${workload.number}`, arn: session.arn },
    },
    resources: [{ accountId: account, type: 'AWS::IAM::Role', ARN: roleArn }],
    ...tail(random, 'sts', false),
  };
}

function access(random: Random, workload: Workload, atMs: number, number: number): object {
  const durationMs = 5 + random.whole(60);
  const address = random.pick(workload.addresses);
  const issuedSeconds = Math.floor(startMs / 1000) + day(atMs) * 86_400;
  const token = workload.number * tokensPerIdentity + random.whole(tokensPerIdentity);
  return {
    start_time: new Date(atMs - durationMs).toISOString(), method: number % 5 === 0 ? 'POST' : 'GET', path: `/v1/${random.pick(workload.resources)}/${digits(number, 6)}?fields=all`,
    protocol: 'HTTP/2', response_code: number % 50 === 0 ? 404 : 200, response_flags: '-', bytes_received: 0, bytes_sent: Math.floor(workload.usualBytes * random.between(0.5, 1.5)),
    duration: durationMs, x_forwarded_for: address, user_agent: workload.agent.slice(0, 40), request_id: uuid(random),
    authority: `api-${workload.number % 20}.example.com`, upstream_cluster: `orders-${workload.number % 20}`,
    downstream_remote_address: `${address}:${20_000 + number % 40_000}`,
    jwt_payload: {
      iss: 'https://id.example.com', sub: `svc-orders-${workload.number}`, azp: `orders-${workload.number}`, jti: `1f2e3d4c-0000-4000-8000-${digits(token, 12)}`,
      iat: issuedSeconds, exp: issuedSeconds + 604_800, scope: 'orders:read',
    },
  };
}
