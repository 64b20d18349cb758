import { Chance } from './random.ts';
import { envoyRecord, keycloakIssue, writtenMs, type AccessToken, type Request } from './records.ts';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

/** How one service lives: what it calls, how often, how much it fetches. */
export interface Service {
  readonly clientId: string;
  readonly subject: string;
  /** Address by day, counted from the start. */
  readonly addressOn: (day: number) => string;
  readonly agent: string;
  readonly host: string;
  readonly paths: readonly string[];
  readonly callsADay: number;
  readonly typicalBytes: number;
  /** `null`: one token for all its life. */
  readonly tokenHours: number | null;
  /** More calls and bytes than usual by this factor on some days. */
  readonly busyOn?: (day: number) => number;
}

export interface Quiet { readonly seed: number; readonly startMs: number; readonly days: number; readonly silent?: (day: number) => boolean }

/** What a service's life leaves in the logs: requests at the gateway, issuances at the realm, and the token it holds at the end. */
export interface Life { readonly requests: Request[]; readonly issued: { readonly token: AccessToken; readonly address: string }[]; readonly last: AccessToken }

/** A service at work, day by day. Days for which `silent` holds leave no lines, though the service worked. */
export function live(service: Service, { seed, startMs, days, silent }: Quiet): Life {
  const chance = new Chance(seed);
  const life = { requests: [] as Request[], issued: [] as Life['issued'] };
  let token = issue(service, chance, startMs - 540 * dayMs, service.tokenHours === null ? 2000 * 24 : 0);
  for (let day = 0; day < days; day++) {
    const factor = service.busyOn?.(day) ?? 1;
    const times = Array.from({ length: chance.around(service.callsADay * factor, 1.15) }, () => startMs + day * dayMs + Math.floor(chance.within(0, 1) ** 0.9 * dayMs)).sort((a, b) => a - b);
    const address = service.addressOn(day);
    for (const timeMs of times) {
      if (timeMs >= token.expiresMs) {
        token = issue(service, chance, timeMs - 400, service.tokenHours!);
        if (silent?.(day) !== true) life.issued.push({ token, address });
      }
      const request = ask(service, chance, token, timeMs, address, chance.around(service.typicalBytes, 1.8));
      if (silent?.(day) !== true) life.requests.push(request);
    }
  }
  return { ...life, last: token };
}

function issue(service: Service, chance: Chance, issuedMs: number, hours: number): AccessToken {
  return { clientId: service.clientId, subject: service.subject, jti: chance.uuid(), session: chance.uuid(), issuedMs, expiresMs: issuedMs + hours * hourMs };
}

function ask(service: Service, chance: Chance, token: AccessToken, startMs: number, address: string, bytesSent: number): Request {
  return {
    startMs, durationMs: chance.whole(3, 120), token, address, agent: service.agent, host: service.host, path: `${chance.oneOf(service.paths)}?zone=${chance.whole(1, 30)}`,
    bytesSent, requestId: chance.uuid(),
  };
}

/** The gateway's log and the realm's, each in the order of writing. */
export function logsOf(lives: readonly Life[], more: readonly Request[] = []): { readonly gateway: string; readonly realm: string } {
  const requests = [...lives.flatMap(({ requests: own }) => own), ...more].sort((a, b) => writtenMs(a) - writtenMs(b));
  const issued = lives.flatMap((life) => life.issued).sort((a, b) => a.token.issuedMs - b.token.issuedMs);
  return {
    gateway: requests.map((request) => `${JSON.stringify(envoyRecord(request))}\n`).join(''),
    realm: issued.map(({ token, address }) => `${JSON.stringify(keycloakIssue(token, address))}\n`).join(''),
  };
}
