import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes, type AclEntry } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { KafkaConnection } from '../../../src/ingest/kafka/client.ts';
import { lackingRights } from '../../../src/ingest/kafka/rights.ts';
import { sampleTopic } from '../../../src/ingest/kafka/sample.ts';
import { createKafkaProducer } from '../../../src/sinks/kafka.ts';
import { kafkaPasswords, startKafka, type Kafka } from '../../support/servers/kafka.ts';
import { type Bench, eventually, numbered, openBench, Recorder } from './support.ts';

// A broker that asks an authorizer. Whoever comes without a password may do anything: it is who gives the rights.

let kafka: Kafka;
let bench: Bench;
let topic: string;
let alerts: string;
let connection: KafkaConnection;
let admin: ReturnType<kafkajs.Kafka['admin']>;

beforeAll(async () => {
  kafka = await startKafka({ properties: {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer', 'super.users': 'User:ANONYMOUS', 'allow.everyone.if.no.acl.found': 'false',
  } });
  bench = await openBench(kafka.broker);
  [topic, alerts] = [await bench.topic(), await bench.topic()];
  await bench.produce(topic, numbered(3));
  admin = new kafkajs.Kafka({ brokers: [kafka.broker], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  const passwordFile = join(mkdtempSync(join(tmpdir(), 'tokenward-rights-')), 'password');
  writeFileSync(passwordFile, kafkaPasswords['scram-sha-512']);
  connection = { brokers: [kafka.securedBroker], clientId: 'tokenward', ssl: { caFile: kafka.caFile }, sasl: { mechanism: 'scram-sha-512', username: 'app', passwordFile } };
}, 300_000);
afterAll(async () => {
  await admin?.disconnect();
  await bench?.end();
  await kafka?.stop();
});

const { READ, WRITE, DESCRIBE } = AclOperationTypes;
const right = (operation: AclOperationTypes, resourceType: AclResourceTypes, resourceName: string, pattern = ResourcePatternTypes.LITERAL): AclEntry =>
  ({ principal: 'User:app', host: '*', operation, permissionType: AclPermissionTypes.ALLOW, resourceType, resourceName, resourcePatternType: pattern });
const given: AclEntry[] = [];

/** As docs/kafka.md lists them. */
const readsTopic = (): AclEntry => right(READ, AclResourceTypes.TOPIC, topic);
const joinsGroup = (): AclEntry => right(READ, AclResourceTypes.GROUP, 'tokenward', ResourcePatternTypes.PREFIXED);
const writesAlerts = (): AclEntry => right(WRITE, AclResourceTypes.TOPIC, alerts);

/** From now on the user may do this, and nothing else. */
async function give(...rights: readonly AclEntry[]): Promise<void> {
  const filters = given.splice(0).map(({ resourcePatternType, ...acl }) => ({ ...acl, resourcePatternType }));
  if (filters.length > 0) await admin.deleteAcls({ filters });
  given.push(...rights);
  if (rights.length > 0) await admin.createAcls({ acl: [...rights] });
  // Brokers hear of it a little later.
  const any = { resourceType: AclResourceTypes.ANY, resourcePatternType: ResourcePatternTypes.ANY, operation: AclOperationTypes.ANY, permissionType: AclPermissionTypes.ANY };
  await eventually(async () => expect((await admin.describeAcls(any as never)).resources.flatMap(({ acls }) => acls)).toHaveLength(rights.length));
}
afterEach(() => give());

const lacking = (): Promise<string[]> => lackingRights(connection, { reads: [topic], writes: [alerts], groups: ['tokenward'] });
const unseen = (name: string): string => `has no topic ${name}, or this user may not DESCRIBE it`;
const sample = async (): Promise<number> => {
  let count = 0;
  for await (const records of sampleTopic(connection, topic, 10)) count += records.length;
  return count;
};
const send = async () => {
  const producer = createKafkaProducer(connection, 10_000);
  const answer = await producer.send(alerts, [{ key: 'k', value: 'v', headers: {} }], AbortSignal.timeout(20_000));
  await producer.close();
  return answer;
};

test('with exactly the rights of the table it reads, commits, looks and writes', async () => {
  await give(readsTopic(), joinsGroup(), writesAlerts());
  expect(await lacking()).toEqual([]);
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], { ...connection, groupId: 'tokenward.gateway' });
  await eventually(() => expect(receiver.deliveries).toHaveLength(3));
  await source.checkpointed(receiver.positions);
  expect((await admin.fetchOffsets({ groupId: 'tokenward.gateway', topics: [topic] }))[0]?.partitions[0]?.offset).toBe('3');
  await source.stop();
  expect([await sample(), await send()]).toEqual([3, { kind: 'sent' }]);
}, 60_000);

