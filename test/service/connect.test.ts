import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tryServers } from '../../src/service/connect.ts';
import { configure } from '../end-to-end/support.ts';

let status = 200;
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  response.writeHead(status).end('{}');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const problemOf = async (yaml: string, what: string): Promise<string | null> => (await tryServers(configure(yaml))).find((attempt) => attempt.what === what)!.problem;
const kibana = (address: string): string => `sinks: [{ name: siem, type: elasticsearch, nodes: ["http://127.0.0.1:1"], kibana: { url: "${address}" } }]\n`;

test('Kibana is asked how it is, with or without an account', async () => {
  expect(await problemOf(kibana(`${url}/`), 'Kibana of sink siem')).toBeNull();
  status = 401;
  expect(await problemOf(kibana(url), 'Kibana of sink siem')).toBeNull();
  status = 503;
  expect(await problemOf(kibana(url), 'Kibana of sink siem')).toBe('answers 503');
  expect(await problemOf(kibana('http://127.0.0.1:1'), 'Kibana of sink siem')).toBe('unreachable');
  expect(await problemOf(kibana('http://kibana.example.org'), 'Kibana of sink siem')).toMatch(/^its URL /);
  expect(asked).toEqual(Array(3).fill('GET /api/status'));
});

test('the heartbeat\'s address is checked and not called', async () => {
  asked.length = 0;
  expect(await problemOf(`server: { heartbeat: { url: "${url}/ping", allow_private: true } }\n`, 'heartbeat')).toBeNull();
  expect(await problemOf('server: { heartbeat: { url: "http://ping.example.org/x" } }\n', 'heartbeat')).toMatch(/^its URL /);
  expect(asked).toEqual([]);
});
