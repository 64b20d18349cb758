import { appendFileSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { replay } from '../../../src/cli/replay/replay.ts';
import type { ReplayStatistics } from '../../../src/cli/replay/statistics.ts';
import { loadFrom } from '../../../src/cli/settings.ts';
import type { Alert } from '../../../src/model/alert.ts';
import type { Intent } from '../../../src/model/intent.ts';
import { openStore } from '../../../src/store/open.ts';
import { dayMs, live, type Life, type Service } from '../../support/logs/company.ts';
import { Chance } from '../../support/logs/random.ts';
import { cloudtrailRecord, envoyRecord, issuer, type Request } from '../../support/logs/records.ts';

// A company whose logs somebody can write into who knows public ids and no secret, and who wants a victim's token revoked.

const days = 28;
export const startMs = Date.UTC(2026, 0, 5);
/** Where the last day begins: what comes before is history. */
export const lastDayMs = startMs + (days - 1) * dayMs;
const forgedMs = lastDayMs + dayMs / 4;
const accessKey = 'AKIAFREIGHT000000001';

const victim: Service = {
  clientId: 'calculator', subject: 'sub-calculator', addressOn: () => '10.61.1.15', agent: 'calculator/1', host: 'api.freight.example', paths: ['/v1/rates', '/v1/zones'],
  callsADay: 30, typicalBytes: 8_000, tokenHours: null,
};
const life: Life = live(victim, { seed: 21, startMs, days });

const sources = `sources:
  - { name: gateway, paths: ['gateway*.ndjson'], formats: [envoy.access], issuers: ['${issuer}'] }
  - { name: public, paths: ['public*.ndjson'], formats: [haproxy.http], issuers: ['${issuer}'] }
  - { name: partner, paths: ['partner*.ndjson'], formats: [envoy.access], issuers: ['https://partner.example'] }
  - { name: cloud, paths: ['cloud*.ndjson'], formats: [aws.cloudtrail], accounts: ['111122223333'] }
  - { name: leaks, paths: ['leaks*.ndjson'], formats: [trufflehog] }
`;

/** Records by the name of their file. */
export type Logs = Readonly<Record<string, Iterable<object>>>;

/** The company's own logs between two times. */
export function ownLogs(fromMs: number, toMs: number): Logs {
  const chance = new Chance(5);
  const calls = Array.from({ length: days * 30 }, () => startMs + Math.floor(chance.next() * days * dayMs)).sort((a, b) => a - b);
  return {
    'gateway.ndjson': life.requests.filter((request) => request.startMs >= fromMs && request.startMs < toMs).map(envoyRecord),
    'cloud.ndjson': calls.filter((timeMs) => timeMs >= fromMs && timeMs < toMs)
      .map((timeMs) => cloudtrailRecord(`call-${timeMs}`, timeMs, 'labels', accessKey, '52.29.1.14', chance.around(20_000, 1.5))),
  };
}

const thiefAddress = '185.213.154.77';

/** Calls with the victim's token from elsewhere within an hour, large ones. */
function* elsewhere<Line>(count: number, fromMs: number, line: (request: Request) => Line, change: Partial<Request> = {}): Generator<Line> {
  for (let place = 0; place < count; place++) {
    yield line({
      startMs: fromMs + Math.floor(place * 3_600_000 / count), durationMs: 400, token: life.last, address: thiefAddress, agent: 'Wget/1.21.4',
      host: 'staging.freight.example', path: `/dump/${place % 120}`, bytesSent: 20_000_000, requestId: `${fromMs}-${place}`, ...change,
    });
  }
}

/** Shown to the gateway, which refuses it: whoever knows the id can do so. */
export const refused = (count: number): Logs => ({ 'gateway-refused.ndjson': elsewhere(count, forgedMs, envoyRecord, { status: 401 }) });

/** Shown on a route of which nobody knows whether tokens are checked there. */
export const unchecked = (count: number): Logs => ({
  'public.ndjson': elsewhere(count, forgedMs, ({ startMs: atMs, token, address, agent, path, bytesSent, requestId }) => ({
    time_ms: atMs + 400, accept: (atMs / 1000).toFixed(3), request_id: requestId, src: address, src_port: 40_000, method: 'GET', path, status: 200, bytes_out: bytesSent,
    bytes_in: 0, t_total_ms: 400, backend: 'public', term: '----', jti: token.jti, sub: token.subject, client_id: token.clientId, iss: issuer, ua: agent,
    iat: String(Math.floor(token.issuedMs / 1000)), exp: String(Math.floor(token.expiresMs / 1000)),
  })),
});

/** The victim itself fetches far more than ever, from where it always was. */
export const surge: Logs = {
  'gateway-surge.ndjson': [...elsewhere(120, lastDayMs + dayMs * 0.6, envoyRecord, {
    address: victim.addressOn(0), agent: victim.agent, host: victim.host, path: '/v1/rates', bytesSent: 3_000_000,
  })],
};

/** The token is really stolen, a day later: good calls, which the gateway has checked. */
export const theft: Logs = { 'gateway-later.ndjson': [...elsewhere(120, lastDayMs + dayMs + 3_600_000, envoyRecord, { address: '146.70.120.9' })] };

/** What everybody can write who knows the claims. */
function forgedJwt(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', kid: 'k1' })}.${part({ iss: issuer, jti: life.last.jti, sub: 'sub-calculator' })}.${'A'.repeat(40)}`;
}

/** A scanner's finding that has the public half of a key, and no secret. */
export const named: Logs = {
  'leaks.ndjson': [{
    SourceMetadata: { Data: { Github: { repository: 'https://github.com/somebody/notes', file: 'keys.txt', timestamp: new Date(forgedMs).toISOString() } } },
    SourceName: 'trufflehog - github', DetectorType: 2, DetectorName: 'AWS', DecoderName: 'PLAIN', Verified: false, Redacted: accessKey, ExtraData: null,
  }, {
    SourceMetadata: { Data: { Github: { repository: 'https://github.com/somebody/notes', file: 'keys.txt', timestamp: new Date(forgedMs).toISOString() } } },
    SourceName: 'trufflehog - github', DetectorType: 2, DetectorName: 'JWT', DecoderName: 'PLAIN', Verified: false, Redacted: '', ExtraData: null, Raw: forgedJwt(),
  }],
};

/** Good calls with the victim's token in the log of somebody who may not speak for its issuer. */
export const foreign = (count: number): Logs => ({ 'partner.ndjson': elsewhere(count, forgedMs, envoyRecord) });

/** What is known, proposed and remembered after some logs were read. */
export interface After {
  readonly statistics: ReplayStatistics;
  readonly alerts: readonly Alert[];
  readonly intents: readonly Intent[];
  /** Everything that is remembered by key, byte by byte. */
  readonly rows: ReadonlyMap<string, string>;
  readonly dataDir: string;
}

/** Reads the logs into a data folder, by a policy that takes every alert as a reason to act. The folder is the caller's to remove. */
export async function read(folder: string, dataDir: string, ...logs: readonly Logs[]): Promise<After> {
  const own = mkdtempSync(join(folder, 'read-'));
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU', { mode: 0o600 });
  writeFileSync(join(own, 'tokenward.yaml'), `identity: { fingerprint_key_file: ${secret} }
${sources}policy:
  - { name: stolen, plan: [{ do: pin, by: holder }, { do: revoke, by: holder }], mode: enforce }
respond:
  caps: {}
  actions: [{ name: holder, type: webhook, url: "https://holder.example", secret_file: ${secret}, does: [pin, deny, revoke, notify] }]
`);
  const [events, alerts, quarantine] = ['events', 'alerts', 'quarantine'].map((name) => join(own, name)) as [string, string, string];
  const statistics = await replay({
    paths: write(join(own, 'logs'), ...logs), configuration: loadFrom(join(own, 'tokenward.yaml'), {}), format: null, dataDir,
    outputs: { events, alerts, quarantine }, progress: { update: () => undefined, done: () => undefined }, warn: () => undefined,
  });
  const store = openStore(dataDir, { readOnly: true });
  try {
    return { statistics, alerts: [...store.effects.alerts()], intents: store.effects.responses.intents(), rows: remembered(dataDir), dataDir };
  } finally {
    await store.close();
  }
}

function write(folder: string, ...logs: readonly Logs[]): string[] {
  mkdirSync(folder);
  return logs.flatMap((own) => Object.entries(own)).map(([name, records]) => {
    const file = join(folder, name);
    let lines: string[] = [];
    const flush = (): void => {
      appendFileSync(file, lines.join(''));
      lines = [];
    };
    for (const record of records) if (lines.push(`${JSON.stringify(record)}\n`) >= 10_000) flush();
    flush();
    return file;
  });
}

/** A data folder of its own, with what is in the other. */
export function copyOf(folder: string, dataDir: string): string {
  const copy = join(mkdtempSync(join(folder, 'copy-')), 'data');
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

function remembered(dataDir: string): Map<string, string> {
  const database = new DatabaseSync(join(dataDir, 'state.db'), { readOnly: true });
  try {
    const sql = 'SELECT name, hex(key) AS key, hex(bytes) AS bytes FROM rows JOIN scopes ON scopes.id = rows.scope';
    const rows = database.prepare(sql).all() as { name: string; key: string; bytes: string }[];
    return new Map(rows.map(({ name, key, bytes }) => [`${name} ${key}`, bytes]));
  } finally {
    database.close();
  }
}

/** Scopes of rows that differ, with how many of their bytes do; `new` where there was none. */
export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after].filter(([key, bytes]) => before.get(key) !== bytes).map(([key, bytes]) => {
    const [scope] = key.split(' ');
    const former = before.get(key);
    return former === undefined ? `${scope} new` : `${scope} ${unlike(former, bytes)}`;
  }).sort();
}

function unlike(one: string, other: string): number {
  let count = Math.abs(one.length - other.length) / 2;
  for (let at = 0; at < Math.min(one.length, other.length); at += 2) if (one.slice(at, at + 2) !== other.slice(at, at + 2)) count++;
  return count;
}
