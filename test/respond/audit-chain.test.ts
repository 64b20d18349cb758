import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { AuditNote } from '../../src/model/audit.ts';
import { verifyChain, verifyEnd, type ChainHead } from '../../src/respond/audit-chain.ts';
import { AuditHead, readHead } from '../../src/respond/audit-head.ts';
import { auditHash } from '../../src/store/audit-hash.ts';
import { openStore, type Store } from '../../src/store/open.ts';
import type { AuditRow } from '../../src/store/port.ts';
import { makeFolder, opened } from '../store/support.ts';
import { beginMs, ManualTiming } from './support.ts';

const noteOf = (number: number): AuditNote => ({ timeMs: beginMs + number, kind: 'intent.sending', actor: 'executor', subject: `intent-${number}`, detail: { attempts: number, why: null } });

function chain(store: Store, length: number): AuditRow[] {
  for (let number = 1; number <= length; number++) store.effects.transact(() => ({ audit: [noteOf(number)] }));
  return [...store.effects.responses.auditRows()];
}

let rows: AuditRow[];
let head: ChainHead;
beforeAll(() => {
  const store = openStore(null);
  rows = chain(store, 40);
  head = store.effects.responses.auditHead()!;
  return () => store.close();
});

test('an untouched chain is in order', () => {
  expect(verifyChain(rows, head)).toEqual({ count: 40, bad: null });
  expect(verifyChain(rows, { number: 38, hash: rows[37]!.hash })).toEqual({ count: 40, bad: null });
  expect(verifyChain([], null)).toEqual({ count: 0, bad: null });
});

type Mutation = (entries: AuditRow[], at: number, other: number) => void;
const flip = (text: string, at: number) => `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`;
const mutations: Readonly<Record<string, Mutation>> = {
  changed: (entries, at, other) => { entries[at] = { ...entries[at]!, note: flip(entries[at]!.note, other % entries[at]!.note.length) }; },
  hash: (entries, at, other) => { entries[at] = { ...entries[at]!, hash: flip(entries[at]!.hash, other % 64) }; },
  previous: (entries, at, other) => { entries[at] = { ...entries[at]!, previous: flip(entries[at]!.previous, other % 64) }; },
  renumbered: (entries, at) => { entries[at] = { ...entries[at]!, number: entries[at]!.number + 1 }; },
  removed: (entries, at) => { entries.splice(at, 1); },
  cut: (entries, at) => { entries.splice(at); },
  inserted: (entries, at, other) => { entries.splice(at, 0, { ...rows[other]! }); },
  reordered: (entries, at, other) => { if (at !== other) [entries[at], entries[other]] = [entries[other]!, entries[at]!]; else entries.splice(at, 1); },
  // Somebody who knows how hashes are made, and changes one entry with its own hash.
  forged: (entries, at) => {
    const note = JSON.stringify({ ...noteOf(at), actor: 'nobody' });
    entries[at] = { ...entries[at]!, note, hash: auditHash(at + 1, entries[at]!.previous, note) };
  },
};

test('any entry changed, removed, put in or put elsewhere is found, and the first bad one named', () => {
  fc.assert(fc.property(fc.constantFrom(...Object.keys(mutations)), fc.nat(39), fc.nat(39), (kind, at, other) => {
    const entries = [...rows];
    mutations[kind]!(entries, at, other);
    const { bad, count } = verifyChain(entries, head);
    const firstWrong = Math.min(kind === 'reordered' ? Math.min(at, other) : at, 39);
    expect(bad).not.toBe(null);
    // A forged entry is in order by itself: the next one, or the head, tells.
    expect(bad!.number).toBe(kind === 'forged' ? Math.min(firstWrong + 2, 40) : kind === 'renumbered' || kind !== 'inserted' || other !== at ? firstWrong + 1 : firstWrong + 2);
    expect(count).toBe(bad!.number - 1);
  }), { numRuns: 10_000 });
}, 60_000);

test('the head is kept beside the store, at most once a second, and tells what was cut off', async () => {
  const folder = makeFolder();
  const store = opened(folder);
  const timing = new ManualTiming();
  const kept = new AuditHead(folder, store.effects, timing, () => { throw new Error('not written'); });
  const add = (number: number) => {
    store.effects.transact(() => ({ audit: [noteOf(number)] }));
    kept.changed();
  };
  expect(readHead(folder, store.effects)).toBe(null);
  for (const number of [1, 2, 3]) add(number);
  expect(readHead(folder, store.effects)).toMatchObject({ number: 1 });
  await timing.pass(1_000);
  expect(readHead(folder, store.effects)).toEqual(store.effects.responses.auditHead());
  expect(verifyEnd(store.effects.responses, readHead(folder, store.effects))).toBe(true);
  const text = readFileSync(join(folder, 'audit-head'), 'utf8');
  writeFileSync(join(folder, 'audit-head'), text.replace('"number":3', '"number":4'));
  expect(verifyEnd(store.effects.responses, readHead(folder, store.effects))).toBe(false);
  expect(verifyChain(store.effects.responses.auditRows(), readHead(folder, store.effects)).bad).toEqual({ number: 4, why: 'end_missing' });
  rmSync(join(folder, 'audit-head'));
  expect([existsSync(join(folder, 'audit-head')), readHead(folder, store.effects)]).toEqual([false, 'lost']);
  expect(verifyEnd(store.effects.responses, 'lost')).toBe(false);
});
