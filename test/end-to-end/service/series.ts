import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../support/logs/random.ts';
import type { Orders, ServiceProcess } from './child.ts';
import { killPoints, type KillPoint } from './hooks.ts';
import type { Rig } from './rig.ts';

/** Short, so that a few thousand records make many commits. */
const workMs = 1;

/** Each point `times` times, at a different pass each time. */
export function plan(times: number): { readonly point: KillPoint; readonly pass: number }[] {
  return Array.from({ length: times }, (_, time) => killPoints.map((point) => ({ point, pass: passOf(point, time) }))).flat();
}

function passOf(point: KillPoint, time: number): number {
  switch (point) {
    case 'mid batch': return 7 + 23 * (time % 4);
    case 'during restore': return 2 + 9 * (time % 4);
    case 'before checkpoint':
    case 'mid checkpoint':
    case 'before advisory commit': return 1 + time % 3;
    default: return 1 + time % 2;
  }
}

/** Kills the service at each of the named points, with a share of the records for each, and lets the last life finish. */
export async function killAtPoints(rig: Rig, times: number, tell: (text: string) => void = () => undefined): Promise<void> {
  const kills = plan(times);
  // Before the first theft nothing is found, so nothing is delivered.
  const quiet = rig.thefts[1]!.place;
  const share = (rig.records.messages.length - quiet) / kills.length;
  await rig.produce(0, quiet);
  for (const [place, { point, pass }] of kills.entries()) {
    const from = quiet + place * share;
    const middle = point === 'during restore' ? from + share / 2 : from;
    // A journal to follow is left by a life that made no checkpoint.
    if (point === 'during restore') await die(rig, { point: 'mid batch', pass: 40, holdsCheckpoints: true }, [from, middle]);
    await die(rig, { point, pass }, [middle, from + share]);
    tell(`killed ${point}, pass ${pass}`);
  }
  await finish(rig);
}

/** One life that ends at its point, while these records come. */
export async function die(rig: Rig, orders: Orders & { readonly point: KillPoint; readonly pass: number }, [from, to]: readonly [number, number]): Promise<void> {
  const life = rig.start({ ...orders, workMs });
  await rig.produce(Math.round(from), Math.round(to));
  rig.deaths++;
  const ended = await Promise.race([life.ended, sleep(30_000, null, { ref: false })]);
  if (ended?.signal !== 'SIGKILL') throw new Error(`not killed ${orders.point}, pass ${orders.pass}, but ${JSON.stringify(ended)}:\n${life.text.slice(-2000)}`);
}

/** Kills the service at any moment, again and again, while records come all the time. */
export async function killAtRandom(rig: Rig, kills: number, chance: Chance, tell: (text: string) => void = () => undefined): Promise<void> {
  const total = rig.records.messages.length;
  const perKill = total / kills;
  for (let kill = 0; kill < kills; kill++) {
    const life = rig.start({ workMs });
    const produced = produceSlowly(rig, Math.round(kill * perKill), Math.round((kill + 1) * perKill), chance);
    // From before the first record is taken to well after the last.
    await lives(life, chance);
    await life.kill();
    rig.deaths++;
    await produced;
    tell(`kill ${kill + 1}`);
  }
  await finish(rig);
}

async function lives(life: ServiceProcess, chance: Chance): Promise<void> {
  if (chance.next() < 0.1) return sleep(chance.whole(100, 900));
  await life.address();
  await sleep(chance.whole(100, 1800));
}

async function produceSlowly(rig: Rig, from: number, to: number, chance: Chance): Promise<void> {
  for (let at = from; at < to;) {
    const next = Math.min(to, at + chance.whole(5, 40));
    await rig.produce(at, next);
    await sleep(chance.whole(10, 120));
    at = next;
  }
}

/** A life that is left alone until all is read and delivered, and then ended in order. */
export async function finish(rig: Rig): Promise<void> {
  const life = rig.start();
  await life.settled();
  const { code, signal } = await life.stop();
  if (code !== 0) throw new Error(`the last life ended with ${code ?? signal}:\n${life.text.slice(-2000)}`);
}
