import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compare } from '../../src/cli/backtest/compare.ts';
import { outcomeOf, type AlertLine, type BacktestRequest } from '../../src/cli/backtest/outcome.ts';
import { summarizeResponse } from '../../src/cli/backtest/response.ts';
import { openStore } from '../../src/store/open.ts';
import { dayMs, hourMs, live, logsOf, type Life, type Service } from '../support/logs/company.ts';
import { writtenMs, type Request } from '../support/logs/records.ts';
import { ServiceProcess } from './service/child.ts';
import { configure, run, temporaryFolder, tokenward } from './support.ts';

// A service in which a token is stolen twice: what a change would have changed is compared with what then happens.
const days = 28;
const startMs = Date.UTC(2026, 0, 5);
const cutMs = startMs + 20 * dayMs;
const calculator: Service = {
  clientId: 'calculator', subject: 'sub-calculator', addressOn: () => '10.61.1.15', agent: 'calculator/1.0', host: 'api.freight.example',
  paths: ['/v1/rates', '/v1/zones'], callsADay: 24, typicalBytes: 8_000, tokenHours: null,
};
const request: BacktestRequest = {
  paths: [], format: null, dataDir: null, fromMs: null, progress: { update: () => undefined, done: () => undefined }, warn: () => undefined,
};
let life: Life;
let folder: string;
let files: { readonly whole: string; readonly first: string; readonly second: string };

function steal(atMs: number, address: string): Request[] {
  return Array.from({ length: 40 }, (_, page) => ({
    startMs: atMs + page * 1500, durationMs: 400, token: life.last, address, agent: 'Wget/1.21.4', host: 'staging.freight.example',
    path: `/dump/${page}`, bytesSent: 6_000_000, requestId: `${address}-${page}`,
  }));
}

function put(name: string, requests: readonly Request[]): string {
  const file = join(folder, name);
  writeFileSync(file, logsOf([{ ...life, requests: [...requests] }]).gateway);
  return file;
}

beforeAll(() => {
  folder = temporaryFolder();
  life = live(calculator, { seed: 4, startMs, days });
  const requests = [...life.requests, ...steal(startMs + 18 * dayMs, '185.213.154.77'), ...steal(startMs + 26 * dayMs + hourMs, '193.138.218.5')];
  files = {
    whole: put('whole.ndjson', requests), first: put('first.ndjson', requests.filter((one) => writtenMs(one) < cutMs)),
    second: put('second.ndjson', requests.filter((one) => writtenMs(one) >= cutMs)),
  };
});

const exception = JSON.stringify({
  exceptions: [{
    name: 'new-datacentre', kind: 'migration', match: { client: 'calculator' }, detectors: ['unfamiliar-ip'], networks: ['193.138.218.0/24'],
    reason: 'CHG-1', author: 'ann', approver: 'ben', from: '2026-01-01', expires: '2026-03-01',
  }],
});

/** Every byte that a folder keeps; what SQLite puts beside an open file is none of it. */
function bytesOf(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir).filter((file) => !/-(?:wal|shm)$/.test(file)).toSorted()) hash.update(name).update(readFileSync(join(dir, name)));
  return hash.digest('hex');
}

/** All but the id: an access log has no ids, so they are made of places, which a file that grows names otherwise than one that is closed. */
const shown = ({ startMs, createdMs, endMs, detector, severity, reason }: Pick<AlertLine, 'startMs' | 'createdMs' | 'endMs' | 'detector' | 'severity' | 'reason'>): string =>
  JSON.stringify([startMs, createdMs, endMs, detector, severity, reason]);

/** What was raised after the first part, as a service has stored it. These logs ended months before the service's own clock: that is no news. */
async function newAlerts(dir: string): Promise<string[]> {
  const store = openStore(dir, { readOnly: true });
  const alerts = [...store.effects.alerts()].filter(({ createdMs, detector }) => createdMs >= cutMs && detector !== 'log-silence');
  await store.close();
  return alerts.map(shown).toSorted();
}

describe('a prediction', () => {
  test('is what the live run then does, from the same state, which stays as it was', async () => {
    const dataDir = temporaryFolder();
    const reading = (paths: readonly string[]): string => JSON.stringify({
      sources: [{ name: 'gateway', paths, formats: ['envoy.access'] }], store: { dir: dataDir }, server: { listen: '127.0.0.1:0' },
    });
    const yaml = reading([files.first, files.second]);
    const config = join(folder, 'live.yaml');
    writeFileSync(config, reading([files.second]));
    await run([files.first], { dataDir, yaml });
    const before = bytesOf(dataDir);
    const predicted = await outcomeOf(configure(yaml), { ...request, paths: [files.second], dataDir });
    expect(bytesOf(dataDir)).toBe(before);
    expect(predicted.alerts.length).toBeGreaterThan(0);
    const service = new ServiceProcess(config, folder, { untouched: true });
    const expected = predicted.alerts.map(shown).toSorted();
    await expect.poll(() => newAlerts(dataDir), { timeout: 15_000, interval: 250 }).toEqual(expected);
    service.signal('SIGTERM');
    expect((await service.ended).code).toBe(0);
    expect(await newAlerts(dataDir)).toEqual(expected);
  });

  test('also while the service that it is about stands there, its folder locked', async () => {
    const dataDir = temporaryFolder();
    await run([files.first], { dataDir });
    const writing = openStore(dataDir);
    const outcome = await outcomeOf(configure(''), { ...request, paths: [files.second], dataDir });
    await writing.close();
    expect(outcome.alerts.length).toBeGreaterThan(0);
  });
});

