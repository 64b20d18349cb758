import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { proposals } from '../../../src/service/kibana-status.ts';
import { createLog } from '../../../src/service/log.ts';
import { startService, type RunningService } from '../../../src/service/start.ts';
import { ElasticsearchClient } from '../../../src/sinks/elasticsearch.ts';
import { kibanaObjects } from '../../../src/sinks/kibana/objects.ts';
import { ruleId, statusIndex } from '../../../src/sinks/kibana/rule.ts';
import { sharedElasticsearch, uniqueName } from '../../support/servers/shared.ts';
import { root } from '../../support/source.ts';
import { configure, environment, run, temporaryFolder } from '../support.ts';

// From an alert to the note that a status in Kibana becomes, with a real Elasticsearch; Kibana itself is a stand-in.

const folder = temporaryFolder();
const log = join(folder, 'gateway.ndjson');
const [index, space] = [uniqueName('alerts'), uniqueName('space')];
const asked: string[] = [];
const kibana = createServer((request, response) => {
  request.resume().on('end', () => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.end('{"success":true}');
  });
});
let url: string;
let yaml: string;
let client: ElasticsearchClient;
let service: RunningService | null = null;

beforeAll(async () => {
  ({ url } = await sharedElasticsearch());
  client = new ElasticsearchClient({ nodes: [url] });
  await new Promise<void>((resolve) => kibana.listen(0, '127.0.0.1', resolve));
  yaml = `
sources: [{ name: gateway, type: file, paths: ["${log}"], formats: [envoy.access] }]
detectors: { unfamiliar-ip: { learn: 0 } }
sinks:
  - name: siem
    type: elasticsearch
    nodes: ["${url}"]
    index: ${index}
    kibana: { url: "http://127.0.0.1:${(kibana.address() as AddressInfo).port}", space: ${space}, read_status: true }
server: { listen: "127.0.0.1:0" }
store: { dir: "${join(folder, 'store')}" }
`;
  // Half a day in one network, then on in one that is foreign to it.
  writeFileSync(log, Array.from({ length: 60 }, (_, n) => `${JSON.stringify({
    start_time: new Date(Date.UTC(2026, 5, 1) + n * 600_000).toISOString(), duration: 5, method: 'GET', path: '/orders', authority: 'api.example', response_code: 200, response_flags: '-',
    bytes_sent: 20, downstream_remote_address: n < 50 ? '203.0.113.9:4711' : '198.51.100.66:4711', 'x-request-id': `r-${n}`,
    jwt_payload: { iss: 'https://idp.example', sub: 'orders', jti: 'jti-1', iat: 1_780_000_000, exp: 1_990_000_000 },
  })}\n`).join(''));
}, 300_000);
afterAll(async () => {
  service?.stop();
  await service?.ended;
  kibana.close();
});

/** What `elastic setup` prints and ends with. Not waited for synchronously: Kibana stands in this process. */
function setup(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const config = join(folder, 'tokenward.yaml');
  writeFileSync(config, yaml);
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'elastic', 'setup', '--config', config, ...words], { cwd: folder, env: environment });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => { out += part; });
  child.stderr.setEncoding('utf8').on('data', (part: string) => { err += part; });
  return new Promise((resolve) => { child.on('close', (code) => resolve({ code, out, err })); });
}

test('elastic setup puts everything in place, with the key that it is given for that, and prints the least key', async () => {
  const key = join(folder, 'administrator.key');
  writeFileSync(key, 'may-everything\n');
  const { code, out, err } = await setup('--api-key-file', key);
  expect([code, err]).toEqual([0, expect.stringContaining('"encoded"')]);
  const results = JSON.parse(out) as { step: { kind: string; body: unknown }; outcome: string }[];
  expect(results.map(({ step, outcome }) => [step.kind, outcome])).toEqual([
    ['lifecycle', 'missing'], ['alerts', 'done'], ['events', 'done'], ['kibana', 'done'], ['rule', 'done'], ['api_key', 'for_you'],
  ]);
  expect(JSON.stringify(results.at(-1)!.step.body)).toContain(statusIndex(space));
  expect(out + err).not.toContain('may-everything');
  expect(asked).toEqual([
    `POST /s/${space}/api/saved_objects/_import?overwrite=true ApiKey may-everything`, `POST /s/${space}/api/detection_engine/rules ApiKey may-everything`,
  ]);
}, 60_000);

