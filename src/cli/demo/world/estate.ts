import { Random } from '../random.ts';

/** A workload of the story's company, and how it calls. */
export interface Workload {
  /** Its OAuth client. */
  readonly clientId: string;
  /** What its sidecar's certificate says. */
  readonly spiffeId: string;
  readonly address: string;
  readonly agent: string;
  /** `edge` checks JWTs by itself, `partner` asks the authorization server. */
  readonly gateway: 'edge' | 'partner';
  readonly host: string;
  readonly paths: readonly string[];
  /** It works in batches: one about this often, of about so many pages. */
  readonly batchEveryMinutes: number;
  readonly pages: number;
  readonly pageEveryMs: number;
  readonly medianBytes: number;
}

/** A thief, his address, and what he is after. */
export interface Thief {
  readonly address: string;
  readonly agent: string;
  readonly wantsBytes: number;
  readonly pageBytes: number;
  readonly bytesPerSecond: number;
}

/** Everything that a seed decides. Nothing of it is known to the detectors. */
export interface Estate {
  readonly seed: number;
  /** The company's clock: minutes added to UTC, so that the theft falls into its hour. */
  readonly zoneMinutes: number;
  /** Who each holds a token of his own; the first one's was issued long ago and is stolen. */
  readonly own: readonly Workload[];
  /** Who share one credential. */
  readonly sharing: readonly Workload[];
  readonly oldTokenMonths: number;
  readonly thieves: readonly [Thief, Thief];
  readonly people: readonly string[];
  /** Networks that a vendor has published, in one of which his workload runs: the last of `own`. */
  readonly vendorNetworks: readonly string[];
}

const works = [
  ['shipping-rates', 'okhttp/4.12', 'rates', 9_000], ['storefront', 'node/24', 'products', 40_000],
  ['billing-export', 'python-httpx/0.28', 'invoices', 300_000], ['warehouse-sync', 'Go-http-client/2.0', 'stock', 20_000],
  ['fraud-score', 'aiohttp/3.11', 'orders', 6_000], ['loyalty-points', 'okhttp/4.12', 'members', 4_000],
  ['returns-desk', 'node/22', 'returns', 15_000], ['search-index', 'Go-http-client/2.0', 'catalogue', 120_000],
  ['price-watch', 'reqwest/0.12', 'prices', 11_000], ['tax-filing', 'Apache-HttpClient/5.4', 'ledgers', 90_000],
  ['customer-mail', 'axios/1.8', 'contacts', 7_000], ['route-planner', 'Faraday/2.12', 'routes', 25_000],
  ['photo-resize', 'libvips-http/8', 'photos', 200_000], ['gift-cards', 'ktor-client/3', 'cards', 3_000],
] as const;

type Work = (typeof works)[number];

/** Networks of commercial VPN and hosting providers, as their whois entries show. */
const vpnNetworks = [
  '185.195.233', '146.70.117', '193.32.249', '45.83.223', '37.120.192', '89.45.224', '37.19.200', '156.146.33', '84.17.46', '194.127.167',
];
const copyingTools = ['curl/8.5.0', 'python-requests/2.32.3', 'Wget/1.21.4', 'rclone/v1.68.2'];
const firstNames = ['dana', 'ruben', 'mei', 'tomás', 'aylin', 'noor', 'piet', 'sanne', 'luca', 'yusuf'];

const vendorNetworks = ['152.70.12.0/22', '141.147.4.0/22'];

const gigabyte = 1_000_000_000;

/** The company of a seed. Seed 1 is the story as it is told: 02:14, eighteen months, 84.7 GB. */
export function makeEstate(seed: number, nowMs: number): Estate {
  const random = new Random(seed);
  const isTold = seed === 1;
  const chosen = isTold ? [...works] : shuffled(random, works);
  const own = chosen.slice(0, 3).map((work, place) => workload(random, work, place, 'edge'));
  const vendor = { ...workload(random, chosen[3] as Work, 3, 'partner'), address: addressIn(random, vendorNetworks[0] as string) };
  const sharing = chosen.slice(4, 10).map((work, place) => workload(random, work, place + 4, 'edge'));
  const clock = isTold ? 2 * 60 + 14 : random.integer(0, 5) * 60 + random.integer(0, 59);
  const wants = isTold ? 84.7 * gigabyte : random.integer(20, 140) * gigabyte;
  return {
    seed, own: [...own, vendor], sharing, zoneMinutes: zoneFor(clock, nowMs), oldTokenMonths: isTold ? 18 : random.integer(7, 40),
    thieves: [thief(random, wants), thief(random, random.integer(30, 90) * gigabyte)],
    people: shuffled(random, firstNames).slice(0, 3), vendorNetworks,
  };
}

/** Some address of a network. */
export function addressIn(random: Random, network: string): string {
  return `${network.split('.').slice(0, 3).join('.')}.${random.integer(2, 250)}`;
}

function workload(random: Random, [name, library, resource, medianBytes]: Work, place: number, gateway: Workload['gateway']): Workload {
  const namespace = random.pick(['shop', 'store', 'ops', 'data']);
  return {
    clientId: name, spiffeId: `spiffe://shop.example/ns/${namespace}/sa/${name}`,
    address: `10.${20 + place}.${random.integer(1, 250)}.${random.integer(2, 250)}`,
    agent: `${name}/${random.integer(1, 9)}.${random.integer(0, 20)} ${library}`, gateway,
    host: gateway === 'edge' ? 'api.shop.example' : 'partners.shop.example', paths: [`/v1/${resource}`, `/v1/${resource}/changes`],
    batchEveryMinutes: random.integer(150, 260), pages: random.integer(14, 22), pageEveryMs: random.integer(1_200, 2_200), medianBytes,
  };
}

function thief(random: Random, wantsBytes: number): Thief {
  return {
    address: `${random.pick(vpnNetworks)}.${random.integer(10, 240)}`, agent: random.pick(copyingTools), wantsBytes,
    pageBytes: random.integer(12, 24) * 1_000_000, bytesPerSecond: random.integer(25, 60) * 1_000_000,
  };
}

/** The offset under which `nowMs` reads as this minute of the day, between -12 and +12 hours. */
function zoneFor(minuteOfDay: number, nowMs: number): number {
  const utc = Math.floor(nowMs / 60_000) % 1_440;
  const difference = (minuteOfDay - utc + 1_440) % 1_440;
  return difference > 720 ? difference - 1_440 : difference;
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const copy = [...list];
  for (let place = copy.length - 1; place > 0; place--) {
    const other = random.integer(0, place);
    [copy[place], copy[other]] = [copy[other] as T, copy[place] as T];
  }
  return copy;
}