describe('a change', () => {
  test('that changes nothing changes nothing', async () => {
    const outcome = await outcomeOf(configure(''), { ...request, paths: [files.whole] });
    const { appear, vanish, changed, same, days: told } = compare(outcome, await outcomeOf(configure('store: { checkpoint_every: 9s }'), { ...request, paths: [files.whole] }));
    expect([appear, vanish, changed]).toEqual([[], [], []]);
    expect(same).toBe(outcome.alerts.length);
    expect(told.map(({ day }) => day)).toEqual(['2026-01-23', '2026-01-31']);
  });

  test('an exception makes the alert vanish that it hides, and says so', async () => {
    const [before, after] = [await outcomeOf(configure(''), { ...request, paths: [files.whole] }), await outcomeOf(configure(exception), { ...request, paths: [files.whole] })];
    const { vanish, appear } = compare(before, after);
    expect(vanish.map(({ before: { detector }, after: now }) => [detector, now?.hiddenBy])).toEqual([['unfamiliar-ip', 'new-datacentre']]);
    expect(appear).toEqual([]);
  });

  test('a rule adds its alerts; what is before --from only teaches', async () => {
    const rule = join(folder, 'wget.yaml');
    const match = 'user_agent.original.startsWith("Wget/") && baseline.events > 100';
    writeFileSync(rule, `id: wget\ntitle: Wget\nseverity: low\nmessage: "{user_agent.original} from {source.ip}"\nmatch: ${match}\ndeviates: network\n`);
    const about = { ...request, paths: [files.whole], fromMs: cutMs };
    const { appear, vanish } = compare(await outcomeOf(configure(''), about), await outcomeOf(configure(`rules: [${rule}]`), about));
    expect(appear.map(({ detector, reason }) => [detector, reason])).toEqual([['rule:wget', 'Wget/1.21.4 from 193.138.218.5.']]);
    expect(vanish).toEqual([]);
  });

  test('of the policy: what would have been proposed, and whom that would have cut off', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU', { mode: 0o600 });
    const policy = (dependents: number): string => JSON.stringify({
      policy: [{ name: 'stolen', match: { severity: 'high' }, plan: [{ do: 'deny', by: 'holder' }], mode: 'approve' }],
      respond: { max_dependents: dependents, actions: [{ name: 'holder', type: 'webhook', url: 'https://holder.example', secret_file: secret, does: ['deny'] }] },
    });
    const [strict, lax] = [await outcomeOf(configure(policy(0)), { ...request, paths: [files.whole] }), await outcomeOf(configure(policy(5)), { ...request, paths: [files.whole] })];
    expect(summarizeResponse(strict.intents)).toMatchObject({ byMode: { refused: strict.intents.length }, reasons: { would_break_others: strict.intents.length }, cutOff: [] });
    const { steps, byRule, byAction, cutOff } = summarizeResponse(lax.intents);
    expect(steps).toBeGreaterThan(0);
    expect([byRule, byAction]).toEqual([{ stolen: steps }, { 'deny by holder': steps }]);
    expect(cutOff.map(({ name, tokens }) => [name, tokens])).toEqual([['calculator from 10.61.1.0/24', [life.last.jti]]]);
  });
});

test('the command prints a table, or JSON', () => {
  const after = join(folder, 'after.yaml');
  writeFileSync(after, exception);
  const { stdout, status } = tokenward(['backtest', '-c', after, '--respond', files.whole]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/hidden by exceptions +0 +1/);
  expect(stdout).toMatch(/vanish \(1\)\n {2}2026-01-31T\S+ {2}\w+ +unfamiliar-ip {2}calculator.* \(hidden by new-datacentre\)/);
  const data = JSON.parse(tokenward(['backtest', '-c', after, '--json', files.whole]).stdout) as { alerts: { before: number; after: number }; vanish: object[] };
  expect(data.alerts.before - data.alerts.after).toBe(1);
  expect(data.vanish).toEqual([expect.objectContaining({ hidden_by: 'new-datacentre', detector: 'unfamiliar-ip' })]);
  const { status: refused, stderr } = tokenward(['backtest', '-c', after, '--from', 'spring', files.whole]);
  expect([refused, stderr]).toEqual([2, expect.stringContaining('is no time')]);
});
