import { beforeAll, expect, test } from 'vitest';
import type { Alert, AlertNote } from '../../src/model/alert.ts';
import { KibanaStatuses, proposals } from '../../src/service/kibana-status.ts';
import { createLog } from '../../src/service/log.ts';
import { ElasticsearchClient } from '../../src/sinks/elasticsearch.ts';
import { ruleId, statusIndex } from '../../src/sinks/kibana/rule.ts';
import { readStatuses } from '../../src/sinks/kibana/status.ts';
import { ManualTiming } from '../sinks/support.ts';
import { sharedElasticsearch, uniqueName } from '../support/servers/shared.ts';

// A real Elasticsearch, with documents as Kibana's rules write them.

let url = '';
let client: ElasticsearchClient;
const space = uniqueName('space');
beforeAll(async () => {
  ({ url } = await sharedElasticsearch());
  client = new ElasticsearchClient({ nodes: [url] });
  const keyword = { type: 'keyword' };
  const names = ['kibana.alert.uuid', 'kibana.alert.rule.rule_id', 'kibana.alert.workflow_status', 'kibana.alert.original_event.id'];
  const properties = Object.fromEntries([...names.map((name) => [name, keyword]), ['@timestamp', { type: 'date' }]]);
  await client.request('PUT', `/${statusIndex(space)}`, { mappings: { properties } });
}, 240_000);

let written = 0;
async function inKibana(alertId: string, status: string, part: object = {}): Promise<void> {
  const document = {
    '@timestamp': new Date().toISOString(), 'kibana.alert.uuid': `u-${written++}`, 'kibana.alert.rule.rule_id': ruleId, 'kibana.alert.workflow_status': status,
    'kibana.alert.original_event.id': alertId, ...part,
  };
  const put = await client.request('PUT', `/${statusIndex(space)}/_doc/${alertId}-${written}?refresh=true`, document);
  expect(put).toMatchObject({ status: 201 });
}

function rig(alerts: Record<string, Partial<Alert>>, part: Partial<ConstructorParameters<typeof KibanaStatuses>[0]> = {}) {
  const notes: { id: string; text: string; by: string }[] = [];
  const lines: string[] = [];
  const statuses = new KibanaStatuses({
    sink: 'siem', space, client, timing: new ManualTiming(), log: createLog({ write: (line) => lines.push(line) }), alert: (id) => (alerts[id] ?? null) as Alert | null,
    triage: { note: (id, text, by) => {
      notes.push({ id, text, by });
      ((alerts[id]!.notes as AlertNote[] | undefined) ??= []).push({ atMs: 0, by, text });
      return { ok: true };
    } },
    ...part,
  });
  return { statuses, notes, lines };
}

test('a status that somebody set comes back as a note, once; only that of our rule, and of alerts that are open here', async () => {
  const name = uniqueName('alert');
  const ids = ['closed', 'seen', 'open', 'settled', 'foreign'].map((what) => `${name}-${what}`) as [string, string, string, string, string];
  await inKibana(ids[0], 'acknowledged');
  await inKibana(ids[0], 'closed');
  await inKibana(ids[1], 'acknowledged');
  await inKibana(ids[2], 'open');
  await inKibana(ids[3], 'closed');
  await inKibana(ids[4], 'closed', { 'kibana.alert.rule.rule_id': 'another' });
  const alerts: Record<string, Partial<Alert>> = Object.fromEntries(ids.map((id) => [id, { status: 'open' }]));
  alerts[ids[3]] = { status: 'closed' };
  const { statuses, notes } = rig(alerts);
  await statuses.look();
  await statuses.look();
  expect(new Set(notes.map(({ id, text, by }) => [id, text, by].join('|')))).toEqual(new Set([
    `${ids[0]}|${proposals.closed}|kibana (siem)`, `${ids[1]}|${proposals.acknowledged}|kibana (siem)`,
  ]));
  expect(notes).toHaveLength(2);
  expect(alerts[ids[0]]!.status).toBe('open');
});

test('more than a page of them is read to the end', async () => {
  const name = uniqueName('many');
  const lines = Array.from({ length: 700 }, (_, n) => [
    JSON.stringify({ index: { _index: statusIndex(space), _id: `${name}-${n}` } }),
    JSON.stringify({
      '@timestamp': new Date(Date.now() - n).toISOString(), 'kibana.alert.uuid': `${name}-${n}`, 'kibana.alert.rule.rule_id': ruleId, 'kibana.alert.workflow_status': 'acknowledged',
      'kibana.alert.original_event.id': `${name}-${n}`,
    }),
  ]).flat();
  expect(await client.bulk(lines, new AbortController().signal)).toMatchObject({ kind: 'answered' });
  await client.request('POST', `/${statusIndex(space)}/_refresh`);
  const { statuses, notes } = rig(Object.fromEntries(Array.from({ length: 700 }, (_, n) => [`${name}-${n}`, { status: 'open' }])));
  await statuses.look();
  expect(notes).toHaveLength(700);
});

test('a space without alerts, and a cluster that is away, do no harm', async () => {
  const nowhere = rig({}, { space: uniqueName('nowhere') });
  await nowhere.statuses.look();
  expect([nowhere.notes, nowhere.lines]).toEqual([[], []]);
  const away = rig({}, { client: new ElasticsearchClient({ nodes: ['http://127.0.0.1:1'] }) });
  await away.statuses.look();
  expect(away.lines.join('')).toContain('"reason":"unreachable"');
});

test('an answer that is none, or whose fields are of another kind, is read as far as it goes', () => {
  expect(readStatuses({})).toBeNull();
  expect(readStatuses(null)).toBeNull();
  const hit = (id: unknown, status: unknown, sort: unknown = [1]): object => ({ fields: { 'kibana.alert.original_event.id': id, 'kibana.alert.workflow_status': status }, sort });
  const read = readStatuses({ hits: { hits: [
    hit(['a'], ['closed']), hit('a', 'closed'), hit(['b'], ['open']), hit([{}], ['closed']), hit(['x'.repeat(600)], ['closed']), hit(['c'], ['closed'], 'x'), {},
  ] } });
  expect(read).toEqual({ hits: [{ alertId: 'a', status: 'closed', after: [1] }], isFull: false });
});
