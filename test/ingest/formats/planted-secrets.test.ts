import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { awsFormats } from '../../../src/ingest/formats/aws/index.ts';
import { gatewayFormats } from '../../../src/ingest/formats/gateways/index.ts';
import { identityFormats } from '../../../src/ingest/formats/identity/index.ts';
import { microsoftFormats } from '../../../src/ingest/formats/microsoft/index.ts';
import { linesOf, reader } from './support.ts';

const folder = new URL('../../data/formats/', import.meta.url);
const canary = 'CANARY5ecretVa1ueThatMustNeverComeOut';
const token = `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ secret: canary })).toString('base64url')}.${canary}`;
/** Keys under which logs were seen to hold secrets, wherever an object stands. */
const planted = Object.fromEntries([
  'password', 'passwd', 'secret', 'client_secret', 'clientSecret', 'token', 'access_token', 'accessToken', 'refresh_token', 'id_token', 'assertion', 'SAMLResponse', 'samlAssertion',
  'authorization', 'Authorization', 'cookie', 'Cookie', 'set-cookie', 'x-api-key', 'api_key', 'apiKey', 'privateKey', 'private_key', 'credential', 'credentials', 'sessionToken', 'otp',
  'passcode', 'recovery_code', 'secretText', 'keyValue', 'oldValue', 'newValue', 'requestbody', 'responseBody', 'body', 'code_verifier', 'device_code', 'user_code', 'nonce', 'state',
].map((key, i) => [key, i % 2 === 0 ? canary : token]));

/** The record with secrets beside whatever stands in each of its objects, and behind each of its addresses. */
function plant(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plant);
  if (typeof value === 'string') return /^https?:\/\/[^?#]*\/[^?#]+$/.test(value) && !value.includes('schemas.') ? `${value}?access_token=${token}#${canary}` : value;
  if (typeof value !== 'object' || value === null) return value;
  return { ...planted, ...Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plant(item)])) };
}

const cases = [...identityFormats, ...microsoftFormats, ...awsFormats, ...gatewayFormats].flatMap(({ id }) => readdirSync(new URL(`${id}/`, folder))
  .filter((name) => name.endsWith('.ndjson')).map((name) => `${id}/${name}`));

describe.each(cases)('%s', (name) => {
  test('gives out none of the secrets that stand beside what is read', () => {
    const read = reader();
    const lines = linesOf(new URL(name, folder)).filter((line) => line.startsWith('{'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const plain = read(line);
      const outcome = read(JSON.stringify(plant(JSON.parse(line))));
      const written = JSON.stringify(outcome);
      expect(outcome.kind).toBe(plain.kind);
      expect(written).not.toContain('CANARY');
      expect(written).not.toContain('eyJ');
    }
  });
});
