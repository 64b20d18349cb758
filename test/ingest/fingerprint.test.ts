import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fingerprinter, replayKey } from '../../src/ingest/fingerprint.ts';

test('is the first 128 bits of an HMAC over issuer, NUL and id, behind the key\'s id', () => {
  const key = Buffer.from('0123456789abcdef0123456789abcdef');
  const fingerprinter = new Fingerprinter(key);
  const expected = createHmac('sha256', key).update('https://id.example.com\0jti-1').digest().subarray(0, 16).toString('base64url');
  expect(fingerprinter.fingerprint('https://id.example.com', 'jti-1')).toBe(`${fingerprinter.keyId}.${expected}`);
  expect(fingerprinter.fingerprint('https://id.example.com', 'jti-1')).toMatch(/^[\w-]{4}\.[\w-]{22}$/);
});

test('agrees with node:crypto for keys and ids of any length', () => {
  const longText = fc.string({ unit: 'binary', maxLength: 3000 });
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 130 }), fc.string(), fc.array(longText, { minLength: 1, maxLength: 4 }), (key, issuer, ids) => {
    const fingerprinter = new Fingerprinter(key);
    for (const id of ids) {
      const expected = createHmac('sha256', key).update(`${issuer}\0${id}`).digest().toString('base64url', 0, 16);
      expect(fingerprinter.fingerprint(issuer, id)).toBe(`${fingerprinter.keyId}.${expected}`);
    }
  }));
});

test('keys, issuers and ids all matter', () => {
  const one = new Fingerprinter(replayKey);
  const other = new Fingerprinter(Buffer.from('another key'));
  const made = [one.fingerprint('a', 'b'), one.fingerprint('a', 'c'), one.fingerprint('b', 'b'), other.fingerprint('a', 'b')];
  expect(new Set(made).size).toBe(4);
  expect(other.keyId).not.toBe(one.keyId);
});

test('changing the key bytes afterwards changes nothing', () => {
  const key = Buffer.from('mutable');
  const fingerprinter = new Fingerprinter(key);
  const before = fingerprinter.fingerprint('a', 'before');
  key.fill(0);
  expect(new Fingerprinter(Buffer.from('mutable')).fingerprint('a', 'after')).toBe(fingerprinter.fingerprint('a', 'after'));
  expect(fingerprinter.fingerprint('a', 'before')).toBe(before);
});

test('what the cache forgot is computed alike', () => {
  const fingerprinter = new Fingerprinter(replayKey, 10);
  const first = fingerprinter.fingerprint('a', '0');
  for (let i = 1; i < 40; i += 1) fingerprinter.fingerprint('a', `${i}`);
  expect(fingerprinter.fingerprint('a', '0')).toBe(first);
  expect(fingerprinter.fingerprint('a', '0')).toBe(new Fingerprinter(replayKey).fingerprint('a', '0'));
});

test('different ids have different fingerprints', () => {
  const fingerprinter = new Fingerprinter(replayKey);
  const id = fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  fc.assert(fc.property(id, id, (left, right) => {
    expect(fingerprinter.fingerprint('i', left) === fingerprinter.fingerprint('i', right)).toBe(left === right);
  }));
});
