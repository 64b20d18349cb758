import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, KafkaSettingsError, type KafkaConnection } from './client.ts';
import { clusterOf, type Broker, type Cluster } from './cluster.ts';

/** What a user has to be let do. */
export interface Wanted {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly groups: readonly string[];
}

/** Operations as Kafka numbers them (`AclOperation`): each is a bit of what a broker says is allowed. */
const [read, write] = [1 << 3, 1 << 4];
const groupRefused = 30;
const groupCoordinator = 0;
/** A coordinator is being looked for, or reads what it has to know. */
const passing: ReadonlySet<number> = new Set([14, 15, 16]);
const attempts = 10;
const pauseMs = 300;
const metadata = { key: 3, version: 8, name: 'Metadata' } as const;
const describeGroups = { key: 15, version: 3, name: 'DescribeGroups' } as const;

/**
 * What the user of a connection lacks, in words; nothing where it has all. Brokers of 2.3 and later tell each user what it may do with what it may see
 * (KIP-430), so nothing is read, written or joined. Of older ones only topics that are not there are told. Throws where Kafka cannot be asked.
 */
export async function lackingRights(connection: KafkaConnection, { reads, writes, groups }: Wanted): Promise<string[]> {
  const cluster = clusterOf(createClient(connection, { retries: 1 }));
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const broker = await cluster.findControllerBroker();
    const named = [...new Set([...reads, ...writes])];
    if ((broker.versions[metadata.key]?.maxVersion ?? 0) < metadata.version) return await missing(cluster, named);
    const topics = await topicRights(broker, named);
    const lacking = [...topics].flatMap(([topic, may]) => {
      if (may === null) return [unseen(topic)];
      return [...reads.includes(topic) && (may & read) === 0 ? [`this user may not READ the topic ${topic}`] : [],
        ...writes.includes(topic) && (may & write) === 0 ? [`this user may not WRITE the topic ${topic}`] : []];
    });
    for (const group of groups) if (!await mayJoin(cluster, broker, group)) lacking.push(`this user may not READ the group ${group}`);
    return lacking;
  } finally {
    await cluster.disconnect();
  }
}

/** Why Kafka refused something: the rights that lack, where it was that, else the reason as it came. Never throws. */
export async function explained(reason: string, connection: KafkaConnection, wanted: Wanted): Promise<string> {
  // Where a group may not be seen, kafkajs only says that it found no coordinator.
  if (!/authoriz|GroupCoordinator/i.test(reason)) return reason;
  const lacking = await lackingRights(connection, wanted).catch(() => []);
  return lacking.length === 0 ? reason : lacking.join('; ');
}

function unseen(topic: string): string {
  return `has no topic ${topic}, or this user may not DESCRIBE it`;
}

async function missing(cluster: Cluster, topics: readonly string[]): Promise<string[]> {
  const found = await Promise.all(topics.map((topic) => cluster.addMultipleTargetTopics([topic]).then(() => null, () => unseen(topic))));
  return found.filter((one) => one !== null);
}

/** Bits by topic; `null`: it is not there, or not to be seen. */
async function topicRights(broker: Broker, topics: readonly string[]): Promise<Map<string, number | null>> {
  const answer = await ask(broker, metadata, [list(topics), flag(false), flag(false), flag(true)]);
  answer.skip(4);
  answer.each(() => answer.skip(4).text().skip(4).text());
  answer.text().skip(4);
  const found = new Map<string, number | null>(topics.map((topic) => [topic, null]));
  answer.each(() => {
    const error = answer.int16();
    const name = answer.string();
    answer.skip(1);
    answer.each(() => {
      answer.skip(2 + 4 + 4 + 4);
      for (let lists = 0; lists < 3; lists++) answer.each(() => answer.skip(4));
    });
    const may = answer.int32();
    if (error === 0) found.set(name, may);
  });
  return found;
}

/** The coordinator of a cluster's first group takes a while to begin. */
async function mayJoin(cluster: Cluster, broker: Broker, group: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      // Asked by itself: kafkajs' search for it does not say why it found none.
      const { coordinator: { nodeId } } = await broker.findGroupCoordinator({ groupId: group, coordinatorType: groupCoordinator });
      const { error, may } = await groupRights(await cluster.findBroker({ nodeId: String(nodeId) }), group);
      if (!passing.has(error)) return (may & read) !== 0;
      if (attempt === attempts) throw new KafkaSettingsError(`the coordinator of the group ${group} does not answer`);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === groupRefused) return false;
      if (attempt === attempts) throw error;
    }
    await sleep(pauseMs);
  }
}

async function groupRights(coordinator: Broker, group: string): Promise<{ readonly error: number; readonly may: number }> {
  const answer = await ask(coordinator, describeGroups, [list([group]), flag(true)]);
  answer.skip(4);
  let [error, may] = [0, 0];
  answer.each(() => {
    error = answer.int16();
    for (let texts = 0; texts < 4; texts++) answer.text();
    answer.each(() => answer.text().text().text().bytes().bytes());
    may = answer.int32();
  });
  return { error, may: error === 0 ? may : 0 };
}

async function ask(broker: Broker, { key, version, name }: typeof metadata | typeof describeGroups, parts: readonly Buffer[]): Promise<Answer> {
  const payload = Buffer.concat(parts);
  const request = { apiKey: key, apiVersion: version, apiName: name, encode: () => Promise.resolve({ buf: payload, buffer: payload }) };
  const response = { decode: (raw: Buffer) => Promise.resolve(raw), parse: (raw: Buffer) => Promise.resolve(raw) };
  return new Answer(await broker.connectionPool.send({ request, response }));
}

function list(texts: readonly string[]): Buffer {
  const parts = texts.flatMap((text) => {
    const length = Buffer.alloc(2);
    length.writeInt16BE(Buffer.byteLength(text));
    return [length, Buffer.from(text)];
  });
  const count = Buffer.alloc(4);
  count.writeInt32BE(texts.length);
  return Buffer.concat([count, ...parts]);
}

function flag(isOn: boolean): Buffer {
  return Buffer.from([isOn ? 1 : 0]);
}

/** Reads an answer from its beginning on, in Kafka's plain encoding. Throws a `RangeError` where it is shorter than it says. */
class Answer {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    return this.#bytes.readInt16BE((this.#at += 2) - 2);
  }

  int32(): number {
    return this.#bytes.readInt32BE((this.#at += 4) - 4);
  }

  string(): string {
    const length = this.int16();
    return this.#bytes.toString('utf8', this.#at, this.skip(Math.max(0, length)).#at);
  }

  text(): this {
    return this.skip(Math.max(0, this.int16()));
  }

  bytes(): this {
    return this.skip(Math.max(0, this.int32()));
  }

  skip(length: number): this {
    this.#at += length;
    return this;
  }

  each(work: () => void): void {
    for (let left = this.int32(); left > 0; left--) work();
  }
}
