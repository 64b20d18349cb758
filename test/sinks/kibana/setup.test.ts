import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { outboundClient } from '../../../src/outbound/client.ts';
import { kibanaObjects } from '../../../src/sinks/kibana/objects.ts';
import { setupKibana, type KibanaTarget } from '../../../src/sinks/kibana/setup.ts';

interface Asked { readonly method: string; readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string }

// A stand-in that takes what Kibana's documentation asks for, and refuses what it does not allow.
const asked: Asked[] = [];
let rules = new Set<string>();
let importFails = false;
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => { body += part; }).on('end', () => {
    const one = { method: request.method!, path: request.url!, headers: request.headers, body };
    asked.push(one);
    const [status, answer] = reply(one);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
});
function reply({ method, path, headers, body }: Asked): [number, object] {
  if (headers['kbn-xsrf'] === undefined) return [400, { message: 'Request must contain a kbn-xsrf header.' }];
  if (headers.authorization !== 'ApiKey good') return [401, {}];
  if (path.endsWith('/api/saved_objects/_import?overwrite=true') && method === 'POST') {
    return fileIn(headers['content-type']!, body) === null ? [400, {}] : [200, { success: !importFails, successCount: 1 }];
  }
  if (!path.endsWith('/api/detection_engine/rules')) return [404, {}];
  const { rule_id: id } = JSON.parse(body) as { rule_id: string };
  if (method === 'POST' && rules.has(id)) return [409, { message: `rule_id: "${id}" already exists` }];
  if (method === 'PUT' && !rules.has(id)) return [404, {}];
  rules.add(id);
  return [200, { id }];
}
/** Lines of the only part of a multipart body, `null` where it is none. */
function fileIn(type: string, body: string): unknown[] | null {
  const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(type)?.[1];
  const [before, part, end] = body.split(`--${boundary}`);
  if (before !== '' || end !== '--\r\n') return null;
  const [head, ...rest] = part!.split('\r\n\r\n');
  if (!/name="file"; filename="[^"]+\.ndjson"/.test(head!)) return null;
  return rest.join('\r\n\r\n').trim().split('\n').map((line) => JSON.parse(line) as unknown);
}

let target: KibanaTarget;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, space: 'default', index: 'tokenward-alerts', authorization: 'ApiKey good' };
});
afterAll(() => server.close());
beforeEach(() => {
  asked.length = 0;
  rules = new Set();
  importFails = false;
});
const setup = (part: Partial<KibanaTarget> = {}) => setupKibana({ ...target, ...part }, outboundClient({ urls: [target.url], allowPrivate: true }));

test('objects and rule are put in place, and again without harm', async () => {
  expect((await setup()).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  expect((await setup()).map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST', 'POST', 'PUT']);
  expect(fileIn(asked[0]!.headers['content-type']!, asked[0]!.body)).toEqual(JSON.parse(JSON.stringify(kibanaObjects(target))));
});

test('another space has its own paths', async () => {
  await setup({ space: 'soc' });
  expect(asked.map(({ path }) => path)).toEqual(['/s/soc/api/saved_objects/_import?overwrite=true', '/s/soc/api/detection_engine/rules']);
});

test('what went wrong is told in a fixed word, also where only a part did', async () => {
  importFails = true;
  expect((await setup()).map(({ outcome, reason }) => [outcome, reason])).toEqual([['failed', 'refused_in_part'], ['done', null]]);
  expect((await setup({ authorization: null })).map(({ reason }) => reason)).toEqual(['http_401', 'http_401']);
  expect((await setup({ url: 'http://127.0.0.1:1' })).map(({ reason }) => reason)).toEqual(['host_not_allowed', 'host_not_allowed']);
});

test('planned, nobody is asked', async () => {
  expect((await setupKibana(target, null)).map(({ step: { kind }, outcome }) => [kind, outcome])).toEqual([['kibana', 'planned'], ['rule', 'planned']]);
  expect(asked).toEqual([]);
});
