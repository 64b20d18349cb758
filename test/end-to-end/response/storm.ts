import { setTimeout as sleep } from 'node:timers/promises';
import { dayMs, live, logsOf, type Service } from '../../support/logs/company.ts';
import { Chance } from '../../support/logs/random.ts';
import { envoyRecord, type AccessToken, type Request } from '../../support/logs/records.ts';
import type { ServiceProcess } from '../service/child.ts';
import { ResponseRig, type ResponseSettings } from './response-rig.ts';

/** How the estate fares: so many tokens in so many parts; after each part the service is killed, and its clock is set. */
export interface Storm { readonly seed: number; readonly tokens: number; readonly kills: number; readonly clockStepsMs: readonly number[] }

/** What came of it. */
export interface Weathered {
  readonly flagged: number;
  readonly proposed: number;
  /** Public ids of what was ended, in order, and how often it was asked for in all. */
  readonly ended: readonly string[];
  readonly deliveries: number;
  readonly repeated: readonly string[];
  /** Something was done to what is never to be acted upon. */
  readonly touchedProtected: boolean;
  readonly stolen: string;
  readonly stolenStands: string;
  readonly states: Readonly<Record<string, number>>;
  readonly pages: number;
  readonly isBreakerOpen: boolean;
  readonly isChainWhole: boolean;
  /** By the receiver, because the clock is not right. */
  readonly refused: number;
}

/** Clients that nothing may be done to; of each hundred tokens one is theirs. */
const protectedClients = Array.from({ length: 20 }, (_, place) => `protected-${place}`);

/** A rule by which everybody whose client is named so is odd. */
export const faulty = (id: string, restsOn: string, match = 'identity.kind != "nobody"'): string => `id: ${id}
title: Everything is odd
match: ${match}
message: "{identity.name} was used"
severity: high
rests_on: ${restsOn}
`;

export const settings: ResponseSettings = {
  sources: '  - { name: gateway, type: file, paths: [\'LOGS/*.ndjson\'], formats: [envoy.access], issuers: [\'https://login.example.org/realms/freight\'] }',
  rules: { one: faulty('everything', 'lifecycle'), two: faulty('everything-again', 'workload') },
  respond: `  caps: { per_minute: 10, per_hour: 50, per_day: 20, share_of_tokens: 0.005 }
  never_revoke: [${protectedClients.map((name) => `{ client: ${name} }`).join(', ')}]`,
};

export const rates: Service = {
  clientId: 'rates', subject: 'rates', addressOn: () => '10.60.0.15', agent: 'rates/2.1 okhttp/4.12', host: 'api.freight.example',
  paths: ['/v1/rates', '/v1/rates/items'], callsADay: 24, typicalBytes: 8_000, tokenHours: null,
};

const isProtected = (place: number): boolean => place % 100 === 7;

function tokenOf(place: number, chance: Chance): AccessToken {
  const clientId = isProtected(place) ? protectedClients[(place / 100 | 0) % protectedClients.length]! : `service-${place}`;
  return { clientId, subject: `subject-${place}`, jti: `jti-${place}`, session: chance.uuid(), issuedMs: Date.now() - dayMs, expiresMs: Date.now() + dayMs };
}

export function use(place: number, chance: Chance, change: Partial<Request> = {}): Request {
  return {
    startMs: Date.now() - 200, durationMs: chance.whole(3, 120), token: tokenOf(place, chance), address: `10.${100 + (place >> 16)}.${(place >> 8) & 255}.${place & 255}`,
    agent: `service/${place % 40}`, host: 'api.freight.example', path: `/v1/things/${place % 200}`, bytesSent: chance.around(5_000, 1.5), requestId: chance.uuid(), ...change,
  };
}

/** More than two gigabytes from the range of a commercial VPN, in the last minutes. */
export function theft(token: AccessToken): Request[] {
  const calls = 120;
  return Array.from({ length: calls }, (_, page) => ({
    startMs: Date.now() - (calls - page) * 500 - 400, durationMs: 400, token, address: '185.213.154.77', agent: 'Wget/1.21.4', host: 'staging.freight.example',
    path: `/dump/${page}`, bytesSent: 20_000_000, requestId: `theft-${page}`,
  }));
}

