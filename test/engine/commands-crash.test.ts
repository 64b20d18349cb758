import { cpSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assemble, type Assembly } from '../../src/assemble.ts';
import type { TokenEvent } from '../../src/model/event.ts';
import type { Command } from '../../src/store/port.ts';
import { configure, temporaryFolder } from '../end-to-end/support.ts';
import { companyWithThefts } from '../support/logs/thefts.ts';

// The loop over real detectors, killed after each of its steps: reads, commands, commits and checkpoints. What was not committed was
// never visible; all else must come out the same.

const company = companyWithThefts({ seed: 9, services: 3, days: 8, callsADay: 8, thefts: 2, stolenCalls: 20 });
const lines = { gateway: company.gateway, realm: company.realm, cloud: company.cloud };
type Feed = keyof typeof lines;
const chunks = 12;

type Step =
  | { readonly kind: 'read'; readonly feed: Feed; readonly chunk: number }
  | { readonly kind: 'command'; readonly make: (alertId: string) => Command }
  | { readonly kind: 'commit' | 'checkpoint' };

const commands: readonly ((alertId: string) => Command)[] = [
  (alertId) => ({ kind: 'acknowledge', alertId }), (alertId) => ({ kind: 'amend', alertId }), (alertId) => ({ kind: 'close', alertId, as: 'theft' }),
  () => ({ kind: 'own-watch', atMs: 1 }), () => ({ kind: 'own-call', call: { action: 'keys', atMs: 2, token: 't', step: 'revoke' } }),
  (alertId) => ({ kind: 'claim', alertId, note: { atMs: 1, by: 'oli', text: 'The audit.' } }), (alertId) => ({ kind: 'close', alertId, as: 'benign' }),
  (alertId) => ({ kind: 'reopen', alertId }), (alertId) => ({ kind: 'note', alertId, note: { atMs: 1, by: 'ann', text: 'Asked.' } }),
  (alertId) => ({ kind: 'quiet', alertId, exception: {
    name: 'quiet', kind: 'legacy', match: { identity: 'x' }, detectors: ['egress-spike'], networks: [], reason: 'r', author: 'ann', approver: '', fromMs: 1, untilMs: 2,
  } }),
];

const steps: readonly Step[] = [
  ...Array.from({ length: chunks }, (_, chunk) => [
    ...(Object.keys(lines) as Feed[]).map((feed) => ({ kind: 'read', feed, chunk }) as const), { kind: 'commit' } as const,
    ...(chunk === 5 ? [{ kind: 'checkpoint' } as const] : []),
  ]).flat(),
  ...commands.flatMap((make, place) => [{ kind: 'command', make } as const, ...(place % 2 === 1 ? [{ kind: 'commit' } as const] : [])]),
  { kind: 'commit' },
];

function open(dataDir: string): Assembly {
  return assemble({ configuration: configure(''), dataDir, format: null, onEvent: () => undefined, warn: () => undefined });
}

function eventsOf({ normalizer }: Assembly, feed: Feed, chunk: number): TokenEvent[] {
  const size = Math.ceil(lines[feed].length / chunks);
  return lines[feed].slice(chunk * size, (chunk + 1) * size).flatMap((line, place) => {
    const origin = { path: feed, identity: feed, place: 0, source: null, modifiedMs: null };
    const offset = chunk * size + place;
    const outcome = normalizer.normalize({ origin, bytes: Buffer.from(line), offset, index: null, ordinal: offset, originalPosition: null, envelopeTimeMs: null });
    return outcome.kind === 'event' ? [outcome.event] : [];
  });
}

function read(assembly: Assembly, feed: Feed, chunk: number): void {
  assembly.loop.takeAll(feed, String(chunk + 1), eventsOf(assembly, feed, chunk));
}

/** Alerts in turn, so that some commands are about one that is open, and some about one that is closed. */
function targetOf({ store }: Assembly, place: number): string {
  const ids = Array.from(store.effects.alerts(), ({ id }) => id);
  return ids[Math.floor(place / 3) % ids.length]!;
}

