import type { KafkaMessage } from 'kafkajs';
import type { Refusal } from '../../model/quarantine.ts';
import type { RawRecord } from '../record.ts';
import { createClient, KafkaSettingsError, type KafkaConnection } from './client.ts';
import { clusterOf, readCommitted, type Broker, type Cluster } from './cluster.ts';
import { defaultMaxDecompressedBytes, registerCodecs } from './codecs.ts';
import { DeliveryMaker } from './deliveries.ts';
import { RecordStream } from './records.ts';
import { batchesOf, readingBatches } from './unpacking.ts';

const fetchBytes = 1 << 20;
const maxWaitMs = 1_000;
/** Answers of one partition that are waited for: more would be needed only where they bring next to nothing. */
const maxRounds = 100;

/**
 * The newest records of a topic, about `limit` in all and equally many of each partition. Nobody joins a group and nothing is committed: the
 * right to describe and read the topic is enough. Records of transactions that were called off may be among them. What is yielded is valid
 * until the next is asked for. Throws a `KafkaSettingsError` where there is no such topic.
 */
export async function* sampleTopic(connection: KafkaConnection, topic: string, limit: number): AsyncGenerator<readonly (RawRecord | Refusal)[]> {
  registerCodecs(defaultMaxDecompressedBytes);
  const cluster = clusterOf(createClient(connection, { retries: 2 }));
  try {
    await cluster.connect();
    await cluster.addMultipleTargetTopics([topic]).catch((error: unknown) => { throw named(error, topic); });
    const partitions = cluster.findTopicPartitionMetadata(topic);
    if (partitions.length === 0) throw new KafkaSettingsError(`there is no topic ${topic}`);
    const ranges = await rangesOf(cluster, topic, partitions.map(({ partitionId }) => partitionId));
    const share = Math.ceil(limit / partitions.length);
    for (const { partitionId, leader } of partitions) {
      const { low, high } = ranges(partitionId);
      const broker = await cluster.findBroker({ nodeId: String(leader) });
      yield* newest(broker, topic, partitionId, Math.max(low, high - share), high);
    }
  } finally {
    await cluster.disconnect();
  }
}

async function* newest(broker: Broker, topic: string, partition: number, from: number, high: number): AsyncGenerator<readonly (RawRecord | Refusal)[]> {
  const maker = new DeliveryMaker('', `${topic}/${partition}`, topic, partition);
  let next = from;
  for (let round = 0; next < high && round < maxRounds; round++) {
    const messages = await fetchFrom(broker, topic, partition, next);
    if (messages.length === 0) return;
    const records = new RecordStream(batchesOf(messages).filter(({ isControl }) => !isControl));
    while (records.next()) {
      if (records.offset < next || records.offset >= high) continue;
      yield maker.make(records, Date.now()).items;
    }
    next = Number(messages.at(-1)!.offset) + 1;
    maker.release();
  }
}

async function fetchFrom(broker: Broker, topic: string, partition: number, offset: number): Promise<readonly KafkaMessage[]> {
  const asked = {
    maxWaitTime: maxWaitMs, minBytes: 1, maxBytes: fetchBytes, isolationLevel: readCommitted,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: fetchBytes }] }],
  };
  const { responses } = await readingBatches(defaultMaxDecompressedBytes, () => broker['fetch'](asked));
  return responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));
}

async function rangesOf(cluster: Cluster, topic: string, partitions: readonly number[]): Promise<(partition: number) => { low: number; high: number }> {
  const ask = async (fromBeginning: boolean): Promise<Map<number, number>> => {
    const [found] = await cluster.fetchTopicsOffset([{ topic, fromBeginning, partitions: partitions.map((partition) => ({ partition })) }]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const [lows, highs] = [await ask(true), await ask(false)];
  return (partition) => ({ low: lows.get(partition) ?? 0, high: highs.get(partition) ?? 0 });
}

function named(error: unknown, topic: string): unknown {
  const { type } = error as { readonly type?: unknown };
  switch (type) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'INVALID_TOPIC_EXCEPTION':
      return new KafkaSettingsError(`there is no topic ${topic}`, { cause: error });
    case 'TOPIC_AUTHORIZATION_FAILED':
      return new KafkaSettingsError(`this user may not describe and read the topic ${topic}`, { cause: error });
    default:
      return error;
  }
}
