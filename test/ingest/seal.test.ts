import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Fingerprinter } from '../../src/ingest/fingerprint.ts';
import { defaultSource, defineFormat, shape } from '../../src/ingest/formats/format.ts';
import { Normalizer } from '../../src/ingest/normalizer.ts';
import { path } from '../../src/ingest/paths.ts';
import type { Origin } from '../../src/ingest/record.ts';
import { readSealKey, seal, Sealer } from '../../src/ingest/seal.ts';
import { emptyEvent, type TokenEvent, type TokenKind } from '../../src/model/event.ts';
import type { SealedToken } from '../../src/model/sealed.ts';
import { openBox } from '../../src/respond/open-token.ts';
import { makeFolder } from '../store/support.ts';

const { publicKey, privateKey } = generateKeyPairSync('x25519');
const origin: Origin = { path: 'a.log', place: 0, identity: 'x', source: null, modifiedMs: null };
const hourMs = 3_600_000, startMs = Date.UTC(2026, 10, 22);
const issuer = 'https://login.example';

/** Says what the record says; the token is named by its digest, by its jti where it has one, or by an id that has nothing to do with it. */
const gateway = defineFormat({
  id: 'gateway', title: '', describe: '', vantage: 'gateway', repeats: false, notes: [],
  shapes: [shape({
    kind: 'json',
    fields: { time: path('time'), by: path('by'), kind: path('kind'), ok: path('ok'), exp: path('exp') },
    secrets: { authorization: path('authorization'), cookie: path('cookie') },
    recognize: () => true,
    normalize({ time, by, kind, ok, exp }, context, { authorization, cookie }) {
      const event = emptyEvent('gateway', time as number);
      event.authenticated = ok as boolean | null;
      event.tokenKind = kind as TokenKind;
      event.tokenIssuer = issuer;
      event.expiresAtMs = exp as number | null;
      cookie?.fingerprint(issuer);
      if (by === 'digest') event.token = authorization?.sha256Fingerprint(issuer) ?? null;
      if (by === 'other') event.token = context.fingerprint(issuer, 'other');
      if (by === 'jti') {
        event.tokenHandle = String(authorization?.claims?.['jti']);
        event.token = context.fingerprint(issuer, event.tokenHandle);
      }
      return event;
    },
  })],
});

interface Rig { readonly kept: SealedToken[]; read(record: object): TokenEvent }

function rig(): Rig {
  const kept: SealedToken[] = [];
  const sealer = new Sealer(publicKey, (sealed) => { kept.push(sealed); });
  const normalizer = new Normalizer([gateway], { fingerprinter: new Fingerprinter(randomBytes(32)), sealer, unconfigured: { settings: defaultSource, formats: null } });
  return {
    kept,
    read(record) {
      const base = { time: startMs, by: 'digest', kind: 'opaque', ok: true, exp: null, authorization: 'Bearer the-token', cookie: 'session=another' };
      const bytes = Buffer.from(JSON.stringify({ ...base, ...record }));
      const outcome = normalizer.normalize({ origin, bytes, offset: 0, index: null, ordinal: 0, originalPosition: null, envelopeTimeMs: null });
      if (outcome.kind !== 'event') throw new Error('no event');
      return outcome.event;
    },
  };
}

const opened = ({ box, token }: SealedToken): string | null => openBox(box, token, privateKey);
const jwt = `e30.${Buffer.from(JSON.stringify({ jti: 'jti-1', iss: issuer })).toString('base64url')}.signature`;

