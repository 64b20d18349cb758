import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { newIntent, type Intent, type Target } from '../../../src/model/intent.ts';

/** Keys and secrets of all tests of a file. */
const folder = mkdtempSync(join(tmpdir(), 'tokenward-actions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export const signal = new AbortController().signal;

export function targetOf(part: Partial<Target> = {}): Target {
  return {
    token: 'k.AAAAAAAAAAAAAAAAAAAAAA', handle: 'jti-1', tokenKind: 'jwt', issuer: 'https://login.example', identityId: 'https://login.example|calculator',
    identityName: 'calculator', userId: 'calculator', client: 'calculator', sha256: null, expiresAtMs: null, ...part,
  };
}

/** An intent about to be done. */
export function intentOf(part: Partial<Omit<Intent, 'target'>> & { readonly target?: Partial<Target> } = {}): Intent {
  const base = newIntent({
    id: '3f2b8d1e-0000-5000-8000-000000000001', planId: 'plan', step: 0, kind: 'deny', action: 'gateways', mode: 'enforce', rule: 'stolen-token', policyHash: 'hash',
    incidentId: 'incident', alertId: 'alert', severity: 73, reason: 'It is used from elsewhere.', target: targetOf(), dependents: [], keepNetworks: [], keepWorkloads: [],
    provenMs: 1, lowered: null, refused: null, decidedMs: Date.UTC(2026, 10, 22, 2, 14),
  });
  return { ...base, state: 'sending', ...part, target: targetOf(part.target) };
}

export function fileWith(text: string): string {
  const file = join(folder, randomBytes(6).toString('hex'));
  writeFileSync(file, text);
  return file;
}

export interface KeyFiles { readonly publicFile: string; readonly privateFile: string; readonly publicKey: KeyObject; readonly privateKey: KeyObject }

export function keyFiles(type: 'x25519' | 'ed25519'): KeyFiles {
  const { publicKey, privateKey } = type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
  return {
    publicKey, privateKey,
    publicFile: fileWith(publicKey.export({ format: 'pem', type: 'spki' }).toString()),
    privateFile: fileWith(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()),
  };
}

/** A server on loopback that ends with the test; its URL. */
export async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
