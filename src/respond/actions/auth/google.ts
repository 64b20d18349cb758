import { readFileSync } from 'node:fs';
import { asObject } from '../../../outbound/answer.ts';
import { formRequest } from '../http.ts';
import type { TokenSource } from './bearer.ts';
import { rsaKey, signedJws } from './jws.ts';

const scope = 'https://www.googleapis.com/auth/cloud-platform';
const lifeSeconds = 600;

/** The grant by a JWT that a service account's key signs: RFC 7523, 2.1. Throws an `Error` that does not quote the file. */
export function googleKey(file: string, endpoint: string): TokenSource & { readonly email: string; readonly keyId: string } {
  const { client_email: email, private_key: pem, private_key_id: keyId } = keyFileOf(file);
  if (typeof email !== 'string' || typeof pem !== 'string' || typeof keyId !== 'string') throw new Error(`${file} is no key file of a service account`);
  const key = rsaKey(pem, file);
  return {
    endpoint, email, keyId,
    request(nowMs) {
      const iat = Math.floor(nowMs / 1000);
      const assertion = signedJws({ typ: 'JWT', kid: keyId }, { iss: email, scope, aud: endpoint, iat, exp: iat + lifeSeconds }, key);
      return formRequest(endpoint, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    },
  };
}

function keyFileOf(file: string): Readonly<Record<string, unknown>> {
  const text = readFileSync(file, 'utf8');
  try {
    return asObject(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}
