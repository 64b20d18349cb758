import { createHash, sign, type KeyObject } from 'node:crypto';
import type { OutboundRequest } from '../../../outbound/client.ts';
import { signing, type Authorizer } from './authorizer.ts';

export interface OciCredential {
  readonly tenancyId: string;
  readonly userId: string;
  /** Colons included. */
  readonly fingerprint: string;
  readonly key: KeyObject;
}

/** Request signature of Oracle Cloud Infrastructure, version 1: rsa-sha256 over the date, the target, the host, and the body where there is one. */
export function ociSignature(credential: OciCredential): Authorizer {
  return signing((request, nowMs) => signed(request, credential, nowMs));
}

export function signed(request: OutboundRequest, { tenancyId, userId, fingerprint, key }: OciCredential, nowMs: number): OutboundRequest {
  const { pathname, search, host } = new URL(request.url);
  const time = { 'x-date': new Date(nowMs).toUTCString() };
  const hasBody = request.method === 'POST' || request.method === 'PUT' || request.method === 'PATCH';
  const body = hasBody ? request.body ?? '' : null;
  const about = body === null ? {} : {
    'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)),
    'x-content-sha256': createHash('sha256').update(body).digest('base64'),
  };
  const parts = { ...time, '(request-target)': `${request.method.toLowerCase()} ${pathname}${search}`, host, ...about };
  const input = Object.entries(parts).map(([name, value]) => `${name}: ${value}`).join('\n');
  const signature = sign('sha256', Buffer.from(input), key).toString('base64');
  const authorization = `Signature version="1",keyId="${tenancyId}/${userId}/${fingerprint}",algorithm="rsa-sha256",`
    + `headers="${Object.keys(parts).join(' ')}",signature="${signature}"`;
  return { ...request, body, headers: { ...request.headers, ...time, ...about, authorization } };
}
