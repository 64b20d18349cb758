import { appendFileSync, chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ndjsonFileSink, type NdjsonFileOptions } from '../../src/sinks/ndjson-file.ts';
import type { Outcome, Outgoing } from '../../src/sinks/sink.ts';
import { makeFolder } from '../store/support.ts';
import { ocsfFaults } from '../support/siem/ocsf.ts';
import { fullAlert, hostileTexts, outgoing } from './alerts.ts';
import { outgoingOf } from './support.ts';

function optionsOf(part: Partial<NdjsonFileOptions> = {}): NdjsonFileOptions {
  return { name: 'file', path: join(makeFolder(), 'alerts.ndjson'), format: 'ecs', maxBytes: 1 << 20, keep: 2, productVersion: '0.1.0', ...part };
}

async function deliver(options: NdjsonFileOptions, documents: readonly Outgoing[]): Promise<Outcome> {
  const sink = ndjsonFileSink(options);
  const { prepared: [one] } = sink.build(documents);
  return sink.classify(one!.documents, await sink.send(one!.request, new AbortController().signal));
}

const ids = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => (JSON.parse(line) as { id: string }).id);
const done: Outcome = { kind: 'each', verdicts: [{ kind: 'done' }] };

test('a line for each, whatever the logs held', async () => {
  const options = optionsOf();
  const documents = hostileTexts.map((reason, at) => outgoing(fullAlert({ id: `a${at}`, reason })));
  expect(await deliver(options, documents)).toEqual({ kind: 'each', verdicts: documents.map(() => ({ kind: 'done' })) });
  const lines = readFileSync(options.path, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => (JSON.parse(line) as { event: { reason: string } }).event.reason)).toEqual(hostileTexts);
  expect(statSync(options.path).mode & 0o007).toBe(0);
});

test('as OCSF, if that is wanted', async () => {
  const options = optionsOf({ format: 'ocsf' });
  await deliver(options, [outgoing()]);
  expect(ocsfFaults(JSON.parse(readFileSync(options.path, 'utf8')) as Record<string, unknown>)).toEqual([]);
});

test('what grows too large is put aside, no more than so many times, and no line is cut in two', async () => {
  const options = optionsOf({ maxBytes: 50 });
  for (let at = 0; at < 12; at++) expect(await deliver(options, [outgoingOf(`id-${at}`)])).toEqual(done);
  const files = readdirSync(join(options.path, '..')).sort((a, b) => a.localeCompare(b));
  expect(files).toEqual(['alerts.ndjson', 'alerts.ndjson.1', 'alerts.ndjson.2']);
  expect(files.toReversed().flatMap((name) => ids(join(options.path, '..', name)))).toEqual(Array.from({ length: 9 }, (_, at) => `id-${at + 3}`));
  const alone = optionsOf({ maxBytes: 50, keep: 0 });
  for (let at = 0; at < 5; at++) await deliver(alone, [outgoingOf(`id-${at}`)]);
  expect([readdirSync(join(alone.path, '..')), ids(alone.path)]).toEqual([['alerts.ndjson'], ['id-3', 'id-4']]);
});

test('a batch larger than the limit is written all the same', async () => {
  const options = optionsOf({ maxBytes: 10 });
  await deliver(options, [outgoingOf('a')]);
  await deliver(options, [outgoingOf('b')]);
  expect([ids(options.path), ids(`${options.path}.1`)]).toEqual([['b'], ['a']]);
});

test('a line that a crash has torn spoils no other', async () => {
  const options = optionsOf();
  await deliver(options, [outgoingOf('a')]);
  appendFileSync(options.path, '{"id":"to');
  await deliver(options, [outgoingOf('torn')]);
  expect(readFileSync(options.path, 'utf8')).toBe('{"id":"a"}\n{"id":"to\n{"id":"torn"}\n');
});

test('whoever moves the file away finds the next alert in a new one', async () => {
  const options = optionsOf();
  await deliver(options, [outgoingOf('a')]);
  rmSync(options.path);
  await deliver(options, [outgoingOf('b')]);
  expect(ids(options.path)).toEqual(['b']);
});

test('a folder that is not there, a file that is a folder: to be tried again, with a word why', async () => {
  const path = join(makeFolder(), 'none', 'alerts.ndjson');
  expect(await deliver(optionsOf({ path }), [outgoingOf('a')])).toEqual({ kind: 'retry', reason: 'folder_missing', afterMs: 60_000 });
  expect(await deliver(optionsOf({ path: makeFolder() }), [outgoingOf('a')])).toEqual({ kind: 'retry', reason: 'not_writable' });
});

test('a full disk: nothing of the batch stays, and it is tried again', async (context) => {
  // Linux has a device that is always full.
  if (!existsSync('/dev/full')) return context.skip();
  expect(await deliver(optionsOf({ path: '/dev/full' }), [outgoingOf('a')])).toEqual({ kind: 'retry', reason: 'disk_full', afterMs: 60_000 });
});

test('a file that may not be written', async (context) => {
  if (process.getuid?.() === 0) return context.skip();
  const options = optionsOf();
  await deliver(options, [outgoingOf('a')]);
  chmodSync(options.path, 0o400);
  expect(await deliver(options, [outgoingOf('b')])).toEqual({ kind: 'retry', reason: 'forbidden', afterMs: 60_000 });
});
