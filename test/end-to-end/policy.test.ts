import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Intent } from '../../src/model/intent.ts';
import { openStore } from '../../src/store/open.ts';
import { hourMs, dayMs, live, logsOf, type Life, type Service } from '../support/logs/company.ts';
import type { AccessToken, Request } from '../support/logs/records.ts';
import { run, tokenward, temporaryFolder, type Run } from './support.ts';

// What policy proposes for a theft, in history that is read by `replay`: nothing is ever done there.
const days = 28;
const startMs = Date.UTC(2026, 0, 5);
const theftMs = startMs + days * dayMs - 20 * hourMs;

/** Six workloads in networks of their own, all with the one token of the first. */
const workloads: readonly Service[] = ['rates', 'labels', 'customs', 'invoices', 'parcels', 'zones'].map((name, place) => ({
  clientId: 'shipping', subject: 'sub-shipping', addressOn: () => `10.60.${place}.15`, agent: `${name}/2.${place} okhttp/4.12`, host: 'api.freight.example',
  paths: [`/v1/${name}`, `/v1/${name}/items`], callsADay: 20, typicalBytes: 8_000, tokenHours: null,
}));
const alone: Service = { ...workloads[0]!, clientId: 'calculator', subject: 'sub-calculator', addressOn: () => '10.61.1.15', agent: 'calculator/1' };

let shared: Life;
let own: Life;
let folder: string;

/** A token's theft: much, from the range of a commercial VPN. */
function steal(token: AccessToken, name: string, calls = 120): Request[] {
  return Array.from({ length: calls }, (_, page) => ({
    startMs: theftMs + page * 1500, durationMs: 400, token, address: '185.213.154.77', agent: 'Wget/1.21.4', host: 'staging.freight.example',
    path: `/dump/${page}`, bytesSent: 6_000_000, requestId: `${name}-${page}`,
  }));
}