export const linesOf = (requests: readonly Request[]): string => requests.map((request) => `${JSON.stringify(envoyRecord(request))}\n`).join('');

/** Switches on a rule that flags every token, and steals one in the middle of what follows. */
export async function weather(rig: ResponseRig, { seed, tokens, kills, clockStepsMs }: Storm, tell: (text: string) => void = () => undefined): Promise<Weathered> {
  const chance = new Chance(seed);
  const days = 21;
  const own = live(rates, { seed, startMs: Date.now() - days * dayMs - 3_600_000, days });
  rig.learn('past.ndjson', logsOf([own]).gateway);
  const parts = kills + 1;
  const share = Math.ceil(tokens / parts);
  for (let part = 0; part < parts; part++) {
    const from = part * share;
    const uses = Array.from({ length: Math.min(share, tokens - from) }, (_, place) => use(from + place, chance));
    const middle = uses.length / 2;
    rig.append('live.ndjson', linesOf([...uses.slice(0, middle), ...(part === parts - 1 ? theft(own.last) : []), ...uses.slice(middle)]));
    const life = rig.start();
    await life.address();
    const step = clockStepsMs[part % clockStepsMs.length] ?? 0;
    await sleep(chance.whole(800, 1_600));
    rig.setClock(step);
    await sleep(chance.whole(600, 1_200));
    if (part === parts - 1) break;
    await life.kill();
    // The next life begins with the right time: a call signed by a wrong clock is refused for good, also that against the theft.
    rig.setClock(0);
    tell(`killed after part ${part + 1}, its clock off by ${step / 60_000} minutes; ${rig.receiver.effects.length} tokens ended`);
  }
  rig.setClock(0);
  await settled(rig, rig.lives.at(-1)!, own.last.jti);
  const ended = await rig.lives.at(-1)!.stop();
  if (ended.code !== 0) throw new Error(`it ended with ${ended.code ?? ended.signal}`);
  tell('stopped in order, and started again');
  const again = rig.start();
  await settled(rig, again, own.last.jti);
  await sleep(1_000);
  return look(rig, again, own.last.jti);
}

/** Everything is read, and everything that was proposed was looked at. */
async function settled(rig: ResponseRig, life: ServiceProcess, stolen: string): Promise<void> {
  await life.until('everything is read', async () => (await life.ready()).sources.every(({ lagRecords, ok }) => ok && lagRecords === 0), 300_000);
  await life.until('the theft is over, and the rest waits', async () => rig.receiver.dead.has(stolen) && await rig.read(({ responses }) => {
    const counts = responses.intentCounts();
    const fresh = responses.intents({ states: ['proposed'] }).some(({ why }) => why === null);
    return !fresh && (counts['ready'] ?? 0) === 0 && (counts['sending'] ?? 0) === 0 && (counts['accepted'] ?? 0) === 0;
  }), 300_000);
}

async function look(rig: ResponseRig, life: ServiceProcess, stolen: string): Promise<Weathered> {
  const { receiver } = rig;
  const stored = await rig.read((effects) => ({
    states: effects.responses.intentCounts(), intents: effects.responses.intents(),
  }));
  const target = stored.intents.find(({ target: { handle }, severity }) => handle === stolen && severity === 99);
  return {
    flagged: new Set(stored.intents.map(({ target: { token } }) => token)).size, proposed: stored.intents.length, states: stored.states,
    ended: receiver.effects.map(({ handle }) => handle),
    touchedProtected: receiver.deliveries.some(({ handle }) => isProtected(Number(/^jti-(\d+)$/.exec(handle)?.[1]))),
    deliveries: receiver.deliveries.length,
    repeated: receiver.effects.map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at), refused: receiver.refused(),
    stolen, stolenStands: target === undefined ? 'not proposed' : `${target.state} ${target.mode}`,
    pages: rig.pages('over_cap'), isBreakerOpen: await life.metric('tokenward_response_breaker_open', 'lane="other"') === 1, isChainWhole: await rig.isChainWhole(),
  };
}