describe('a box', () => {
  test('opens to the token, with the private key, under its fingerprint', () => {
    const box = seal('tökén', 'k.A', publicKey);
    expect(openBox(box, 'k.A', privateKey)).toBe('tökén');
    expect(openBox(box, 'k.B', privateKey)).toBeNull();
    expect(openBox(box, 'k.A', generateKeyPairSync('x25519').privateKey)).toBeNull();
  });

  test('is another each time, and shows nothing of what is in it but its length', () => {
    const [first, second] = [Buffer.from(seal('token', 'k.A', publicKey)), Buffer.from(seal('token', 'k.A', publicKey))];
    expect(first.equals(second)).toBe(false);
    expect([first.includes('token'), first.length]).toEqual([false, 1 + 32 + 5 + 16]);
  });

  test('that was changed anywhere, cut, or made of nothing does not open', () => {
    const box = seal('token', 'k.A', publicKey);
    for (let at = 0; at < box.length; at++) expect(openBox(box.map((byte, i) => (i === at ? byte ^ 1 : byte)), 'k.A', privateKey), `byte ${at}`).toBeNull();
    for (const length of [0, 1, 33, 48, 49, box.length - 1]) expect(openBox(box.subarray(0, length), 'k.A', privateKey)).toBeNull();
    expect(openBox(Buffer.concat([Buffer.of(1), Buffer.alloc(64)]), 'k.A', privateKey)).toBeNull();
  });
});

describe('which tokens are kept', () => {
  test('one in proven use, until it ends', () => {
    const { kept, read } = rig();
    const event = read({ exp: startMs + hourMs });
    expect(kept.map((sealed) => [sealed.token, sealed.untilMs, opened(sealed)])).toEqual([[event.token, startMs + hourMs, 'the-token']]);
    expect(JSON.stringify(event)).not.toContain('the-token');
  });

  test.each<[string, object]>([
    ['nobody vouched for', { ok: null }], ['refused', { ok: false }], ['of a kind that has an id to end it by', { kind: 'access_key' }], ['ended', { exp: startMs }],
    ['that the record names, but does not hold', { by: 'other' }], ['without a secret in the record', { authorization: null }], ['of endless length', { authorization: 'x'.repeat(8193) }],
    ['whose jti inside is of another issuer', { by: 'jti', kind: 'jwt', authorization: jwt.replace(/\..*\./, `.${Buffer.from('{"jti":"jti-1","iss":"x"}').toString('base64url')}.`) }],
  ])('none %s', (_, record) => {
    const { kept, read } = rig();
    read(record);
    expect(kept).toEqual([]);
  });

  test('a JWT that goes by its jti', () => {
    const { kept, read } = rig();
    read({ by: 'jti', kind: 'jwt', authorization: jwt });
    expect(kept.map(opened)).toEqual([jwt]);
  });

  test('each once; one whose end nobody told for a day after its use', () => {
    const { kept, read } = rig();
    for (const time of [startMs, startMs + hourMs, startMs + 13 * hourMs, startMs + 14 * hourMs]) read({ time });
    for (const time of [startMs, startMs + hourMs, startMs + 13 * hourMs]) read({ time, authorization: 'with an end', exp: startMs + 40 * hourMs });
    expect(kept.map(({ untilMs }) => (untilMs - startMs) / hourMs)).toEqual([24, 37, 40]);
  });

  test('the secrets of one record are not those of the next', () => {
    const { kept, read } = rig();
    const { token } = read({ ok: null });
    read({ by: 'other', authorization: null });
    expect([kept, token === null]).toEqual([[], false]);
  });
});

test('a key file of another kind is told, and not quoted', () => {
  const file = `${makeFolder()}/seal.pub`;
  writeFileSync(file, 'secret words');
  expect(() => readSealKey(file)).toThrow(`${file} holds no public key: openssl pkey`);
  writeFileSync(file, generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }));
  expect(() => readSealKey(file)).toThrow('holds no X25519 key');
});

test.each([['apigee.access', 1], ['kong.http', 0]])('keys of %s: what is known by nothing else is kept', (dataset, count) => {
  const kept: SealedToken[] = [];
  const event: TokenEvent = { ...emptyEvent(dataset, startMs), token: 'k.key', tokenKind: 'api_key', authenticated: true, orderMs: startMs };
  new Sealer(publicKey, (sealed) => { kept.push(sealed); }).offer(event, [{ isTokenOf: () => true, sealedTo: (recipient, fingerprint) => seal('the-key', fingerprint, recipient) }]);
  expect(kept).toHaveLength(count);
});
