import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import type { Exception } from '../../src/model/exception.ts';
import { ReloadableBundle, reloadableOf } from '../../src/service/reload.ts';
import { root } from '../support/source.ts';
import { configure, run, temporaryFolder } from './support.ts';

const log = join(root, 'test/scenarios/exceptions/migration-third-place.ndjson');
const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
const section = (name: string, networks: string): string => JSON.stringify({
  exceptions: [{
    name, kind: 'migration', match: { handle: 'AKIAEXAMPLERATES0001' }, detectors: ['unfamiliar-ip'], networks: ['198.51.100.0/24', networks],
    reason: 'CHG-1733', author: 'ann', approver: 'ben', from: '2026-04-01', expires: '2026-06-10',
  }],
});

test('a replay tells only of what is not hidden; what is hidden is counted, listed and explained', async () => {
  const yaml = section('new-datacentre', '51.158.10.0/24');
  const dataDir = temporaryFolder();
  const { statistics, alerts } = await run([log], { yaml, dataDir });
  expect(alerts.map(({ source }) => source?.ip)).toEqual(['185.195.233.70']);
  expect(statistics).toMatchObject({ alerts: 1, alerts_hidden: 1, incidents: 1 });
  const program = (...words: string[]): string => (
    spawnSync(process.execPath, [join(root, 'src/main.ts'), 'explain', '--data-dir', dataDir, ...words], { cwd: dataDir, encoding: 'utf8' }).stdout);
  const [, row = ''] = program('--hidden').split('\n');
  expect(row).toContain('new-datacentre  unfamiliar-ip');
  expect(program(row.split(' ')[0]!)).toMatch(/Hidden\n {2}exception {2}new-datacentre \(no longer configured\)/);
});

type Step = { readonly kind: 'read'; readonly chunk: number } | { readonly kind: 'reload'; readonly to: Version } | { readonly kind: 'commit' | 'checkpoint' };
type Version = keyof typeof versions;
const versions = {
  none: configure('{}'), first: configure(section('new-datacentre', '51.158.10.0/24')), second: configure(section('renewed', '51.158.10.0/24')),
} as const;
const chunks = 18;
const read = (chunk: number): Step => ({ kind: 'read', chunk });
// What is hidden begins in the last chunks.
const steps: readonly Step[] = [
  ...Array.from({ length: 14 }, (_, chunk) => read(chunk)), { kind: 'commit' }, { kind: 'checkpoint' }, { kind: 'reload', to: 'first' },
  read(14), read(15), { kind: 'commit' }, { kind: 'reload', to: 'second' }, read(16), { kind: 'commit' }, { kind: 'reload', to: 'none' },
  read(17), { kind: 'commit' },
];

interface Life { readonly assembly: Assembly; readonly settings: ReloadableBundle }

/** As the service puts it together; `version` is what the file says by then. */
function open(dataDir: string, version: Version): Life {
  const assembly = assemble({ configuration: versions[version], dataDir, format: null, onEvent: () => undefined, warn: () => undefined });
  const settings = new ReloadableBundle(assembly.store.effects, assembly.state.entities('settings'), (now) => assembly.exceptions.replace(now), reloadableOf(versions[version]));
  return { assembly, settings };
}

function readChunk({ normalizer, loop }: Assembly, chunk: number): void {
  const size = Math.ceil(lines.length / chunks);
  const events = lines.slice(chunk * size, (chunk + 1) * size).flatMap((line, place) => {
    const origin = { path: 'trail', identity: 'trail', place: 0, source: null, modifiedMs: null };
    const offset = chunk * size + place;
    const outcome = normalizer.normalize({ origin, bytes: Buffer.from(line), offset, index: null, ordinal: offset, originalPosition: null, envelopeTimeMs: null });
    return outcome.kind === 'event' ? [outcome.event] : [];
  });
  loop.takeAll('trail', String(chunk + 1), events);
}

function followPending({ assembly, settings }: Life, hash: string | null): void {
  if (hash === null) return;
  assembly.loop.configured(hash);
  settings.follow(hash);
}

async function take(life: Life, step: Step): Promise<void> {
  const { assembly: { loop }, settings } = life;
  if (step.kind === 'read') readChunk(life.assembly, step.chunk);
  else if (step.kind === 'commit') loop.commit();
  else if (step.kind === 'checkpoint') {
    await loop.checkpoint();
    await loop.settled();
  } else if (step.kind === 'reload') {
    settings.change(reloadableOf(versions[step.to]));
    followPending(life, settings.pending());
  }
}

/** Follows the journal, then goes on with what had not been committed. */
async function goOn(life: Life, from: number): Promise<Life> {
  const { loop, positions } = life.assembly;
  for (let next = loop.expected; next !== null; next = loop.expected) {
    if (next.kind === 'read') readChunk(life.assembly, Number(positions.of('trail') ?? '0'));
    else if (next.kind === 'configuration') followPending(life, next.hash);
    else throw new Error(`a ${next.kind} was expected`);
  }
  for (const step of steps.slice(from)) await take(life, step);
  return life;
}

async function results({ assembly: { loop, store } }: Life): Promise<string> {
  await loop.checkpoint();
  await loop.settled();
  const entities = ['episode', 'hidden-episode', 'incident', 'settings'].map((kind) => (
    Array.from(store.state.entities(kind), ([key, bytes]) => [key, Buffer.from(bytes).toString()])));
  const text = JSON.stringify([[...store.effects.alerts()], [...store.effects.hiddenAlerts()], entities]);
  await store.close();
  return text;
}

test('reloaded while it runs and killed after any step, the same is hidden and the same is told', async () => {
  const empty = temporaryFolder();
  await open(empty, 'none').assembly.store.close();
  const begun = (): string => {
    const dir = temporaryFolder();
    cpSync(empty, dir, { recursive: true });
    return dir;
  };
  const whole = await results(await goOn(open(begun(), 'none'), 0));
  const [told, hidden] = JSON.parse(whole) as [{ networks: string[] }[], { hiddenBy: Exception['name'] }[]];
  expect([told.length, hidden.map(({ hiddenBy }) => hiddenBy)]).toEqual([1, ['new-datacentre']]);
  for (const kill of [18, 20, 22, 24, 26]) {
    const dir = begun();
    const life = open(dir, 'none');
    for (const step of steps.slice(0, kill)) await take(life, step);
    await life.assembly.store.close();
    const committed = steps.slice(0, kill).findLastIndex(({ kind }) => kind === 'commit' || kind === 'checkpoint') + 1;
    const isWanted = steps.slice(0, committed).findLast((step) => step.kind === 'reload');
    expect(await results(await goOn(open(dir, isWanted?.to ?? 'none'), committed))).toBe(whole);
    rmSync(dir, { recursive: true });
  }
}, 60_000);
