import { envoyLine, keycloakLogin, keycloakPasswordReset, type Call, type Holder, type Jwt } from './logs.ts';
import { Random } from './random.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

interface Service extends Holder {
  readonly network: string;
  readonly agent: string;
  readonly authority: string;
  readonly paths: readonly string[];
  readonly everyMinutes: number;
  readonly medianBytes: number;
  /** Lifetime of its tokens: a service fetches a new one when the old one has run out. */
  readonly tokenHours: number;
}

/** What happened, for the one who tells it. Nothing of it is known to the detectors. */
export interface Story {
  readonly gatewayLog: string;
  readonly iamLog: string;
  readonly calls: number;
  readonly services: number;
  readonly historyDays: number;
  readonly stolen: Jwt;
  readonly ownAddress: string;
  readonly thiefAddress: string;
  readonly theftStartMs: number;
  readonly theftEndMs: number;
  readonly theft: readonly { readonly endMs: number; readonly bytes: number }[];
  readonly resetMs: number;
}

/** A name, its network, its client, where it calls; how often, how much at a time, and how long its tokens live. */
const services = (random: Random): Service[] => [
  service(random, 'shipping-rates', '10.20.4', 'shipping-rates/3.2 okhttp/4.12', 'api.shop.example', ['/v1/rates', '/v1/zones', '/v1/orders'],
    { everyMinutes: 12, medianBytes: 9_000, tokenHours: 24 * 900 }),
  service(random, 'storefront', '10.20.1', 'storefront/8.1 node/24', 'api.shop.example', ['/v1/products', '/v1/prices', '/v1/stock'],
    { everyMinutes: 6, medianBytes: 40_000, tokenHours: 12 }),
  service(random, 'billing-export', '10.20.7', 'billing-export/1.4 python-httpx/0.28', 'api.shop.example', ['/v1/invoices', '/v1/orders'],
    { everyMinutes: 45, medianBytes: 700_000, tokenHours: 12 }),
  service(random, 'warehouse-sync', '10.31.2', 'warehouse-sync/5.0 Go-http-client/2.0', 'stock.shop.example', ['/v2/stock', '/v2/moves'],
    { everyMinutes: 10, medianBytes: 20_000, tokenHours: 12 }),
  service(random, 'fraud-score', '10.20.9', 'fraud-score/0.9 aiohttp/3.11', 'api.shop.example', ['/v1/orders', '/v1/customers'],
    { everyMinutes: 8, medianBytes: 6_000, tokenHours: 12 }),
];

function service(
  random: Random, clientId: string, network: string, agent: string, authority: string, paths: readonly string[],
  habits: Pick<Service, 'everyMinutes' | 'medianBytes' | 'tokenHours'>,
): Service {
  return { clientId, subject: random.uuid(), network, agent, authority, paths, ...habits };
}

/**
 * Four quiet weeks of a shop's gateway and identity provider, then the theft: the token of the
 * shipping-rate calculator, issued eighteen months before, pulls the staging data at 02:14.
 */
export function tellStory(seed: number, endOfHistoryMs: number): Story {
  const random = new Random(seed);
  const historyDays = 28;
  const startMs = endOfHistoryMs - historyDays * dayMs;
  const estate = services(random);
  const calls: Call[] = [];
  const iam: string[] = [];
  const stolen: Jwt = {
    holder: estate[0] as Service, jti: random.uuid(), session: random.uuid(),
    issuedAtMs: endOfHistoryMs - 548 * dayMs, expiresAtMs: endOfHistoryMs + 300 * dayMs,
  };
  const theftStartMs = endOfHistoryMs + 2 * 3_600_000 + 14 * minuteMs;
  const quietEndMs = theftStartMs + 3 * 3_600_000;
  for (const member of estate) {
    quietLife(random, member, startMs, quietEndMs, member === estate[0] ? stolen : null, calls, iam);
  }
  const thiefAddress = `185.195.233.${random.integer(10, 240)}`;
  const theft = steal(random, stolen, thiefAddress, theftStartMs);
  const resetMs = theftStartMs + 40 * minuteMs;
  for (const [name, id] of [['dana', random.uuid()], ['ruben', random.uuid()], ['mei', random.uuid()]] as const) {
    iam.push(keycloakPasswordReset(random.uuid(), resetMs + random.integer(0, 600_000), id, name, `10.40.0.${random.integer(2, 250)}`));
  }
  const all = [...calls, ...theft].sort((a, b) => a.timeMs + a.durationMs - b.timeMs - b.durationMs);
  return {
    gatewayLog: `${all.map(envoyLine).join('\n')}\n`, iamLog: `${iam.join('\n')}\n`,
    calls: all.length, services: estate.length, historyDays, stolen, ownAddress: `${(estate[0] as Service).network}.11`, thiefAddress,
    theftStartMs, theftEndMs: Math.max(...theft.map((call) => call.timeMs + call.durationMs)),
    theft: theft.map((call) => ({ endMs: call.timeMs + call.durationMs, bytes: call.bytes })), resetMs,
  };
}

function quietLife(random: Random, member: Service, startMs: number, endMs: number, fixed: Jwt | null, calls: Call[], iam: string[]): void {
  const address = `${member.network}.11`;
  let jwt = fixed;
  let timeMs = startMs + random.between(0, member.everyMinutes) * minuteMs;
  while (timeMs < endMs) {
    if (jwt === null || timeMs >= jwt.expiresAtMs) {
      const issuedAtMs = Math.floor(timeMs) - 500;
      const expiresAtMs = issuedAtMs + 500 + member.tokenHours * 3_600_000;
      jwt = { holder: member, jti: random.uuid(), session: random.uuid(), issuedAtMs, expiresAtMs };
      iam.push(keycloakLogin(jwt, random.uuid(), address));
    }
    calls.push(callOf(random, member, jwt, Math.floor(timeMs), address, random.size(member.medianBytes, 0.5)));
    const hour = new Date(timeMs).getUTCHours();
    const busy = hour >= 7 && hour < 19 ? 1 : 2.5;
    timeMs += member.everyMinutes * busy * random.between(0.5, 1.5) * minuteMs;
  }
}

function callOf(random: Random, member: Service, jwt: Jwt, timeMs: number, address: string, bytes: number): Call {
  return {
    timeMs, durationMs: random.integer(4, 90), jwt, address, agent: member.agent, authority: member.authority,
    path: `${random.pick(member.paths)}?page=${random.integer(1, 40)}`, bytes, requestId: random.uuid(),
  };
}

/** 84.7 GB, page by page, as a copying tool would fetch them. */
function steal(random: Random, jwt: Jwt, address: string, startMs: number): Call[] {
  const total = 84_700_000_000;
  const calls: Call[] = [];
  let left = total;
  let timeMs = startMs;
  for (let page = 0; left > 0; page++) {
    const bytes = Math.min(left, random.integer(14_000_000, 22_000_000));
    const durationMs = Math.round(bytes / 10_500);
    calls.push({
      timeMs: Math.floor(timeMs), durationMs, jwt, address, agent: 'curl/8.5.0', authority: 'staging.shop.example',
      path: `/export/customers?page=${page}`, bytes, requestId: random.uuid(),
    });
    left -= bytes;
    timeMs += durationMs / 2;
  }
  return calls;
}