function yaml(more = ''): string {
  const secret = join(folder, 'secret');
  writeFileSync(secret, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU', { mode: 0o600 });
  return `identity: { fingerprint_key_file: ${secret} }
policy:
  - name: stolen
    match: { severity: high, token_kinds: [jwt] }
    plan: [{ do: pin, by: holder }, { do: deny, by: holder }, { do: revoke, by: holder }, { do: notify, by: holder }]
    mode: enforce
respond:
  caps: {}
  actions: [{ name: holder, type: webhook, url: "https://holder.example", secret_file: ${secret}, does: [pin, deny, revoke, notify] }]
${more}`;
}

async function proposed(requests: readonly Request[], more = ''): Promise<{ readonly result: Run; readonly intents: Intent[]; readonly dataDir: string; readonly config: string }> {
  const logs = join(folder, 'gateway.ndjson');
  writeFileSync(logs, logsOf([shared, own], requests).gateway);
  const dataDir = temporaryFolder();
  const config = join(temporaryFolder(), 'tokenward.yaml');
  writeFileSync(config, yaml(more));
  const result = await run([logs], { yaml: yaml(more), dataDir });
  const store = openStore(dataDir, { readOnly: true });
  const intents = store.effects.responses.intents();
  await store.close();
  return { result, intents: intents.sort((a, b) => a.step - b.step), dataDir, config };
}

beforeAll(() => {
  folder = temporaryFolder();
  const lives = workloads.map((service, place) => live(service, { seed: 11 + place, startMs, days }));
  const token = lives[0]!.last;
  shared = { ...lives[0]!, requests: lives.flatMap(({ requests }) => requests.map((request) => ({ ...request, token }))) };
  own = live(alone, { seed: 99, startMs, days });
});

test('six workloads share one token: the plan names all six, cuts nobody off and pins', async () => {
  const { result, intents, dataDir, config } = await proposed(steal(shared.last, 'theft'));
  expect(new Set(intents.map(({ target }) => target.handle))).toEqual(new Set([shared.last.jti]));
  expect(intents.map(({ kind, refused, state }) => [kind, refused, state])).toEqual([
    ['pin', null, 'proposed'], ['deny', 'would_break_others', 'proposed'], ['revoke', 'would_break_others', 'proposed'], ['notify', null, 'proposed'],
  ]);
  const [pin] = intents as [Intent];
  expect(pin.keepNetworks).toEqual(workloads.map((_, place) => `10.60.${place}.0/24`));
  expect(pin.dependents.filter(({ suspect }) => !suspect).map(({ name }) => name).sort())
    .toEqual(workloads.map(({ agent }, place) => `${agent.split('/')[0]} from 10.60.${place}.0/24`).sort());
  expect(pin.dependents.filter(({ suspect }) => suspect).map(({ name }) => name)).toEqual(['Wget from 185.213.154.0/24']);
  expect([pin.mode, pin.lowered]).toEqual(['enforce', null]);
  expect(result.statistics.intents).toBe(4);
  for (const alert of result.alerts) {
    expect(alert.tokenward.response).toEqual(intents.map(({ id, action, mode }) => ({ id, action, mode, state: 'proposed' })));
  }
  const { status, stdout } = tokenward(['respond', 'plan', result.alerts[0]!.event.id, '--data-dir', dataDir, '-c', config]);
  expect(status).toBe(0);
  expect(stdout).toContain(`rule   stolen (${config}:3:5), the first that matches`);
  expect(stdout).toMatch(/2\. deny by holder +\[\S+, proposed\]\n +refused +more others were seen/);
  for (const { agent } of workloads) expect(stdout).toContain(`${agent.split('/')[0]} from 10.60.`);
  expect(stdout).not.toContain('waits');
  const explained = tokenward(['explain', result.alerts[0]!.event.id, '--data-dir', dataDir]).stdout;
  expect(explained).toMatch(/If the token is cut\n[^]*Wget from 185\.213\.154\.0\/24 +suspect[^]*rates from 10\.60\.0\.0\/24 +user/);
});

test('a token that one workload uses may be cut; the pin keeps that workload\'s own network', async () => {
  const { intents } = await proposed(steal(own.last, 'theft'));
  expect(intents.map(({ kind, refused, keepNetworks }) => [kind, refused, keepNetworks])).toEqual([
    ['pin', null, ['10.61.1.0/24']], ['deny', null, []], ['revoke', null, []], ['notify', null, []],
  ]);
  expect(intents[0]!.target).toMatchObject({ handle: own.last.jti, issuer: 'https://login.example.org/realms/freight', tokenKind: 'jwt', userId: 'sub-calculator' });
});

test('two runs propose the same, whatever else is in the logs', async () => {
  const thefts = [...steal(own.last, 'one'), ...steal(shared.last, 'two')];
  const [first, second] = [await proposed(thefts), await proposed(thefts)];
  expect(second.result.alertsText === first.result.alertsText).toBe(true);
  const bare = (intents: readonly Intent[]): unknown[] => intents.map((intent) => ({ ...intent, version: 0 })).sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(bare(second.intents)).toEqual(bare(first.intents));
  expect(first.intents).toHaveLength(8);
});

describe('nothing is proposed', () => {
  test('without a policy', async () => {
    const logs = join(temporaryFolder(), 'gateway.ndjson');
    writeFileSync(logs, logsOf([shared, own], steal(own.last, 'theft')).gateway);
    const { alerts, statistics } = await run([logs]);
    expect([alerts.length > 0, statistics.intents, alerts[0]!.tokenward.response]).toEqual([true, 0, []]);
  });

  test('without a theft', async () => {
    expect((await proposed([])).intents).toEqual([]);
  });

  test('against a victim whose id stands in calls that the gateway refused', async () => {
    const forged = steal(own.last, 'forged').map((request) => ({ ...request, status: 401 }));
    const { intents, result } = await proposed(forged);
    expect(intents).toEqual([]);
    expect(result.statistics.intents).toBe(0);
    // The later theft is still answered, and the forgeries stand among nobody's users.
    const after = await proposed([...forged, ...steal(own.last, 'theft').map((request) => ({ ...request, startMs: request.startMs + hourMs, address: '146.70.120.9' }))]);
    expect(after.intents.map(({ refused }) => refused)).toEqual([null, null, null, null]);
    expect(after.intents[0]!.dependents.map(({ networks }) => networks)).toEqual(expect.arrayContaining([['10.61.1.0/24']]));
    expect(after.intents[0]!.dependents.flatMap(({ networks }) => networks)).not.toContain('185.213.154.0/24');
  });
});

test('what is never to be acted upon is only told of', async () => {
  const { intents } = await proposed(steal(own.last, 'theft'), '  never_revoke: [{ client: calculator }, { identity: sub-calculator }]\n');
  expect(intents.map(({ kind, refused }) => [kind, refused])).toEqual([
    ['pin', 'never_revoke'], ['deny', 'never_revoke'], ['revoke', 'never_revoke'], ['notify', null],
  ]);
});
