import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { assemble } from '../../src/assemble.ts';
import { loadConfiguration } from '../../src/config/configuration.ts';
import type { Origin } from '../../src/ingest/record.ts';
import { tokenOpener } from '../../src/respond/open-token.ts';
import { openStore } from '../../src/store/open.ts';
import { makeFolder } from '../store/support.ts';
import { Canaries, canariesIn } from '../support/logs/canaries.ts';

const origin: Origin = { path: 'kong.log', place: 0, identity: 'x', source: null, modifiedMs: null };
const startMs = Date.now() - 60_000;

/** A request as Kong logs it, with the header that carried the token. */
function lineOf(token: string, ordinal: number): Buffer {
  return Buffer.from(JSON.stringify({
    request: { method: 'GET', uri: '/v1/orders', headers: { host: 'api.example.com', authorization: `Bearer ${token}` } }, response: { status: 200, size: 434 },
    latencies: { proxy: 12, request: 13 }, client_ip: '203.0.113.7', started_at: startMs + ordinal * 100, service: { name: 'orders' },
    iss: 'https://login.example', consumer: { id: 'c-1', username: 'calculator' },
  }));
}

interface Run { readonly dir: string; readonly keyFile: string; readonly emitted: string; readonly fingerprints: ReadonlySet<string> }

/** Reads ten uses of each token, twice each, judged and checkpointed in a folder. */
async function run(tokens: readonly string[], sealTokens: boolean): Promise<Run> {
  const dir = makeFolder();
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const [publicFile, keyFile, file] = [join(makeFolder(), 'pub'), join(makeFolder(), 'key'), join(makeFolder(), 'c.yaml')] as const;
  writeFileSync(publicFile, publicKey.export({ format: 'pem', type: 'spki' }));
  writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }));
  writeFileSync(file, `respond: { seal_tokens: { public_key_file: ${publicFile}, private_key_file: ${keyFile} } }\n`);
  const emitted: unknown[] = [];
  const fingerprints = new Set<string>();
  const configuration = loadConfiguration({ file, environment: {}, detectors: [] });
  const assembly = assemble({
    configuration, dataDir: dir, format: null, sealTokens, warn: (text) => emitted.push(text), onRefusal: (refusal) => emitted.push(refusal),
    onAlert: (alert) => emitted.push(alert),
    onEvent: (event) => {
      emitted.push(event);
      if (event.token !== null) fingerprints.add(event.token);
    },
  });
  for (let i = 0; i < tokens.length * 10; i++) {
    const record = { origin, bytes: lineOf(tokens[i % tokens.length]!, i), offset: i, index: null, ordinal: i, originalPosition: null, envelopeTimeMs: null };
    const outcome = assembly.normalizer.normalize(record);
    if (outcome.kind !== 'event') throw new Error(outcome.kind);
    assembly.loop.take('kong', i, outcome.event);
    assembly.loop.commit();
  }
  await assembly.loop.checkpoint();
  await assembly.loop.settled();
  await assembly.store.close();
  return { dir, keyFile, emitted: JSON.stringify(emitted), fingerprints };
}

function jwtOf(canaries: Canaries): string {
  const claims = { iss: 'https://login.example', sub: 'calculator', jti: 'jti-1', exp: Math.floor(Date.now() / 1000) + 3600, note: canaries.next() };
  return `eyJhbGciOiJSUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${canaries.next()}`;
}

/** Every file of the folder, with what it holds. */
function filesOf(dir: string): [string, Buffer][] {
  return readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))]);
}

test('a sealed token is in no output and no byte of the folder; its box is in effects.db alone, and the key opens it', async () => {
  const canaries = new Canaries();
  const tokens = [`opaque.${canaries.next()}`, jwtOf(canaries)];
  const { dir, keyFile, emitted, fingerprints } = await run(tokens, true);
  expect(canariesIn(Buffer.from(emitted), tokens)).toEqual([]);
  expect(filesOf(dir).flatMap(([name, bytes]) => canariesIn(bytes).map((form) => `${name} ${form}`))).toEqual([]);

  const store = openStore(dir);
  const boxes = [...fingerprints].map((token) => store.effects.sealed.get(token, Date.now()));
  const open = tokenOpener(keyFile, { store: store.effects.sealed, canonical: (token) => token });
  expect(new Set([...fingerprints].map(open))).toEqual(new Set(tokens));
  await store.close();
  const holding = filesOf(dir).filter(([, bytes]) => boxes.some((box) => bytes.includes(Buffer.from(box!))));
  expect(holding.map(([name]) => name.replace(/-wal$/, '')).filter((name, i, all) => all.indexOf(name) === i)).toEqual(['effects.db']);
  expect(boxes.some((box) => emitted.includes(Buffer.from(box!).toString('base64')))).toBe(false);
});

test('what never acts keeps none, whatever the configuration says', async () => {
  const { dir } = await run(['a-token'], false);
  const store = openStore(dir);
  expect([...store.effects.sealed.tokens(0)]).toEqual([]);
  await store.close();
});
