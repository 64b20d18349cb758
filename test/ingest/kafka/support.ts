import { expect, vi } from 'vitest';
import kafkajs, { type Admin, type Kafka, type Message } from 'kafkajs';
import { parsePosition } from '../../../src/ingest/kafka/position.ts';
import type { KafkaSettings } from '../../../src/ingest/kafka/settings.ts';
import { KafkaSource } from '../../../src/ingest/kafka/source.ts';
import type { Delivery, Receiver } from '../../../src/ingest/live.ts';
import { uniqueName } from '../../support/servers/shared.ts';

/** Remembers what it was told. Positions follow the deliveries, as those of a store that writes at once. */
export class Recorder implements Receiver {
  readonly positions: Map<string, string>;
  readonly deliveries: Delivery[] = [];
  readonly caughtUpMs = new Map<string, number>();
  readonly reasons = new Map<string, string>();
  readonly lost: string[] = [];
  /** Positions that did not come after the one before. */
  readonly repeats: string[] = [];
  /** Deliveries of these feeds are not taken until the promise is kept. */
  readonly held = new Map<string, Promise<void>>();

  constructor(positions = new Map<string, string>()) {
    this.positions = positions;
  }

  positionOf(feed: string): string | null {
    return this.positions.get(feed) ?? null;
  }

  async deliver(batch: readonly Delivery[]): Promise<void> {
    await this.held.get(batch[0]!.feed);
    for (const delivery of batch) {
      const before = this.deliveries.findLast(({ feed }) => feed === delivery.feed);
      if (before !== undefined && parsePosition(before.position)!.next >= parsePosition(delivery.position)!.next) this.repeats.push(delivery.position);
      this.deliveries.push(delivery);
      this.positions.set(delivery.feed, delivery.position);
    }
  }

  caughtUp(feed: string, timeMs: number): void {
    this.caughtUpMs.set(feed, timeMs);
  }

  stopped(feed: string, reason: string): void {
    this.reasons.set(feed, reason);
  }

  gone(feed: string): void {
    this.lost.push(feed);
  }

  /** Records of a feed as text, refusals by their reason. */
  texts(feed?: string): string[] {
    return this.deliveries.filter((delivery) => feed === undefined || delivery.feed === feed).flatMap(({ items }) => items)
      .map((item) => ('reason' in item ? item.reason : Buffer.from(item.bytes).toString()));
  }
}

/** Clients of one broker that make topics, fill them and read them. */
export class Bench {
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly #broker: string;
  readonly #sources: KafkaSource[] = [];

  constructor(broker: string) {
    this.#broker = broker;
    this.kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 8, initialRetryTime: 100 } });
    this.admin = this.kafka.admin();
  }

  /** A new topic; by default with one partition. */
  async topic(numPartitions = 1, configuration: Readonly<Record<string, string>> = {}, topic = uniqueName('topic')): Promise<string> {
    const configEntries = Object.entries(configuration).map(([name, value]) => ({ name, value }));
    // kafkajs' own waiting gives up where the broker has not yet heard of the topic that it made a moment ago.
    await this.admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions, replicationFactor: 1, configEntries }] });
    await vi.waitFor(async () => {
      const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
      expect(topics[0]!.partitions.filter(({ leader }) => leader >= 0)).toHaveLength(numPartitions);
    }, { timeout: 20_000 });
    return topic;
  }

  async produce(topic: string, messages: readonly Message[], compression = kafkajs.CompressionTypes.None): Promise<void> {
    // A retry would write again what other partitions have taken already.
    const producer = this.kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    await producer.send({ topic, compression, messages: [...messages] });
    await producer.disconnect();
  }

  settings(topics: readonly string[], more: Partial<KafkaSettings> = {}): KafkaSettings {
    return { brokers: [this.#broker], clientId: 'test', groupId: uniqueName('group'), topics, ...more };
  }

  /** A started source, which `end` stops. */
  async source(receiver: Receiver, topics: readonly string[], more: Partial<KafkaSettings> = {}): Promise<KafkaSource> {
    const source = new KafkaSource('logs', this.settings(topics, more));
    this.#sources.push(source);
    await source.start(receiver);
    return source;
  }

  async stopSources(): Promise<void> {
    await Promise.all(this.#sources.splice(0).map((source) => source.stop()));
  }

  async end(): Promise<void> {
    await this.stopSources();
    await this.admin.disconnect();
  }
}

export async function openBench(broker: string): Promise<Bench> {
  const bench = new Bench(broker);
  await bench.admin.connect();
  return bench;
}

/** Messages whose values count up. */
export function numbered(count: number, from = 0, partition = 0): Message[] {
  return Array.from({ length: count }, (_, i) => ({ value: `{"n":${from + i}}`, partition }));
}

/** Waits for something to become true: sooner or later it does, however busy the machine is. */
export async function eventually(check: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> {
  await expect.poll(async () => { await check(); return true; }, { timeout: timeoutMs, interval: 50 }).toBe(true);
}
