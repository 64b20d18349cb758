import { expect, test } from 'vitest';
import { ecsFields } from '../../src/model/ecs.ts';
import { alertMappings, eventMappings } from '../../src/sinks/elasticsearch-mapping.ts';
import { setupElasticsearch } from '../../src/sinks/elasticsearch-setup.ts';

interface Node { readonly type?: string; readonly properties?: Readonly<Record<string, Node>> }

function typeAt(mappings: object, dotted: string): string | undefined {
  let at: Node | undefined = mappings as Node;
  for (const key of dotted.split('.')) at = at?.properties?.[key];
  return at?.type;
}

test('every field of an event is mapped, in events and in alerts', () => {
  for (const mappings of [eventMappings(), alertMappings()]) {
    expect(ecsFields.filter(({ path }) => typeAt(mappings, path.join('.')) === undefined).map(({ path }) => path.join('.'))).toEqual([]);
  }
  const dotted = ['@timestamp', 'source.ip', 'source.port', 'event.outcome', 'tokenward.partial', 'tokenward.alert.observed', 'message', 'event.risk_score', 'related.ip'];
  expect(dotted.map((path) => typeAt(alertMappings(), path))).toEqual(['date', 'ip', 'long', 'keyword', 'boolean', 'object', 'text', 'float', 'ip']);
});

test('a dry run asks the server nothing', async () => {
  const client = { request: () => Promise.reject(new Error('asked')) };
  const results = await setupElasticsearch(client, { dryRun: true, index: 'mine', retentionDays: 400 });
  expect(results.map(({ step, outcome }) => [step.method, step.path, outcome])).toEqual([
    ['PUT', '/_ilm/policy/mine', 'planned'], ['PUT', '/_index_template/mine', 'planned'], ['PUT', '/_index_template/logs-tokenward.event', 'planned'],
  ]);
  expect(results[0]!.step.body).toEqual({ policy: { phases: {
    hot: { actions: { set_priority: { priority: 100 } } },
    warm: { min_age: '62d', actions: { set_priority: { priority: 50 }, forcemerge: { max_num_segments: 1 } } },
    delete: { min_age: '400d', actions: { delete: {} } },
  } } });
  expect(results[1]!.step.body).toMatchObject({ index_patterns: ['mine-*'], template: { settings: { 'lifecycle.name': 'mine' } } });
});

test('nothing is deleted unless that was asked for', async () => {
  const [lifecycle] = await setupElasticsearch({ request: () => Promise.reject(new Error('asked')) }, { dryRun: true });
  expect(JSON.stringify(lifecycle!.step.body)).not.toContain('delete');
});

test('where a lifecycle cannot be had the rest goes on without; any other refusal is told', async () => {
  const asked: object[] = [];
  const lacking = { request: (_method: string, path: string, body?: object) => {
    asked.push(body!);
    return Promise.resolve(path.startsWith('/_ilm') ? { status: 400, body: null, type: 'no_handler' } : { status: 200, body: {}, type: null });
  } };
  const results = await setupElasticsearch(lacking);
  expect(results.map(({ outcome }) => outcome)).toEqual(['missing', 'done', 'done']);
  expect(JSON.stringify(asked.slice(1))).not.toContain('lifecycle.name');
  const forbidden = { request: () => Promise.resolve({ status: 403, body: null, type: 'security_exception' }) };
  expect((await setupElasticsearch(forbidden)).map(({ outcome, reason }) => [outcome, reason])).toEqual(Array(3).fill(['failed', 'security_exception']));
  const away = { request: () => Promise.resolve({ failure: 'unreachable' as const }) };
  expect((await setupElasticsearch(away)).map(({ outcome, reason }) => [outcome, reason])).toEqual(Array(3).fill(['failed', 'unreachable']));
});
