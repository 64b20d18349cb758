import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { KafkaSettingsError } from '../../../src/ingest/kafka/client.ts';
import { requirePackage, SchemaDecoder } from '../../../src/ingest/kafka/schemas.ts';
import { FakeSchemaRegistry } from '../../support/schema-registry.ts';
import { sharedKafka } from '../../support/servers/shared.ts';
import { type Bench, eventually, openBench, Recorder } from './support.ts';

let bench: Bench;
let registry: FakeSchemaRegistry;
let url: string;
beforeAll(async () => { bench = await openBench((await sharedKafka()).broker); }, 300_000);
beforeEach(async () => {
  registry = new FakeSchemaRegistry();
  url = await registry.start();
  registry.schemas.set(1, { schema: JSON.stringify({ type: 'record', name: 'Call', fields: [{ name: 'n', type: 'long' }, { name: 'raw', type: 'bytes' }] }) });
  registry.schemas.set(2, { schema: 'syntax = "proto3"; message Call { string name = 1; uint64 n = 2; }', schemaType: 'PROTOBUF' });
  registry.schemas.set(3, { schema: '{"$schema":"https://json-schema.org/draft/2020-12/schema"}', schemaType: 'JSON' });
  registry.schemas.set(4, { schema: JSON.stringify({ type: 'record', name: 'Many', fields: [{ name: 'items', type: { type: 'array', items: 'null' } }] }) });
  registry.schemas.set(6, { schema: JSON.stringify({ type: 'record', name: 'Named', fields: [{ name: 'items', type: { type: 'map', values: 'null' } }] }) });
  registry.schemas.set(5, { schema: '{"type":"nonsense"}' });
});
afterEach(async () => { await bench.stopSources(); await registry.stop(); });
afterAll(() => bench.end());

const broken = { status: 500, body: '{"error_code":50001,"message":"Error in the backend data store"}' };

function framed(id: number, ...payload: number[]): Buffer {
  return Buffer.from([0, 0, 0, 0, id, ...payload]);
}

const call = framed(1, 14, 4, 104, 105);
const protobuf = framed(2, 0, 10, 1, 97, 16, 9);
const most = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
/** 2^62 entries, of which nothing is there: the library reads on behind the end. */
const endless = framed(6, ...most, 0);
/** Many items, none of which takes a byte: 2^62, 4,000,000,000, and a few thousand. */
const tooMany = [framed(4, ...most, 0), framed(4, 0x80, 0xa0, 0xd9, 0xe6, 0x1d, 0)];
const few = framed(4, 0x80, 0x40, 0);
const json = Buffer.concat([framed(3), Buffer.from('{"n":3}')]);

test('Avro, Protobuf and JSON are read, what cannot be decoded is refused in its place', async () => {
  const topic = await bench.topic();
  const wide = framed(1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0);
  const values = [call, framed(99, 1), protobuf, Buffer.from('{"n":2}'), json, framed(1, 200), framed(5, 1), framed(2, 2, 1, 8, 1), framed(1), wide];
  await bench.produce(topic, values.map((value) => ({ value })));
  const receiver = new Recorder();
  await bench.source(receiver, [topic], { schemaRegistry: { url } });
  await eventually(() => expect(receiver.texts()).toEqual([
    '{"n":7,"raw":"aGk="}', 'bad_envelope', '{"name":"a","n":"9"}', '{"n":2}', '{"n":3}', ...Array.from({ length: 4 }, () => 'bad_envelope'),
    '{"n":"9223372036854775807","raw":""}',
  ]));
  expect(new Set(registry.requests)).toEqual(new Set([1, 99, 2, 3, 5].map((id) => `GET /schemas/ids/${id}`)));
  expect(receiver.deliveries.flatMap(({ items }) => items)[1]).toMatchObject({ detail: 'The value is framed with the id of a schema that the registry does not know.' });
}, 30_000);

test('a registry that is down is waited for, health says so, and nothing is lost', async () => {
  const topic = await bench.topic();
  registry.refusal = broken;
  await bench.produce(topic, [{ value: '{"n":0}' }, { value: call }]);
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], { schemaRegistry: { url } });
  await eventually(() => expect(source.health()).toMatchObject({ ok: false, detail: expect.stringContaining('schema 1 cannot be fetched from the registry (status 500)') }));
  expect(receiver.positions.size).toBe(0);
  registry.refusal = null;
  await eventually(() => expect(receiver.texts()).toEqual(['{"n":0}', '{"n":7,"raw":"aGk="}']));
  expect(source.health().ok).toBe(true);
}, 40_000);

test('a source stops while it waits, without moving its position', async () => {
  const topic = await bench.topic();
  registry.refusal = broken;
  await bench.produce(topic, [{ value: call }]);
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], { schemaRegistry: { url } });
  await eventually(() => expect(source.health().detail).toContain('framed records wait'));
  await source.stop();
  expect(receiver.deliveries).toEqual([]);
}, 40_000);

test.each([
  [404, '{"error_code":404,"message":"HTTP 404 Not Found"}'], [404, '<html>no such page</html>'], [404, '"40403"'], [401, '{"error_code":40403}'], [503, ''],
])('an answer %i %s says nothing of the schema', async (status, body) => {
  const decoder = new SchemaDecoder({ url });
  registry.refusal = { status, body };
  const decoding = decoder.decode([call], () => true);
  await eventually(() => expect(decoder.problem).toBe(`schema 1 cannot be fetched from the registry (status ${status})`));
  registry.refusal = null;
  expect((await decoding)!.map(String)).toEqual(['{"n":7,"raw":"aGk="}']);
  expect(decoder.problem).toBeNull();
  await decoder.close();
}, 40_000);

test('schemas that refer to others are read with them', async () => {
  registry.schemas.set(7, { schema: '{"type":"record","name":"Owner","fields":[{"name":"id","type":"string"}]}' });
  registry.schemas.set(8, {
    schema: '{"type":"record","name":"Use","fields":[{"name":"owner","type":"Owner"}]}', references: [{ name: 'Owner', subject: 'owner-value', version: 2 }],
  });
  registry.versions.set('owner-value/2', 7);
  const decoder = new SchemaDecoder({ url });
  expect((await decoder.decode([framed(8, 4, 104, 105)], () => true))!.map(String)).toEqual(['{"owner":{"id":"hi"}}']);
  await decoder.close();
}, 40_000);

test('a value without end is refused, and those beside it are decoded', async () => {
  const decoder = new SchemaDecoder({ url });
  const found = await decoder.decode([call, endless, ...tooMany, few, call], () => true);
  const nulls = `{"items":[${Array(4096).fill('null').join(',')}]}`;
  expect(found!.map(String)).toEqual(['{"n":7,"raw":"aGk="}', 'overrun', 'undecodable', 'undecodable', nulls, '{"n":7,"raw":"aGk="}']);
  await decoder.close();
}, 40_000);

test('credentials are sent; settings that cannot work are refused', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'registry-'));
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, 'secret\n');
  const decoder = new SchemaDecoder({ url, username: 'app', passwordFile });
  await decoder.decode([call], () => true);
  expect(registry.authorizations).toEqual([`Basic ${Buffer.from('app:secret').toString('base64')}`]);
  await decoder.close();
  rmSync(dir, { recursive: true });
  expect(() => new SchemaDecoder({ url, username: 'app', passwordFile })).toThrow(KafkaSettingsError);
  expect(() => new SchemaDecoder({ url, username: 'app' })).toThrow('needs both');
  expect(() => requirePackage('no-such-package')).toThrow(/npm install no-such-package/);
});
