import type { AlertSummary } from '../../server/api/shapes.ts';
import { bytesText } from '../progress.ts';
import { pause } from './pause.ts';
import { inOrder, type Stage } from './stage.ts';
import type { LiveThief } from './world/caller.ts';

const noticeWithinMs = 5_000;
const looks = 3;
/** Refused so often in a row, a thief gives up. */
export const patience = 3;
const exportPath = '/v1/export/customers';

/** The shipping-rate calculator's old token is used from a stranger's address; new passwords for people change nothing. */
export async function storyOne(stage: Stage): Promise<void> {
  const { world, script } = stage;
  const { claims } = world.stolen[0];
  const thief = world.thief(0);
  script.title(`One: a token of ${claims.client_id}, issued ${world.estate.oldTokenMonths} months ago, is shown by a stranger`);
  script.check('its grant holds a live token', await world.authorization.liveTokens(claims.client_id) > 0);
  let pulling: Promise<void> | null = null;
  await inOrder(stage, [
    () => resetPasswords(stage),
    () => lookAround(stage, thief),
    () => isNoticed(stage, thief, claims.jti),
    async () => {
      script.tell(`the copying begins: ${bytesText(thief.thief.wantsBytes)} of staging data, ${bytesText(thief.thief.pageBytes)} a page`);
      pulling = thief.pull(exportPath, patience);
    },
    () => planIsCarriedOut(stage, claims.jti),
    async () => pulling,
    () => thiefIsOut(stage, thief),
    () => workloadGoesOn(stage, claims.client_id),
    () => isProven(stage, claims),
    () => onlyStolenAreNamed(stage),
  ]);
}

export async function lookAround({ script }: Stage, thief: LiveThief): Promise<void> {
  const statuses: number[] = [];
  for (let look = 0; look < looks; look++) {
    statuses.push(await thief.take('/v1/export', 4_000));
    await pause(200);
  }
  script.tell(`${thief.thief.address} shows the token at the gateway and looks around`, thief.firstMs ?? Date.now());
  // Tokenward may be quicker than his next look.
  const isCut = statuses.at(-1) !== 200;
  script.check(`the token is valid wherever it is shown${isCut ? ', until Tokenward had it refused' : ''}`, statuses[0] === 200, statuses.join(', '));
}

/** Whether the looking around alone was enough; a thief from a place without a name may need more. */
export async function isNoticed({ observer, script }: Stage, thief: LiveThief, handle: string): Promise<void> {
  const first = await observer.until(noticeWithinMs, async () => named(await observer.alerts(), handle)[0] ?? null);
  if (first === null) return script.tell('nothing is said yet');
  script.tell(`Tokenward: ${first.reason}`);
  script.tell(`that was said ${Date.now() - (thief.firstMs ?? Date.now())} ms after the first wrong byte`);
}

export async function onlyStolenAreNamed({ world, observer, script }: Stage): Promise<void> {
  const handles = new Set((await observer.alerts()).map(({ handle }) => handle));
  const stolen: (string | null)[] = world.stolen.map(({ claims }) => claims.jti);
  script.check('stolen tokens are named, and no other', handles.size > 0 && [...handles].every((handle) => stolen.includes(handle)), [...handles].join(', '));
}

/** Somebody has noticed something; the token lives on, as its next use shows. */
async function resetPasswords({ world, script, breathMs }: Stage): Promise<void> {
  for (const person of world.estate.people) world.authorization.setPassword(person);
  script.tell(`something is odd, so every human password is reset: ${world.estate.people.join(', ')}`);
  await pause(breathMs);
}

/** Pinned or denied at the gateway, and the client's grant ended. */
export async function planIsCarriedOut({ observer, script, actWithinMs }: Stage, handle: string): Promise<void> {
  const done = await observer.until(actWithinMs, async () => {
    const steps = (await observer.plan(handle)).filter(({ refused }) => refused === null);
    return steps.length > 0 && steps.every(({ state }) => state === 'verified') ? steps : null;
  });
  const steps = done ?? await observer.plan(handle);
  for (const { kind, action, state, refused, sentMs, verifiedMs, reason } of steps) {
    const took = sentMs !== null && verifiedMs !== null ? `, proven ${verifiedMs - sentMs} ms after it was sent` : '';
    script.tell(`${kind} by ${action}: ${refused === null ? `${state}${took}` : `refused, ${refused.replaceAll('_', ' ')}`}. ${reason}`, sentMs ?? Date.now());
  }
  script.check('every step of the plan that may be done is done and proven', done !== null);
}

export async function thiefIsOut({ script }: Stage, thief: LiveThief): Promise<void> {
  script.check('the thief gets 401', thief.refusals > 0 && await thief.take(exportPath, 1_000) === 401, `${thief.refusals} times`);
  const share = (100 * thief.bytes) / thief.thief.wantsBytes;
  const tookMs = (thief.refusedMs ?? Date.now()) - (thief.firstMs ?? Date.now());
  script.tell(`${bytesText(thief.bytes)} of ${bytesText(thief.thief.wantsBytes)} have left, ${share.toFixed(3)} %, in ${(tookMs / 1000).toFixed(1)} s`);
  script.check('less than 1 % has left', share < 1);
}

async function workloadGoesOn({ world, script, observer }: Stage, clientId: string): Promise<void> {
  const victim = world.workloads.find(({ workload }) => workload.clientId === clientId)!;
  const before = victim.tally.requests;
  await observer.until(10_000, async () => (victim.tally.requests >= before + 2 ? true : null));
  const { requests, renewed, refused } = victim.tally;
  const counts = `${requests} calls, ${renewed} new token, ${refused} failed`;
  script.check(`${clientId} gets a fresh token by itself and goes on`, refused === 0 && requests > before, counts);
  const others = world.workloads.filter((one) => one !== victim);
  script.check('nobody else notices', others.every(({ tally }) => tally.refused === 0 && tally.renewed === 0),
    `${others.length} workloads, ${others.reduce((sum, { tally }) => sum + tally.requests, 0)} calls, 0 failed`);
}

async function isProven({ world, script }: Stage, { jti, client_id: client }: { jti: string; client_id: string }): Promise<void> {
  const listed = world.lists.every((list) => list.entries.some(({ by, value }) => by === 'jti' && value === jti));
  script.check('both gateways hold the deny list with the token', listed, `number ${world.lists[0].number}`);
  const effects = world.desk.revoked.filter((one) => one.client === client);
  script.check('the authorization server was told once', effects.length === 1 && world.desk.refused === 0, `${effects[0]?.tokens ?? 0} token ended`);
  script.check('introspection knows no live token of that grant', await world.authorization.liveTokens(client) === 0);
}

export function named(alerts: readonly AlertSummary[], handle: string): AlertSummary[] {
  return alerts.filter((alert) => alert.handle === handle);
}
