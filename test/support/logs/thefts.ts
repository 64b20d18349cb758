import { dayMs, live, type Service } from './company.ts';
import { Chance } from './random.ts';
import { cloudtrailRecord, envoyRecord, keycloakIssue, writtenMs, type Request } from './records.ts';

export interface Size { readonly seed: number; readonly services: number; readonly days: number; readonly callsADay: number; readonly thefts: number; readonly stolenCalls: number }

/** Three logs of one company in which some tokens are stolen, as lines in the order of writing. */
export interface Thefts {
  readonly gateway: readonly string[];
  readonly realm: readonly string[];
  readonly cloud: readonly string[];
  /** Public ids of what was stolen: `jti` of tokens, and one access key. */
  readonly stolen: ReadonlySet<string>;
}

const startMs = Date.UTC(2026, 0, 5);
/** The range that a commercial VPN announces. */
const thiefAddress = (chance: Chance): string => `185.213.154.${chance.whole(2, 250)}`;
const keyOf = (user: number): string => `AKIAFREIGHT0000000${String(user).padStart(2, '0')}`;

/** Services at work behind the gateway, users of the cloud beside them; the first of each kind lose their tokens on the last day. */
export function companyWithThefts(size: Size): Thefts {
  const chance = new Chance(size.seed);
  const stolen = new Set<string>();
  const requests: { writtenMs: number; record: object }[] = [];
  const issued: { writtenMs: number; record: object }[] = [];
  for (let place = 0; place < size.services; place++) {
    const life = live(serviceAt(place, size), { seed: size.seed + 1 + place, startMs, days: size.days });
    const theft = place < size.thefts ? steal(chance, life.last.jti, size, (page, atMs) => ({
      startMs: atMs, durationMs: chance.whole(50, 900), token: life.last, address: thiefAddress(chance), agent: 'curl/8.9.1', host: 'staging.freight.example',
      path: `/dump/${page}`, bytesSent: chance.whole(4_000_000, 9_000_000), requestId: chance.uuid(),
    }), stolen) : [];
    for (const request of [...life.requests, ...theft]) requests.push({ writtenMs: writtenMs(request), record: envoyRecord(request) });
    for (const { token, address } of life.issued) issued.push({ writtenMs: token.issuedMs, record: keycloakIssue(token, address) });
  }
  return { gateway: linesOf(requests), realm: linesOf(issued), cloud: cloudLog(chance, size, stolen), stolen };
}

function serviceAt(place: number, size: Size): Service {
  return {
    clientId: `service-${place}`, subject: `subject-${place}`, addressOn: () => `10.70.${place}.8`, agent: `service-${place}/1.0`, host: 'api.freight.example',
    paths: [`/v1/list${place}`, `/v1/item${place}`], callsADay: size.callsADay, typicalBytes: 4_000 * (place + 1), tokenHours: place < size.thefts ? null : 12,
  };
}

function steal(chance: Chance, id: string, size: Size, call: (page: number, atMs: number) => Request, stolen: Set<string>): Request[] {
  stolen.add(id);
  const fromMs = startMs + (size.days - 1) * dayMs + chance.whole(0, 8) * 3_600_000;
  return Array.from({ length: size.stolenCalls }, (_, page) => call(page, fromMs + page * 1500));
}

function cloudLog(chance: Chance, size: Size, stolen: Set<string>): string[] {
  const records: { writtenMs: number; record: object }[] = [];
  const put = (timeMs: number, user: number, address: string, bytes: number): void => {
    records.push({ writtenMs: timeMs, record: cloudtrailRecord(chance.uuid(), timeMs, `user${user}`, keyOf(user), address, bytes) });
  };
  for (let user = 0; user < size.services; user++) {
    for (let call = 0; call < size.days * size.callsADay; call++) put(startMs + Math.floor(chance.next() * size.days * dayMs), user, `52.29.${user}.14`, chance.around(20_000, 1.5));
  }
  const fromMs = startMs + (size.days - 1) * dayMs + 3_600_000;
  for (let call = 0; call < size.stolenCalls; call++) put(fromMs + call * 1000, 0, thiefAddress(chance), 8_000_000);
  stolen.add(keyOf(0));
  const lines = linesOf(records);
  // CloudTrail delivers some records twice.
  return lines.flatMap((line, place) => (place % 40 === 0 ? [line, line] : [line]));
}

function linesOf(records: { readonly writtenMs: number; readonly record: object }[]): string[] {
  return records.sort((a, b) => a.writtenMs - b.writtenMs).map(({ record }) => JSON.stringify(record));
}

/** Lines as a file's content. */
export function fileOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