test('a closing in Kibana becomes a note of the alert, which stays open', async () => {
  service = await startService(configure(yaml), createLog({ write: () => undefined }), () => Promise.resolve());
  const api = `http://127.0.0.1:${service.address.port}/api/alerts`;
  const list = async (): Promise<{ id: string }[]> => ((await (await fetch(api)).json()) as { alerts: { id: string }[] }).alerts;
  await expect.poll(async () => (await list()).length, { timeout: 20_000 }).toBeGreaterThan(0);
  const { id } = (await list())[0]!;
  service.stop();
  await service.ended;
  const keyword = { type: 'keyword' };
  const names = ['kibana.alert.uuid', 'kibana.alert.rule.rule_id', 'kibana.alert.workflow_status', 'kibana.alert.original_event.id'];
  const properties = Object.fromEntries([...names.map((name) => [name, keyword]), ['@timestamp', { type: 'date' }]]);
  await client.request('PUT', `/${statusIndex(space)}`, { mappings: { properties } });
  const values = ['u-1', ruleId, 'closed', id];
  const document = Object.fromEntries([['@timestamp', new Date().toISOString()], ...names.map((name, place) => [name, values[place]])]) as object;
  await client.request('PUT', `/${statusIndex(space)}/_doc/1?refresh=true`, document);
  // It asks at the start.
  service = await startService(configure(yaml), createLog({ write: () => undefined }), () => Promise.resolve());
  const detail = async () => (await (await fetch(`http://127.0.0.1:${service!.address.port}/api/alerts/${id}`)).json()) as { status: string; notes?: { by: string; text: string }[] };
  await expect.poll(async () => JSON.stringify(await detail()), { timeout: 20_000 }).toContain(proposals.closed);
  expect(JSON.stringify(await detail())).toContain('kibana (siem)');
  await expect.poll(async () => {
    await client.request('POST', `/${index}-2026.06/_refresh`);
    const answer = await client.request('GET', `/${index}-2026.06/_doc/${id}`);
    return 'failure' in answer ? null : (answer.body as { _source: { tokenward: { alert: { status: string } } } } | null)?._source.tokenward.alert.status;
  }, { timeout: 20_000 }).toBe('open');
}, 90_000);

test('every visualization counts what a real Elasticsearch can count, by the templates as they are put', async () => {
  const alerts = await run([log], { yaml: yaml.replace(/store:.*/, '') });
  const [eventIndex, alertIndex] = ['logs-tokenward.event-kibana', `${index}-2026.07`];
  const send = async (target: string, operation: string, text: string): Promise<void> => {
    const lines = text.trim().split('\n').flatMap((line) => [JSON.stringify({ [operation]: { _index: target } }), line]);
    const answer = await client.bulk(lines, new AbortController().signal);
    expect(answer.kind === 'answered' && answer.items.every(({ status }) => status === 201)).toBe(true);
    await client.request('POST', `/${target}/_refresh`);
  };
  await send(alertIndex, 'index', alerts.alertsText);
  await send(eventIndex, 'create', alerts.eventsText);
  interface Aggregation { readonly id: string; readonly type: string; readonly schema: string; readonly params: { readonly field?: string; readonly size?: number } }
  const failed: string[] = [];
  for (const { type, id, attributes, references } of kibanaObjects({ index })) {
    if (type !== 'visualization') continue;
    const { aggs } = JSON.parse(attributes['visState'] as string) as { aggs: Aggregation[] };
    const own = aggs.filter((one) => one.type !== 'count').map(({ id: name, type: kind, params: { field, size } }) => (
      [name, { [kind]: { field, ...(kind === 'terms' ? { size } : kind === 'date_histogram' ? { fixed_interval: '1d' } : {}) } }]));
    const target = references[0]!.id === 'tokenward-alerts' ? alertIndex : eventIndex;
    const answer = await client.request('POST', `/${target}/_search`, { size: 0, aggs: Object.fromEntries(own) as object });
    if ('failure' in answer || answer.status !== 200) failed.push(id);
  }
  expect(failed).toEqual([]);
}, 90_000);
