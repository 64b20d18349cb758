/** Checks requests as AWS documents Signature Version 4 (services other than S3). Written from the documentation, apart from the code that signs. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { must, type Received } from './fake.ts';

export interface AwsRules { readonly keyId: string; readonly secret: string; readonly token?: string; readonly region: string; readonly service: string }

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const mac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();
const strict = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

export function checkSignature(received: Received, { keyId, secret, token, region, service }: AwsRules, nowMs = Date.now()): void {
  const { headers, method, path, query, body } = received;
  const form = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const found = form.exec(headers['authorization'] ?? '');
  must(found !== null, 403, 'MissingAuthenticationToken');
  const [, id, day, inRegion, forService, names, signature] = found as unknown as string[];
  must(id === keyId, 403, 'InvalidClientTokenId');
  must(inRegion === region && forService === service, 403, `scoped to ${inRegion} ${forService}`);
  const time = headers['x-amz-date'] ?? '';
  const moment = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  must(moment !== null && time.startsWith(day!), 403, 'no x-amz-date of that day');
  const [, year, month, date, hour, minute, second] = moment.map(Number);
  must(Math.abs(Date.UTC(year!, month! - 1, date, hour, minute, second) - nowMs) < 300_000, 403, 'RequestExpired');
  const signed = names!.split(';');
  must([...signed].sort().join() === signed.join(), 403, 'headers out of order');
  for (const name of Object.keys(headers)) {
    must(!name.startsWith('x-amz-') && name !== 'host' && name !== 'content-type' || signed.includes(name), 403, `${name} is not signed`);
  }
  must(token === headers['x-amz-security-token'], 403, 'wrong or missing session token');
  const canonical = [
    method, path.split('/').map(strict).join('/'),
    query.split('&').filter(Boolean).map((pair) => pair.split('=', 2).map((part) => strict(decodeURIComponent(part ?? ''))).join('=')).sort().join('&'),
    ...signed.map((name) => `${name}:${headers[name]!.trim().replace(/ {2,}/g, ' ')}`), '', names, sha256(body),
  ].join('\n');
  const text = `AWS4-HMAC-SHA256\n${time}\n${day}/${region}/${service}/aws4_request\n${sha256(canonical)}`;
  const key = mac(mac(mac(mac(`AWS4${secret}`, day!), region), service), 'aws4_request');
  must(timingSafeEqual(mac(key, text), Buffer.from(signature!, 'hex')), 403, 'SignatureDoesNotMatch');
}
