import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { verifyChain, verifyEnd } from '../../src/respond/audit-chain.ts';
import { CheckpointWriter, coveredUpTo, lastCheckpoint, readCheckpoints, readVerifier } from '../../src/respond/checkpoints.ts';
import { readSigner } from '../../src/respond/deny-list/document.ts';
import { auditHash, auditStart } from '../../src/store/audit-hash.ts';
import type { AuditRow } from '../../src/store/port.ts';
import { makeFolder, opened } from '../store/support.ts';
import { beginMs, ManualTiming } from './support.ts';

function keyIn(folder: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return file;
}

function begin() {
  const folder = makeFolder();
  const { effects } = opened(folder);
  const timing = new ManualTiming();
  const [file, keyFile] = [join(folder, 'checkpoints'), keyIn(folder, 'audit.key')];
  let errors = 0;
  const writer = new CheckpointWriter({ signer: readSigner(keyFile), file, effects, timing, onError: () => errors++ });
  onTestFinished(() => writer.stop());
  const add = (count: number) => {
    const audit = Array.from({ length: count }, (_, at) => ({ timeMs: beginMs, kind: 'intent.sending', actor: 'executor', subject: `intent-${at}`, detail: {} }));
    effects.transact(() => ({ audit }));
    writer.changed();
  };
  const pass = (milliseconds: number) => timing.pass(milliseconds);
  // Files are written in a time that no manual clock knows of.
  const isCovered = (number: number) => vi.waitFor(() => { expect(coveredUpTo(effects)).toBe(number); }, { timeout: 5_000 });
  const key = readVerifier(keyFile);
  const numbers = async () => [...(await readCheckpoints(file, key)).marks.keys()];
  return { folder, effects, timing, file, keyFile, key, writer, add, pass, isCovered, numbers, errors: () => errors };
}

/** The same notes with another among them and all hashes worked out anew: what a forger with the store can do. */
function rewritten(rows: readonly AuditRow[], at: number): AuditRow[] {
  let previous = auditStart;
  return rows.map((row) => {
    const note = row.number === at ? row.note.replace('executor', 'nobody') : row.note;
    const own = { number: row.number, previous, note, hash: auditHash(row.number, previous, note) };
    previous = own.hash;
    return own;
  });
}

test('the newest entry is signed at the start, after a thousand, after a minute, and at the end', async () => {
  const { add, pass, isCovered, numbers, writer, effects } = begin();
  add(2);
  await pass(1_000);
  await isCovered(2);
  expect(await numbers()).toEqual([2]);
  add(10);
  await pass(58_000);
  expect(await numbers()).toEqual([2]);
  await pass(5_000);
  await isCovered(12);
  expect(await numbers()).toEqual([2, 12]);
  add(1_000);
  await pass(1_000);
  await isCovered(1_012);
  expect(await numbers()).toEqual([2, 12, 1_012]);
  add(1);
  await writer.stop();
  expect(await numbers()).toEqual([2, 12, 1_012, 1_013]);
  expect(coveredUpTo(effects)).toBe(1_013);
});

test('a chain made anew from any entry on, with every hash and its head, differs from what was signed', async () => {
  const { add, writer, effects, file, key } = begin();
  add(20);
  await writer.stop();
  const { marks } = await readCheckpoints(file, key);
  const rows = [...effects.responses.auditRows()];
  expect(verifyChain(rows, null, marks)).toEqual({ count: 20, bad: null });
  for (const { number } of rows) {
    const forged = rewritten(rows, number);
    expect(verifyChain(forged, forged.at(-1)!).bad).toBe(null);
    expect(verifyChain(forged, forged.at(-1)!, marks).bad).toEqual({ number: 20, why: 'checkpoint_differs' });
    expect(verifyEnd({ auditRows: (from = 1) => forged.filter((row) => row.number >= from) }, lastCheckpoint(file, key))).toBe(false);
  }
  expect(verifyChain(rows.slice(0, 19), rows[18]!, marks).bad).toEqual({ number: 20, why: 'end_missing' });
  expect(verifyEnd(effects.responses, lastCheckpoint(file, key))).toBe(true);
});

test('a checkpoint that the key did not sign is named; what a crash cut off, and what others signed, is passed over', async () => {
  const { add, writer, file, key, folder } = begin();
  add(3);
  await writer.stop();
  const genuine = readFileSync(file, 'utf8');
  const other = keyIn(folder, 'other.key');
  expect(await readCheckpoints(file, readVerifier(other))).toMatchObject({ newest: null, forged: null });
  appendFileSync(file, genuine.slice(0, 40));
  appendFileSync(file, genuine);
  expect(await readCheckpoints(file, key)).toMatchObject({ newest: { number: 3 }, forged: null });
  expect(lastCheckpoint(file, key)).toMatchObject({ number: 3 });
  for (const [from, to] of [['"number":3', '"number":2'], ['"timeMs":1', '"timeMs":2'], ['"hash":"', '"hash":"0']] as const) {
    writeFileSync(file, genuine.replace(from, to));
    const { forged, marks } = await readCheckpoints(file, key);
    expect([forged === null, marks.size, lastCheckpoint(file, key)]).toEqual([false, 0, null]);
  }
  writeFileSync(other, 'no key');
  expect(() => readVerifier(other)).toThrow('holds no Ed25519 key');
});

test('a place that cannot be written to calls somebody each minute, and is used again once it can', async () => {
  const { add, pass, isCovered, numbers, file, errors } = begin();
  const areErrors = (count: number) => vi.waitFor(() => { expect(errors()).toBe(count); }, { timeout: 5_000 });
  mkdirSync(file);
  add(2_000);
  await pass(1_000);
  await areErrors(1);
  await pass(58_000);
  expect(errors()).toBe(1);
  await pass(3_000);
  await areErrors(2);
  rmdirSync(file);
  await pass(62_000);
  await isCovered(2_000);
  expect([errors(), await numbers()]).toEqual([2, [2_000]]);
});
