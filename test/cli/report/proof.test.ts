import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSigned, proofOf, signDocument, standingOf, type Proof } from '../../../src/cli/report/proof.ts';
import { signedText, verifyReport } from '../../../src/cli/report/verify.ts';
import type { Checkpoint } from '../../../src/respond/checkpoints.ts';
import { keyIdOf } from '../../../src/respond/deny-list/document.ts';
import { auditHash, auditStart } from '../../../src/store/audit-hash.ts';
import type { AuditRow } from '../../../src/store/port.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const other = generateKeyPairSync('ed25519');
const signer = { keyId: keyIdOf(publicKey), sign: (bytes: Buffer) => sign(null, bytes, privateKey) };

const chain: AuditRow[] = [];
for (let number = 1; number <= 30; number++) {
  const previous = chain.at(-1)?.hash ?? auditStart;
  const note = JSON.stringify({ subject: `s${number}` });
  chain.push({ number, previous, note, hash: auditHash(number, previous, note) });
}
const rowsFrom = (number: number): AuditRow[] => chain.slice(number - 1);
const row = (number: number): AuditRow => chain[number - 1]!;

function checkpoint(number: number, hash = row(number).hash): Checkpoint {
  const signature = signer.sign(Buffer.from(`tokenward-audit-checkpoint\n${number}\n${hash}\n${1000 + number}`)).toString('base64url');
  return { number, hash, timeMs: 1000 + number, keyId: signer.keyId, signature };
}

const own = [4, 6, 15, 28];
const proof = proofOf(own, [checkpoint(10), checkpoint(20), checkpoint(25)], rowsFrom);

test('of the chain no more is told than leads from an entry to the next checkpoint', () => {
  expect(proof.chain.map(({ number }) => number)).toEqual([4, 5, 6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20]);
  expect(own.map((number) => standingOf(row(number), proof, publicKey))).toEqual(['proven', 'proven', 'proven', 'uncovered']);
});

describe('what was changed shows', () => {
  const rehashed = (place: number, note: string): Proof => {
    const copy = proof.chain.map((one) => ({ ...one }));
    const [before, changed] = [copy[place - 1], copy[place]!];
    Object.assign(changed, { note, previous: before?.hash ?? changed.previous });
    changed.hash = auditHash(changed.number, changed.previous, note);
    return { ...proof, chain: copy };
  };
  test.each<[string, AuditRow, Proof]>([
    ['the note of the entry', { ...row(4), note: '{"subject":"s0"}' }, proof],
    ['the entry, hashed anew', { ...row(4), note: '{}', hash: auditHash(4, row(4).previous, '{}') }, proof],
    ['the entry and the chain, hashed anew', { ...row(4), note: '{}', hash: auditHash(4, row(4).previous, '{}') }, rehashed(0, '{}')],
    ['an entry on the way', row(4), rehashed(3, '{}')],
    ['an entry that was left out', row(4), { ...proof, chain: proof.chain.filter(({ number }) => number !== 7) }],
    ['the hash in a checkpoint', row(4), { ...proof, checkpoints: [{ ...checkpoint(10), hash: row(9).hash }, ...proof.checkpoints.slice(1)] }],
    ['a checkpoint by another key', row(4), { ...proof, checkpoints: [{ ...checkpoint(10), signature: sign(null, Buffer.from('x'), other.privateKey).toString('base64url') }] }],
  ])('%s', (_, entry, told) => {
    expect(standingOf(entry, told, publicKey)).toBe('changed');
  });
});

describe('a report', () => {
  const report = { incident: { id: 'i1' }, totals: { alerts: 2 }, audit: { head: null, entries: own.map(row), proof } };
  const told = (change: object = {}, signature: object | null = signDocument(signedText(report), signer)): string => JSON.stringify({ ...report, ...change, signature }, null, 2);

  test('is as it was signed, however it is laid out', () => {
    const verdict = { text: 'the report is as it was signed\n4 entries of the audit: 3 proven by signed checkpoints, 1 after the newest', isGenuine: true };
    expect(verifyReport(told(), publicKey)).toEqual(verdict);
    expect(verifyReport(JSON.stringify(JSON.parse(told())), publicKey)).toEqual(verdict);
  });

  test.each([
    ['something else', told({ totals: { alerts: 1 } }), /the report was changed/], ['another key', told({}, { keyId: keyIdOf(other.publicKey), value: 'x' }), /by another key/],
    ['no signature', told({}, null), /not signed\n4 entries of the audit: 3 proven/],
    ['an entry', told({ audit: { ...report.audit, entries: [{ ...row(4), note: '{}' }] } }), /entry 4 of the audit is not what a signed checkpoint says/],
  ])('says of %s what is wrong', (_, text, words) => {
    const verdict = verifyReport(text, publicKey);
    expect([verdict.isGenuine, verdict.text]).toEqual([false, expect.stringMatching(words)]);
  });

  test('and what is none is refused', () => {
    for (const text of ['', '[]', '{"a":1}', 'PK']) expect(() => verifyReport(text, publicKey)).toThrow(/holds no report/);
  });
});

test('a signature is for its purpose and its key', () => {
  const signature = signDocument('text', signer);
  expect([isSigned('text', signature, publicKey), isSigned('text ', signature, publicKey), isSigned('text', signature, other.publicKey)]).toEqual([true, false, false]);
  expect(isSigned('text', { ...signature, value: signer.sign(Buffer.from('text')).toString('base64url') }, publicKey)).toBe(false);
});