async function take(assembly: Assembly, step: Step, place: number): Promise<void> {
  const { loop, store } = assembly;
  switch (step.kind) {
    case 'read': return read(assembly, step.feed, step.chunk);
    case 'commit': return loop.commit();
    case 'checkpoint':
      await loop.checkpoint();
      return loop.settled();
    case 'command': {
      const { responses } = store.effects;
      const pending = responses.pendingCommands();
      // It was put before the crash, and waits.
      const number = pending[0] ?? responses.putCommand(step.make(targetOf(assembly, steps.slice(0, place).filter(({ kind }) => kind === 'command').length)), 'ann', place);
      return loop.command(number);
    }
  }
}

/** Everything that is stored in the end. */
async function results(assembly: Assembly): Promise<string> {
  await assembly.loop.checkpoint();
  await assembly.loop.settled();
  const { effects, state } = assembly.store;
  const rows = ['identity', 'token', 'source+client', 'shadow:identity', 'shadow:token', 'shadow:source+client']
    .map((scope) => Array.from(state.rows(scope), ({ key, bytes }) => `${Buffer.from(key).toString('hex')} ${Buffer.from(bytes).toString('hex')}`).sort());
  const incidents = Array.from(effects.incidents(), ({ id }) => id);
  const recorded = [effects.recordings.totals(incidents), effects.recordings.touched(incidents, 10_000), effects.recordings.minted(incidents, 10_000)];
  expect(recorded[0]).toMatchObject({ missedEvents: 0, events: expect.toSatisfy((events) => events > 40) });
  const entities = ['episode', 'theft', 'incident', 'gathering', 'gathering-move', 'decided', 'recording', 'quiet']
    .map((kind) => Array.from(state.entities(kind), ([key, bytes]) => [key, Buffer.from(bytes).toString()]));
  const text = JSON.stringify([[...effects.alerts()], rows, entities, recorded, effects.responses.pendingCommands()]);
  await assembly.store.close();
  return text;
}

/** A life that goes on where the last committed effects end. */
async function goOn(dataDir: string, from: number): Promise<Assembly> {
  const assembly = open(dataDir);
  for (let next = assembly.loop.expected; next !== null; next = assembly.loop.expected) {
    if (next.kind !== 'read') throw new Error(`a ${next.kind} was expected`);
    const feed = next.feed as Feed;
    read(assembly, feed, Number(assembly.positions.of(feed) ?? '0'));
  }
  for (let place = from; place < steps.length; place++) await take(assembly, steps[place]!, place);
  return assembly;
}

/** What is not committed at the crash comes again. */
function lastCommitted(until: number): number {
  let last = 0;
  for (let place = 0; place < until; place++) if (steps[place]!.kind === 'commit' || steps[place]!.kind === 'checkpoint') last = place + 1;
  return last;
}

test('killed after any step, alerts, records, denials and commands are those of an undisturbed run', async () => {
  // All of them with the keys and seeds of one.
  const empty = temporaryFolder();
  await open(empty).store.close();
  const begun = (): string => {
    const dir = temporaryFolder();
    cpSync(empty, dir, { recursive: true });
    return dir;
  };
  const whole = await results(await goOn(begun(), 0));
  expect(JSON.parse(whole)[0].filter((alert: { status: string }) => alert.status === 'closed').length).toBeGreaterThanOrEqual(1);
  const last = steps.length;
  const kills = [...Array.from({ length: 11 }, (_, place) => last - place), 31, 25];
  for (const kill of kills) {
    const dir = begun();
    const assembly = open(dir);
    for (let place = 0; place < kill; place++) await take(assembly, steps[place]!, place);
    await assembly.store.close();
    expect(await results(await goOn(dir, lastCommitted(kill)))).toBe(whole);
    rmSync(dir, { recursive: true });
  }
}, 60_000);
