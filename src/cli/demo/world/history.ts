import { randomUUID } from 'node:crypto';
import { Random } from '../random.ts';
import { envoyLine, haproxyLine, sha256, type Claims } from './access-log.ts';
import { issuedLine, issuer } from './authorization-server.ts';
import type { Estate, Workload } from './estate.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const tokenSeconds = 900;

/** One line of a log and when it was written. */
interface Line { readonly timeMs: number; readonly text: string }

type Logs = Record<'edge' | 'partner' | 'audit', Line[]>;

/** The quiet past as the three logs tell it, each in the order in which its lines were written. */
export interface History { readonly edge: string; readonly partner: string; readonly audit: string; readonly calls: number; readonly lastMs: number }

export interface PastOptions {
  readonly days: number;
  readonly untilMs: number;
  /** Claims of the tokens that lived all the while, by client; the others got a new token for each batch. */
  readonly lasting: ReadonlyMap<string, Claims>;
  /** Large batches that come round, by client: every so many days, so many times the usual. */
  readonly rounds?: ReadonlyMap<string, { readonly everyDays: number; readonly factor: number }>;
}

/** What the company's workloads did in the days before. */
export function makeHistory(estate: Estate, options: PastOptions): History {
  const random = new Random(estate.seed + 1_000_003);
  const logs: Logs = { edge: [], partner: [], audit: [] };
  for (const workload of [...estate.own, ...estate.sharing]) livePast(random, workload, options, logs);
  const text = (lines: Line[]): string => lines.sort((a, b) => a.timeMs - b.timeMs).map((line) => `${line.text}\n`).join('');
  const [edge, partner, audit] = [text(logs.edge), text(logs.partner), text(logs.audit)];
  const lastMs = Math.max(...[logs.edge, logs.partner, logs.audit].map((lines) => lines.at(-1)?.timeMs ?? 0));
  return { edge, partner, audit, calls: logs.edge.length + logs.partner.length, lastMs };
}

function livePast(random: Random, workload: Workload, options: PastOptions, logs: Logs): void {
  const { days, untilMs, lasting, rounds } = options;
  const round = rounds?.get(workload.clientId);
  let timeMs = untilMs - days * dayMs + random.between(0, workload.batchEveryMinutes) * minuteMs;
  let nextRoundMs = round === undefined ? Number.POSITIVE_INFINITY : untilMs - Math.floor((days - 1) / round.everyDays) * round.everyDays * dayMs;
  while (timeMs < untilMs - 10 * minuteMs) {
    const factor = timeMs >= nextRoundMs ? round!.factor : 1;
    if (factor > 1) nextRoundMs += round!.everyDays * dayMs;
    livePastBatch(random, workload, timeMs, factor, lasting.get(workload.clientId) ?? null, logs);
    timeMs += workload.batchEveryMinutes * random.between(0.7, 1.3) * minuteMs;
  }
}

function livePastBatch(
  random: Random, workload: Workload, startMs: number, factor: number, lasting: Claims | null, logs: Logs,
): void {
  const { clientId, gateway, address, agent, spiffeId, host, paths, pages, pageEveryMs, medianBytes } = workload;
  const isJwt = gateway === 'edge';
  // Of an opaque token the id is the token, which nobody logs.
  const jti = randomUUID();
  const iat = Math.floor(startMs / 1000);
  const claims = lasting ?? { iss: issuer, sub: clientId, client_id: clientId, jti: isJwt ? jti : '-', iat, exp: iat + tokenSeconds, scope: 'shop:read' };
  if (lasting === null) {
    const line = { time: new Date(startMs).toISOString(), iss: issuer, ip: address, route: 'token', ua: agent };
    const issued = issuedLine(isJwt ? 'issued' : 'saved', clientId, isJwt, jti, iat + tokenSeconds);
    logs.audit.push({ timeMs: startMs, text: JSON.stringify({ ...line, ...issued }) });
  }
  let timeMs = startMs + 40;
  for (let page = Math.round(pages * random.between(0.7, 1.4)); page > 0; page--) {
    const endMs = Math.floor(timeMs) + random.integer(3, 40);
    const line = {
      startMs: Math.floor(timeMs), endMs, method: 'GET', path: random.pick(paths), host, status: 200, bytes: Math.round(random.size(medianBytes, 0.3) * factor),
      address, agent, peer: spiffeId, requestId: random.uuid(), claims, tokenSha256: isJwt ? null : sha256(jti), refused: null,
    };
    logs[gateway].push({ timeMs: endMs, text: isJwt ? envoyLine(line) : haproxyLine(line) });
    timeMs += pageEveryMs * random.between(0.6, 1.6);
  }
}
