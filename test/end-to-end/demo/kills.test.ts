import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { play } from '../../../src/cli/demo/play.ts';
import { makeEstate, type Estate } from '../../../src/cli/demo/world/estate.ts';
import type { World } from '../../../src/cli/demo/world/world.ts';
import { verifyChain } from '../../../src/respond/audit-chain.ts';
import { openStore } from '../../../src/store/open.ts';
import { freePorts } from '../../support/servers/process.ts';
import type { KillPoint } from './kill-hooks.ts';
import { Lives } from './lives.ts';
import { missing } from './support.ts';

// Tokenward is a process of its own here; the company lives on in this one while it is dead.

const seed = 1;

/** Thieves with a slow line: what leaves while a process starts again is a matter of this machine. */
function slowly({ thieves: [one, two], ...estate }: Estate): Estate {
  const bytesPerSecond = 8_000_000;
  return { ...estate, thieves: [{ ...one, bytesPerSecond }, { ...two, bytesPerSecond }] };
}

interface Played { readonly missing: string[]; readonly ok: boolean; readonly world: World; readonly lives: Lives; readonly folder: string }

async function playKilled(points: readonly KillPoint[], between: (lives: Lives) => Promise<void>, begun = between): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-play-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let told = '';
  const [port] = await freePorts(1);
  let world: World | null = null;
  let lives: Lives | null = null;
  const ok = await play({
    seed, folder, port: port!, quiet: false, once: true, mode: 'enforce', breathMs: 20, estate: slowly(makeEstate(seed, Date.now())),
    actWithinMs: 240_000, write: (text) => { told += text; },
    start: async () => {
      lives = new Lives(folder, points);
      await begun(lives);
      return lives;
    },
    between: async (stage) => {
      ({ world } = stage);
      await between(lives!);
    },
  });
  return { missing: missing(told), ok, world: world!, lives: lives!, folder };
}

/** One effect of each step, proven, noted in an unbroken chain; and the lists of the gateways as in a play that nobody disturbs. */
async function expectTheUsualEnd({ ok, missing: notDone, world, folder }: Played): Promise<void> {
  expect(notDone).toEqual([]);
  expect(ok).toBe(true);
  const [{ claims: own }, { claims: shared }] = world.stolen;
  expect(world.desk.revoked.map(({ client }) => client)).toEqual([own.client_id]);
  for (const { entries } of world.lists) {
    expect(new Set(entries.map(({ by, value, keep }) => `${by} ${value} ${keep === undefined ? 'refused' : 'pinned'}`)))
      .toEqual(new Set([`jti ${own.jti} pinned`, `jti ${own.jti} refused`, `jti ${shared.jti} pinned`]));
    expect(entries).toHaveLength(3);
  }
  const store = openStore(join(folder, 'data'), { readOnly: true });
  try {
    const intents = store.effects.responses.intents().filter(({ refused }) => refused === null);
    expect(intents.map(({ kind, state }) => `${kind} ${state}`).sort()).toEqual(['deny verified', 'pin verified', 'pin verified', 'revoke verified']);
    expect(verifyChain(store.effects.responses.auditRows(), null).bad).toBeNull();
  } finally {
    await store.close();
  }
}

test('killed between any two steps of the stories, and while it reads the past: they end the same', async () => {
  const played = await playKilled([], (lives) => lives.kill(), async (lives) => {
    await sleep(700);
    await lives.kill();
  });
  await expectTheUsualEnd(played);
  expect(played.lives.deaths).toBeGreaterThan(15);
}, 600_000);

test('killed after the alert, between and within the steps of the plan: each has one effect, and they end the same', async () => {
  const points: KillPoint[] = [
    'alert', 'pin ready', 'pin sending', 'pin accepted', 'deny sending', 'deny accepted', 'revoke sending', 'revoke is done, nobody knows', 'revoke accepted',
    // The other story.
    'alert', 'pin sending', 'pin accepted',
  ];
  const played = await playKilled(points, async () => undefined);
  await expectTheUsualEnd(played);
  expect(played.lives.passed).toEqual(points);
}, 600_000);
