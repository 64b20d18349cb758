import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Denial } from '../../../src/model/denial.ts';
import { DenyList, type DenyListOptions, type ListAnswer, type NewDenial } from '../../../src/respond/deny-list/deny-list.ts';
import { readSigner } from '../../../src/respond/deny-list/document.ts';
import type { DenialStore } from '../../../src/store/denial-port.ts';
import { makeFolder, opened } from '../../store/support.ts';
import { readList, type List } from '../../support/gateway-list.ts';
import { fileWith, keyFiles } from '../actions/support.ts';

const keys = keyFiles('ed25519');
const startMs = Date.UTC(2026, 10, 22, 2, 14);

function denialOf(intentId: string, part: Partial<Denial> = {}): NewDenial {
  return { intentId, by: 'jti', value: `jti-${intentId}`, issuer: 'https://login.example', keep: null, untilMs: null, ...part };
}

interface Rig { readonly list: DenyList; readonly store: DenialStore; put(intentId: string, part?: Partial<Denial>): ListAnswer; read(): List; nowMs: number }

function rig(part: Partial<DenyListOptions> = {}): Rig {
  const store = part.store ?? opened(null).effects.denials;
  const it: Rig = {
    nowMs: startMs, store,
    list: new DenyList({ name: 'edge', signer: readSigner(keys.privateFile), store, gateways: [], file: null, maxEntries: 3, now: () => it.nowMs, ...part }),
    put: (intentId, denial) => it.list.handle({ kind: 'put', denial: denialOf(intentId, denial) }),
    read: () => readList(it.list.current().body, keys.publicKey)!,
  };
  it.list.publish();
  return it;
}

describe('the document', () => {
  test('says what is refused, where it goes on, and until when', () => {
    const it = rig();
    it.put('a', { untilMs: Date.UTC(2027, 0, 1) });
    it.put('b', { by: 'sha256', value: 'ab'.repeat(32), issuer: null, keep: { networks: ['10.0.0.0/8'], workloads: ['spiffe://example/rates'] } });
    expect(it.read()).toEqual({
      list: 'edge', number: startMs / 1000 + 1, changed: '2026-11-22T02:14:00.000Z',
      entries: [
        { intent: 'a', by: 'jti', value: 'jti-a', issuer: 'https://login.example', until: '2027-01-01T00:00:00.000Z' },
        { intent: 'b', by: 'sha256', value: 'ab'.repeat(32), keep: { networks: ['10.0.0.0/8'], workloads: ['spiffe://example/rates'] } },
      ],
    });
  });

  test('is signed: a changed letter or another key is found out', () => {
    const it = rig();
    it.put('a');
    const { body } = it.list.current();
    const [header, payload, signature] = body.split('.') as [string, string, string];
    const other = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('jti-a', 'jti-b')).toString('base64url');
    expect(readList(body, keys.publicKey)).not.toBeNull();
    expect(readList(`${header}.${other}.${signature}`, keys.publicKey)).toBeNull();
    expect(readList(body, keyFiles('ed25519').publicKey)).toBeNull();
  });

  test('a key of another kind is refused, and not quoted', () => {
    expect(() => readSigner(keyFiles('x25519').privateFile)).toThrow('holds no Ed25519 key');
    const nonsense = fileWith('secret words');
    expect(() => readSigner(nonsense)).toThrow(`${nonsense} holds no private key: openssl genpkey`);
  });
});

describe('numbers', () => {
  test('rise with every change and with nothing else', () => {
    const it = rig();
    const numbers = [it.list.current().number];
    const note = (): void => { numbers.push(it.list.current().number); };
    it.put('a'); note();
    expect(it.put('a')).toEqual({ kind: 'known' }); note();
    it.nowMs += 60_000;
    it.put('b'); note();
    it.nowMs -= 3_600_000; // The clock was put back.
    expect(it.list.handle({ kind: 'remove', intentId: 'a' })).toEqual({ kind: 'removed' }); note();
    expect(it.list.handle({ kind: 'remove', intentId: 'a' })).toEqual({ kind: 'absent' }); note();
    const first = startMs / 1000;
    expect(numbers).toEqual([0, first, first, first + 60, first + 61, first + 61]);
    expect(it.read().entries.map(({ intent }) => intent)).toEqual(['b']);
  });

  test('are not used twice after a backup was restored', () => {
    const [before, restored] = [rig(), rig()];
    before.put('a');
    before.put('b');
    restored.nowMs += 10_000;
    restored.put('c');
    expect(restored.list.current().number).toBeGreaterThan(before.list.current().number);
  });
});

describe('limits', () => {
  test('a full list takes no more; entries that ended make room, the leeway of gateways later', () => {
    const it = rig();
    it.put('a', { untilMs: startMs + 60_000 });
    it.put('b');
    it.put('c');
    expect(it.put('d')).toEqual({ kind: 'refused', reason: 'list_full' });
    it.nowMs += 120_000;
    expect(it.put('d')).toEqual({ kind: 'refused', reason: 'list_full' });
    it.nowMs += 300_000;
    expect(it.put('d')).toEqual({ kind: 'put' });
    expect(it.read().entries.map(({ intent }) => intent)).toEqual(['b', 'c', 'd']);
  });

  test('a pin that would keep nothing is refused, and so is an entry without measure', () => {
    const it = rig();
    expect(it.put('a', { keep: { networks: [], workloads: [] } })).toEqual({ kind: 'refused', reason: 'nothing_to_keep' });
    expect(it.put('a', { keep: { networks: Array.from({ length: 600 }, (_, i) => `10.0.${i % 256}.0/24`), workloads: [] } })).toEqual({ kind: 'refused', reason: 'entry_too_large' });
    expect(it.read().entries).toEqual([]);
  });
});

describe('the file', () => {
  test('holds the list from the start, and never half of it', () => {
    const file = `${makeFolder()}/edge.jws`;
    const it = rig({ file });
    expect(readList(readFileSync(file, 'utf8'), keys.publicKey)!.entries).toEqual([]);
    it.put('a');
    expect(readFileSync(file, 'utf8')).toBe(it.list.current().body);
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test('that cannot be written is written when the call is repeated', () => {
    const folder = makeFolder();
    mkdirSync(`${folder}/etc`);
    const it = rig({ file: `${folder}/etc/edge.jws` });
    renameSync(`${folder}/etc`, `${folder}/gone`);
    expect(it.put('a')).toEqual({ kind: 'unwritten' });
    renameSync(`${folder}/gone`, `${folder}/etc`);
    expect(it.put('a')).toEqual({ kind: 'known' });
    expect(readList(readFileSync(`${folder}/etc/edge.jws`, 'utf8'), keys.publicKey)!.entries).toHaveLength(1);
  });

  test('that was lost, or is older than the store, is made anew at the start', () => {
    const file = `${makeFolder()}/edge.jws`;
    const { store, put, list } = rig({ file });
    const empty = readFileSync(file, 'utf8');
    put('a');
    for (const spoil of [() => writeFileSync(file, empty), () => rmSync(file)]) {
      spoil();
      expect(rig({ file, store }).list.current().body).toBe(list.current().body);
      expect(readFileSync(file, 'utf8')).toBe(list.current().body);
    }
  });
});