test('what is taken away is named, each by itself, without reading, writing or joining anything', async () => {
  const all = [readsTopic(), joinsGroup(), writesAlerts()];
  const without = async (place: number, ...instead: AclEntry[]): Promise<string[]> => {
    await give(...all.filter((_, at) => at !== place), ...instead);
    return lacking();
  };
  expect(await without(0)).toEqual([unseen(topic)]);
  expect(await without(0, right(DESCRIBE, AclResourceTypes.TOPIC, topic))).toEqual([`this user may not READ the topic ${topic}`]);
  expect(await without(1)).toEqual(['this user may not READ the group tokenward']);
  expect(await without(1, right(DESCRIBE, AclResourceTypes.GROUP, 'tokenward'))).toEqual(['this user may not READ the group tokenward']);
  expect(await without(2)).toEqual([unseen(alerts)]);
  expect(await without(2, right(DESCRIBE, AclResourceTypes.TOPIC, alerts))).toEqual([`this user may not WRITE the topic ${alerts}`]);
  await give();
  expect(await lacking()).toEqual([unseen(topic), unseen(alerts), 'this user may not READ the group tokenward']);
  const described = await admin.describeGroups(['tokenward']);
  expect(described.groups.map(({ state }) => state)).toEqual(['Dead']);
});

test('a source that lacks a right does not read, and says which one; once it is given it reads on by itself', async () => {
  await give(right(DESCRIBE, AclResourceTypes.TOPIC, topic), joinsGroup());
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], { ...connection, groupId: 'tokenward' });
  await eventually(() => expect(source.health()).toMatchObject({ ok: false, detail: expect.stringContaining(`this user may not READ the topic ${topic}`) as string }));
  await give(readsTopic(), joinsGroup());
  await eventually(() => expect(receiver.deliveries).toHaveLength(3));
  await eventually(() => expect(source.health().ok).toBe(true));
  await source.stop();
}, 60_000);

test('the same of the group', async () => {
  await give(readsTopic());
  const receiver = new Recorder();
  const source = await bench.source(receiver, [topic], { ...connection, groupId: 'tokenward.cloud' });
  await eventually(() => expect(source.health()).toMatchObject({ ok: false, detail: expect.stringContaining('this user may not READ the group tokenward.cloud') as string }));
  await give(readsTopic(), joinsGroup());
  await eventually(() => expect(receiver.deliveries).toHaveLength(3));
  await source.stop();
}, 60_000);

test('a source that may not see its topic ends with a word', async () => {
  await give(joinsGroup());
  await expect(bench.source(new Recorder(), [topic], { ...connection, groupId: 'tokenward' })).rejects.toThrow(`there is no topic ${topic}`);
}, 60_000);

test('a sink that may not write says so, and so does who looks into a topic', async () => {
  await give(right(DESCRIBE, AclResourceTypes.TOPIC, alerts));
  expect(await send()).toEqual({ kind: 'failed', reason: 'unauthorized' });
  await give();
  expect(await send()).toEqual({ kind: 'failed', reason: 'unauthorized' });
  await expect(sample()).rejects.toThrow(`this user may not describe and read the topic ${topic}`);
}, 60_000);

test('where nobody asks an authorizer, nothing is lacking but what is not there', async () => {
  expect(await lackingRights({ brokers: [kafka.broker], clientId: 'any' }, { reads: [topic], writes: ['nowhere'], groups: ['any'] })).toEqual([unseen('nowhere')]);
});
