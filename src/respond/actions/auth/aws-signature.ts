import { createHash, createHmac } from 'node:crypto';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { signing, type Authorizer } from './authorizer.ts';

export interface AwsCredential {
  readonly accessKeyId: string;
  readonly secret: string;
  /** Of temporary credentials; `null` for a user's own key. */
  readonly sessionToken: string | null;
}

export interface AwsScope { readonly region: string; readonly service: string }

/** AWS Signature Version 4, in the header. */
export function awsSignature(credential: AwsCredential, scope: AwsScope): Authorizer {
  return signing((request, nowMs) => signed(request, credential, scope, nowMs));
}

/** What proxies may change is not signed. */
const unsigned = new Set(['user-agent', 'accept']);

/** Paths are those of services other than S3: their segments are encoded once more. */
export function signed(request: OutboundRequest, credential: AwsCredential, { region, service }: AwsScope, nowMs: number): OutboundRequest {
  const url = new URL(request.url);
  const time = `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const date = time.slice(0, 8);
  const added = {
    'x-amz-date': time, ...(credential.sessionToken === null ? {} : { 'x-amz-security-token': credential.sessionToken }),
  };
  const headers: Readonly<Record<string, string>> = { ...request.headers, ...added };
  const names = [...Object.keys(headers), 'host'].filter((name) => !unsigned.has(name)).sort();
  const lines = names.map((name) => `${name}:${(name === 'host' ? url.host : headers[name]!).trim().replaceAll(/ +/g, ' ')}\n`);
  const path = url.pathname.split('/').map(encoded).join('/');
  const canonical = [request.method, path, queryOf(url), lines.join(''), names.join(';'), digest(request.body ?? '')].join('\n');
  const place = `${date}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, place, digest(canonical)].join('\n');
  const start: Buffer = Buffer.from(`AWS4${credential.secret}`);
  const key = [date, region, service, 'aws4_request'].reduce(hmac, start);
  const signature = hmac(key, text).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential.accessKeyId}/${place}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...request, headers: { ...headers, authorization } };
}

function queryOf(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
  return pairs.sort().join('&');
}

/** RFC 3986: all but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
