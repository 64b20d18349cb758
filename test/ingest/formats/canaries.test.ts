import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../src/ingest/formats/index.ts';
import { linesOf, reader, summaryOf } from './support.ts';

const folder = new URL('../../data/formats/', import.meta.url);
const canary = 'CANARY5ecretVa1ueThatMustNeverComeOut';
/** A token whose claims say nothing: claims are no secret, and some gateways' formats read them. */
const token = `eyJhbGciOiJub25lIn0.e30.${canary}`;
/** Names under which secrets stand in logs. Those that a format reads for itself are left alone where they are there already. */
const names = [
  'password', 'authorization', 'Authorization', 'cookie', 'set-cookie', 'access_token', 'refresh_token', 'id_token', 'client_secret', 'private_key', 'privateKeyData',
  'secret_value', 'sessionToken', 'secretAccessKey', 'x-api-key', 'assertion', 'body', 'payload_text', 'headers', 'sql_text_full', 'token_value', 'join_token', 'csr',
  'passwd', 'secret', 'clientSecret', 'token', 'accessToken', 'SAMLResponse', 'samlAssertion', 'Cookie', 'api_key', 'apiKey', 'privateKey', 'credential',
  'credentials', 'otp', 'passcode', 'recovery_code', 'secretText', 'keyValue', 'oldValue', 'newValue', 'requestbody', 'responseBody', 'code_verifier',
  'device_code', 'user_code', 'nonce', 'state',
];

/** An address that a client may have sent; the names of issuers and of types are addresses too. */
const sentAddress = /^https?:\/\/(?!schemas\.)(?!.*\/realms\/)[^?#]*\/[^?#]+$/;

/** The record with every name added to every object in it, and secrets behind each of its addresses. */
function laced(value: unknown): unknown {
  if (typeof value === 'string' && sentAddress.test(value)) return `${value}?access_token=${token}#${canary}`;
  if (Array.isArray(value)) return value.map(laced);
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, laced(item)]));
  const added = Object.fromEntries(names.filter((name) => !Object.hasOwn(own, name)).map((name, i) => [name, i % 2 === 0 ? canary : token]));
  return { ...own, ...added };
}

function recordsOf(id: string): string[] {
  const place = new URL(`${id}/`, folder);
  return existsSync(place) ? readdirSync(place).filter((name) => name.endsWith('.ndjson')).flatMap((name) => linesOf(new URL(name, place))).filter((line) => line.startsWith('{')) : [];
}

describe.each(formats.map(({ id }) => id))('%s', (id) => {
  const records = recordsOf(id);
  const read = reader();

  test('lets out nothing that nobody declared, wherever it stands', () => {
    for (const record of records) {
      const outcome = read(JSON.stringify(laced(JSON.parse(record))));
      const written = JSON.stringify(outcome);
      expect(written).not.toContain(canary);
      expect(written).not.toContain(token.slice(0, 20));
      // A list of texts may hold one that begins like a token; nothing else changes.
      if (outcome.kind !== 'refused') expect(outcome.kind).toBe(read(record).kind);
    }
  });

  test('lets out no secret of its own records', () => {
    const lines = readdirSync(new URL(`${id}/`, folder)).filter((name) => /\.(?:ndjson|log)$/.test(name)).flatMap((name) => linesOf(new URL(`${id}/${name}`, folder)));
    expect(lines.map((line) => JSON.stringify(summaryOf(read(line)))).filter((written) => written.includes('CANARY'))).toEqual([]);
  });
});
