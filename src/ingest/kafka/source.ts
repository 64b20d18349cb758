import type { LogEntry } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedStatus, GoOnFrom, Receiver, RestartableSource, SourceHealth } from '../live.ts';
import { Assignment } from './assignment.ts';
import { createClient, describeError, isHopeless, KafkaSettingsError } from './client.ts';
import { defaultMaxDecompressedBytes, registerCodecs } from './codecs.ts';
import { feedsOf, healthOf } from './health.ts';
import type { Partition } from './partition.ts';
import { parsePosition } from './position.ts';
import { placeToGoOn } from './restart.ts';
import { explained } from './rights.ts';
import { SchemaDecoder } from './schemas.ts';
import { Session, type SessionListener } from './session.ts';
import type { KafkaSettings } from './settings.ts';

const defaultSessionTimeoutMs = 6000;
const pollMs = 1000;
const firstRetryMs = 250;
const maxRetryMs = 5000;
/** A session without a sign of life for this long is given up for a new one. */
const deadMs = 45_000;

/**
 * Reads topics as a member of a consumer group. The group only shares partitions out: positions are the receiver's, and
 * what is committed to Kafka is for lag tools. A session that dies is replaced, with growing pauses.
 */
export class KafkaSource implements RestartableSource {
  readonly name: string;
  readonly #settings: KafkaSettings;
  /** There is none before the start. */
  #assignment: Assignment | null = null;
  #decoder: SchemaDecoder | null = null;
  #session: Session | null = null;
  #isStopping = false;
  #failures = 0;
  #problem: string | null = null;
  #missing: readonly string[] = [];
  #turnedMs = 0;
  #fetchedMs: number | null = null;
  #polledMs: number | null = null;
  #polling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(name: string, settings: KafkaSettings) {
    this.name = name;
    this.#settings = settings;
  }

  /** Waits for brokers that cannot be reached; throws a `KafkaSettingsError` where waiting will not help. */
  async start(receiver: Receiver): Promise<void> {
    this.#decoder = this.#settings.schemaRegistry === undefined ? null : new SchemaDecoder(this.#settings.schemaRegistry);
    this.#assignment = new Assignment(this.name, receiver, this.#decoder);
    registerCodecs(this.#maxBatchBytes);
    createClient(this.#settings, { retries: 0 });
    while (!this.#isStopping) {
      try {
        await this.#open();
        if (this.#missing.length > 0) throw new KafkaSettingsError(`there is no topic ${this.#missing.join(', ')}`);
        return this.#scheduleNextPoll();
      } catch (error) {
        if (isHopeless(error)) throw await this.#refusal(error);
        await this.#explain(describeError(error));
        await sleep(this.#retryMs());
      }
    }
  }

  pause(): void {
    this.#pauseAll(true);
  }

  resume(): void {
    this.#pauseAll(false);
  }

  feeds(): readonly FeedStatus[] {
    return feedsOf(this.#partitions);
  }

  async placeToGoOn(feed: string, from: GoOnFrom): Promise<string | null> {
    return placeToGoOn(this.#assignment?.partitions.get(feed), this.#session, from);
  }

  goOn(feed: string): void {
    const partition = this.#assignment?.partitions.get(feed);
    if (partition !== undefined) this.#assignment!.goOn(partition);
  }

  async checkpointed(positions: ReadonlyMap<string, string>): Promise<void> {
    const offsets = [...positions].flatMap(([feed, text]) => {
      const partition = this.#assignment?.partitions.get(feed);
      const position = parsePosition(text);
      return partition === undefined || position === null ? [] : [{ topic: partition.topic, partition: partition.partition, offset: `${position.next}` }];
    });
    // Nobody relies on these: what fails is told again after the next checkpoint.
    if (offsets.length > 0) await this.#session?.commit(offsets).catch(() => undefined);
  }

  health(): SourceHealth {
    const signs = {
      hasSession: this.#session !== null, turnedMs: this.#turnedMs, fetchedMs: this.#fetchedMs, polledMs: this.#polledMs,
      problem: this.#problem, missingTopics: this.#missing, schemaProblem: this.#decoder?.problem ?? null,
    };
    return healthOf(signs, this.#partitions, Date.now());
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#pauseAll(true);
    await this.#decoder?.close();
    await this.#assignment?.delivered();
    await this.#drop();
    await this.#polling;
  }

  get #maxBatchBytes(): number {
    return this.#settings.maxDecompressedBytes ?? defaultMaxDecompressedBytes;
  }

  get #partitions(): readonly Partition[] {
    return [...this.#assignment?.partitions.values() ?? []];
  }

  #pauseAll(isPaused: boolean): void {
    if (this.#assignment !== null) this.#assignment.isPaused = isPaused;
  }

  /** A new session. Throws where it does not come to be, unless there is yet another by then. */
  async #open(): Promise<void> {
    const { groupId, sessionTimeoutMs = defaultSessionTimeoutMs } = this.#settings;
    const client = createClient(this.#settings, { retries: 4, onError: (entry) => this.#logged(entry) });
    const session = new Session(client, { groupId, sessionTimeoutMs, maxBatchBytes: this.#maxBatchBytes }, this.#listener(() => session));
    this.#session = session;
    try {
      await this.#run(session);
    } catch (error) {
      if (session !== this.#session) return;
      await this.#drop();
      throw error;
    }
  }

  async #run(session: Session): Promise<void> {
    const topics = await session.existing(this.#settings.topics);
    this.#missing = this.#settings.topics.filter((topic) => !topics.includes(topic));
    this.#turnedMs = Date.now();
    for (const partition of this.#partitions) {
      if (this.#missing.includes(partition.topic)) this.#assignment!.stop(partition, 'The topic is no longer there.');
    }
    if (topics.length > 0) await session.run(topics);
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#assignment?.ended();
    await session?.close();
  }

  /** A session is over; another one is opened after a pause. */
  async #replace(session: Session, reason: string): Promise<void> {
    if (session !== this.#session || this.#isStopping) return;
    await this.#drop();
    await this.#explain(reason);
    while (!this.#isStopping) {
      await sleep(this.#retryMs());
      if (this.#isStopping) return;
      try {
        return await this.#open();
      } catch (error) {
        await this.#explain(describeError(error));
      }
    }
  }

  async #explain(reason: string): Promise<void> {
    this.#problem = reason;
    this.#problem = await explained(reason, this.#settings, { reads: this.#settings.topics, writes: [], groups: [this.#settings.groupId] });
  }

  #retryMs(): number {
    return Math.min(maxRetryMs, firstRetryMs * 2 ** this.#failures++);
  }

  async #refusal(error: unknown): Promise<Error> {
    await this.#drop();
    return error instanceof KafkaSettingsError ? error : new KafkaSettingsError(describeError(error), { cause: error });
  }

  #listener(own: () => Session): SessionListener {
    const assignment = this.#assignment!;
    const isCurrent = (): boolean => this.#session === own();
    return {
      joined: (assigned) => { if (isCurrent()) assignment.joined(own(), assigned); },
      batch: async (payload) => { if (isCurrent()) await assignment.batch(payload); },
      skipped: (topic, partition, last) => assignment.skipped(topic, partition, last),
      fetching: (node) => assignment.fetching(node),
      fetched: () => { this.#fetchedMs = Date.now(); this.#failures = 0; },
      turned: () => { this.#turnedMs = Date.now(); },
      died: (reason) => void this.#replace(own(), reason),
    };
  }

  /**
   * kafkajs would now fetch from the log's start or end, and commit that, which loses records without a word. This
   * log line is the only place that tells, and throwing from it the only way to prevent it.
   */
  #logged({ log }: LogEntry): void {
    if (!log.message.startsWith('Offset out of range, resetting')) return;
    this.#assignment!.outOfRange(String(log['topic']), Number(log['partition']));
    throw new Error('The offset is out of range, and is not reset.');
  }

  #scheduleNextPoll(): void {
    if (this.#isStopping) return;
    this.#timer = setTimeout(() => {
      this.#polling = this.#poll().finally(() => { this.#polling = null; this.#scheduleNextPoll(); });
    }, pollMs);
  }

  /** Asks how far the logs reach: for lag, for the end of reading, and for what was cut off behind our back. */
  async #poll(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    if (Date.now() - this.#turnedMs > deadMs && this.#partitions.length > 0) return this.#replace(session, 'no sign of life');
    const topics = this.#settings.topics.filter((topic) => !this.#missing.includes(topic));
    try {
      if (this.#missing.length > 0 && (await session.existing(this.#missing)).length > 0) return await this.#replace(session, 'a topic is back');
      for (const topic of topics) await this.#pollTopic(session, topic);
      this.#polledMs = Date.now();
    } catch (error) {
      this.#problem = describeError(error);
      const existing = await session.existing(topics).catch(() => topics);
      if (existing.length < topics.length) await this.#replace(session, 'a topic is gone');
    }
  }

  async #pollTopic(session: Session, topic: string): Promise<void> {
    const own = this.#partitions.filter((partition) => partition.topic === topic);
    const before = own.map(({ position }) => position?.next ?? 0);
    const askedMs = Date.now();
    const ranges = await session.ranges(topic);
    if (session !== this.#session) return;
    own.forEach((partition, i) => {
      const range = ranges.get(partition.partition);
      if (range !== undefined) this.#assignment!.observe(partition, range, before[i]!, askedMs);
    });
  }
}
