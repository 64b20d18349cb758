import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from './client.ts';
import type { LogRange } from './position.ts';
import { readingBatches } from './unpacking.ts';

/** What happens in a session. None of these may throw. */
export interface SessionListener {
  /** We are a member of the group again, with these partitions. Nothing is fetched before this returns. */
  joined(assigned: readonly { readonly topic: string; readonly partition: number }[]): void;
  batch(payload: EachBatchPayload): Promise<void>;
  /** A batch up to this offset held nothing for us. */
  skipped(topic: string, partition: number, last: number): void;
  /** A round of fetching has begun on a broker. */
  fetching(node: string): void;
  /** A broker has answered a request for records. */
  fetched(): void;
  /** The loop of fetching goes round, whether or not anything is asked for. */
  turned(): void;
  /** Reading has ended for good: a new session is needed. */
  died(reason: string): void;
}

export interface SessionOptions {
  readonly groupId: string;
  /**
   * After the loss of its broker a member is a new one (kafkajs gives up at the first refused connection), and the group waits
   * for the old one as long as this: so it should be short.
   */
  readonly sessionTimeoutMs: number;
  /** To how much a compressed batch may grow. */
  readonly maxBatchBytes: number;
}

/** Added partitions are noticed within this time. */
const metadataMaxAgeMs = 5000;
const partitionsAtOnce = 16;
/** Brokers that do not answer are not waited for longer when leaving. */
const closeMs = 5000;

/**
 * One life of a consumer, with an admin client beside it. kafkajs would take a consumer that has crashed up again by
 * itself in some cases and not in others; here it never does, and `died` says so.
 */
export class Session {
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #listener: SessionListener;
  readonly #maxBatchBytes: number;
  #admin: Admin;
  #isOver = false;

  constructor(kafka: Kafka, { groupId, sessionTimeoutMs, maxBatchBytes }: SessionOptions, listener: SessionListener) {
    this.#maxBatchBytes = maxBatchBytes;
    this.#kafka = kafka;
    this.#listener = listener;
    this.#admin = kafka.admin();
    this.#consumer = kafka.consumer({
      groupId, sessionTimeout: sessionTimeoutMs, heartbeatInterval: Math.floor(sessionTimeoutMs / 6), maxWaitTimeInMs: 100, minBytes: 1,
      metadataMaxAge: metadataMaxAgeMs, allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: 5, restartOnFailure: async () => false },
    });
    this.#listen();
  }

  /** Names of the wanted topics that exist. */
  async existing(topics: readonly string[]): Promise<string[]> {
    await this.#admin.connect();
    const known = new Set(await this.#admin.listTopics());
    return topics.filter((topic) => known.has(topic));
  }

  /** Joins the group and begins to fetch. Resolves also when that fails: then `died` is told. */
  async run(topics: readonly string[]): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await readingBatches(this.#maxBatchBytes, () => this.#consumer.run({
      autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: partitionsAtOnce,
      eachBatch: async (payload) => this.#listener.batch(payload),
    }));
  }

  /** What the logs of a topic's partitions hold. */
  async ranges(topic: string): Promise<Map<number, LogRange>> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
  }

  /** Forgets what the admin client knows of topics: partitions may have been added. */
  async refresh(): Promise<void> {
    const old = this.#admin;
    this.#admin = this.#kafka.admin();
    await this.#admin.connect();
    await old.disconnect().catch(() => undefined);
  }

  pause(topic: string, partition: number): void {
    this.#whileRunning(() => this.#consumer.pause([{ topic, partitions: [partition] }]));
  }

  /** Fetches from `offset` on. */
  flow(topic: string, partition: number, offset: number): void {
    this.#whileRunning(() => {
      this.#consumer.seek({ topic, partition, offset: `${offset}` });
      this.#consumer.resume([{ topic, partitions: [partition] }]);
    });
  }

  async commit(offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: string }[]): Promise<void> {
    await this.#consumer.commitOffsets([...offsets]);
  }

  async close(): Promise<void> {
    this.#isOver = true;
    const closed = Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]);
    await Promise.race([closed, sleep(closeMs, undefined, { ref: false })]);
  }

  /** kafkajs refuses orders to a consumer that has just crashed; its next life gets them anew. */
  #whileRunning(order: () => void): void {
    try {
      order();
    } catch (error) {
      if ((error as Error).name !== 'KafkaJSNonRetriableError') throw error;
    }
  }

  #listen(): void {
    const { events } = this.#consumer;
    const listener = this.#listener;
    const on: Consumer['on'] = this.#consumer.on.bind(this.#consumer);
    on(events.GROUP_JOIN, ({ payload }) => {
      if (this.#isOver) return;
      listener.joined(Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) => partitions.map((partition) => ({ topic, partition }))));
    });
    on(events.FETCH_START, ({ payload }) => listener.fetching(String((payload as { nodeId?: unknown }).nodeId)));
    on(events.FETCH, () => listener.turned());
    on(events.REQUEST, ({ payload }) => { if (payload.apiName === 'Fetch') listener.fetched(); });
    on(events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) listener.skipped(payload.topic, payload.partition, Number(payload.lastOffset));
    });
    on(events.CRASH, ({ payload }) => { if (!this.#isOver) listener.died(describeError(payload.error)); });
  }
}
