import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import kafkajs, { type Admin, type Consumer, type Kafka, type Producer } from 'kafkajs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/receivers/webhook-receiver.ts';
import { root } from '../../support/source.ts';
import { checkKept, checkTold, type Arrived, type Told, type Verdict } from './checker.ts';
import { ServiceProcess, type Orders } from './child.ts';
import type { Records } from './records.ts';

export interface Servers { readonly broker: string; readonly elasticsearch: string }
/** Where the service is to find what it connects to, if not where it is. */
export interface Detours { readonly broker?: string; readonly elasticsearch?: string; readonly webhook?: string; readonly eventsNamespace?: string }

/** Signs what the webhook gets. */
export const secret = `whsec_${randomBytes(32).toString('base64')}`;
const producedAtOnce = 250;
/** Brokers take no more than 1 MiB at once. */
const maxProducedBytes = 700_000;

/**
 * A producer, a data folder for one service with its lives, and the three places that its alerts go to. The servers
 * are shared: topics and indices are its own.
 */
export class Rig {
  readonly folder: string;
  readonly records: Records;
  /** One for each source. */
  readonly topics: readonly string[];
  readonly index: string;
  readonly oracle: readonly Told[];
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly webhook: WebhookReceiver;
  /** Lives that ended while something may have been sent and not noted. */
  deaths = 0;
  readonly #servers: Servers;
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  /** By place in the topic: the checker's own consumer may read twice. */
  readonly #onTopic = new Map<string, Arrived>();
  readonly #lives: ServiceProcess[] = [];
  readonly #alertsTopic: string;

  private constructor(servers: Servers, records: Records, oracle: readonly Told[], folder: string, webhook: WebhookReceiver) {
    const name = randomBytes(6).toString('hex');
    this.folder = folder;
    this.records = records;
    this.oracle = oracle;
    this.webhook = webhook;
    this.topics = Array.from({ length: records.layout.topics }, (_, topic) => `logs-${name}-${topic}`);
    this.index = `alerts-${name}`;
    this.#alertsTopic = `alerts-${name}`;
    this.#servers = servers;
    this.kafka = new kafkajs.Kafka({ brokers: [servers.broker], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1000 } });
    this.admin = this.kafka.admin();
    this.#producer = this.kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    this.#consumer = this.kafka.consumer({ groupId: `checker-${name}`, metadataMaxAge: 60_000 });
  }

  static async open(servers: Servers, records: Records, oracle = consult(records)): Promise<Rig> {
    const folder = join(workFolder(), randomBytes(4).toString('hex'));
    mkdirSync(folder, { recursive: true });
    const rig = new Rig(servers, records, oracle, folder, await startWebhookReceiver(secret));
    await rig.#connect();
    rig.configure();
    return rig;
  }

  async #connect(): Promise<void> {
    await this.admin.connect();
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: [...this.topics.map((topic) => ({ topic, numPartitions: this.records.layout.partitions, replicationFactor: 1 })), { topic: this.#alertsTopic, numPartitions: 2, replicationFactor: 1 }],
    });
    await this.#producer.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [this.#alertsTopic], fromBeginning: true });
    await this.#consumer.run({
      eachMessage: async ({ partition, message }) => {
        const document = JSON.parse(message.value!.toString()) as Told;
        this.#onTopic.set(`${partition}/${message.offset}`, { messageId: String(message.headers?.['message-id']), document, genuine: message.key?.toString() === document.tokenward.identity.id });
      },
    });
  }

  /** Writes the configuration. */
  configure(detours: Detours = {}, more = ''): void {
    writeFileSync(join(this.folder, 'webhook.secret'), `${secret}\n`, { mode: 0o600 });
    const allows = '\n    allow_private: true';
    writeFileSync(this.#file, `${common(this.folder)}
sources:
${this.topics.map((topic, place) => `  - name: cloud-${place}\n    type: kafka\n    topics: [${topic}]\n    formats: [${formatOf(this.records, place)}]`).join('\n')}
kafka:
  brokers: ["${detours.broker ?? this.#servers.broker}"]
  group_id: ${this.index}
sinks:
  - name: search
    type: elasticsearch
    nodes: ["${detours.elasticsearch ?? this.#servers.elasticsearch}"]
    index: ${this.index}${detours.eventsNamespace === undefined ? '' : `\n    events: true\n    namespace: ${detours.eventsNamespace}`}
  - name: topic
    type: kafka
    topic: ${this.#alertsTopic}
  - name: webhook
    type: webhook
    url: ${detours.webhook ?? this.webhook.url}
    secret_file: ${join(this.folder, 'webhook.secret')}${allows}
server:
  listen: 127.0.0.1:0
store:
  dir: ${join(this.folder, 'store')}
  checkpoint_every: 500ms
${more}`);
  }

  /** Where Elasticsearch is, without any detour. */
  get elasticsearch(): string {
    return this.#servers.elasticsearch;
  }

  get #file(): string {
    return join(this.folder, 'tokenward.yaml');
  }

  /** A further life of the service over the same folder. */
  start(orders: Orders = {}): ServiceProcess {
    const life = new ServiceProcess(this.#file, this.folder, orders);
    this.#lives.push(life);
    return life;
  }

  /** All that any life has written to its log. */
  get logs(): string {
    return this.#lives.map(({ text }) => text).join('');
  }

  /** Sends the records from one place of the whole to another, in order. */
  async produce(from = 0, to = this.records.messages.length): Promise<void> {
    const { messages } = this.records;
    for (let at = from, end = at; at < Math.min(to, messages.length); at = end) {
      for (let bytes = 0; end < Math.min(to, messages.length, at + producedAtOnce) && bytes < maxProducedBytes; end++) bytes += messages[end]!.value.length;
      const batch = Map.groupBy(messages.slice(at, end), ({ topic }) => this.topics[topic]!);
      await this.#producer.sendBatch({ topicMessages: [...batch].map(([topic, own]) => ({ topic, messages: own.map(({ partition, key, value }) => ({ partition, key: key ?? null, value })) })) });
    }
  }

  /** Where in the records each theft begins, and whose key it is, in order. */
  get thefts(): { readonly place: number; readonly user: string }[] {
    const seen = new Set<string>();
    return this.records.messages.flatMap(({ key, value }, place) => {
      const user = String(key);
      if (!value.includes('"sourceIPAddress":"185.213.154.') || seen.has(user)) return [];
      seen.add(user);
      return [{ place, user }];
    });
  }

  /** Documents that the webhook got, with what became of their signatures. */
  get told(): Arrived[] {
    return this.webhook.messages.map(({ id, body, isGenuine }) => ({ messageId: id, document: (JSON.parse(body) as { data: Told }).data, genuine: isGenuine }));
  }

  /** What each place got, against the oracle. */
  async check(): Promise<{ readonly search: Verdict; readonly topic: Verdict; readonly webhook: Verdict }> {
    await this.#topicRead();
    return {
      search: checkKept(this.oracle, await this.searched()), topic: checkTold(this.oracle, [...this.#onTopic.values()], this.deaths), webhook: checkTold(this.oracle, this.told, this.deaths),
    };
  }

  /** All that Elasticsearch keeps. */
  async searched(): Promise<Arrived[]> {
    const url = this.#servers.elasticsearch;
    await fetch(`${url}/${this.index}-*/_refresh`, { method: 'POST' });
    const answer = await (await fetch(`${url}/${this.index}-*/_search?size=10000`)).json() as { hits: { hits: { _id: string; _source: Told }[] } };
    return answer.hits.hits.map(({ _id, _source }) => ({ messageId: null, document: _source, genuine: _id === _source.event.id }));
  }

  /** Waits until the checker's own consumer has read the alerts' topic to its end. */
  async #topicRead(): Promise<void> {
    const offsets = await this.admin.fetchTopicOffsets(this.#alertsTopic);
    const all = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    for (let wait = 0; this.#onTopic.size < all && wait < 400; wait++) await new Promise((resolve) => { setTimeout(resolve, 50); });
  }

  async close(): Promise<void> {
    for (const life of this.#lives) if (!life.hasEnded) await life.kill();
    await this.webhook.stop();
    await this.admin.deleteTopics({ topics: [...this.topics, this.#alertsTopic], timeout: 2000 }).catch(() => undefined);
    const closed = Promise.allSettled([this.#consumer.disconnect(), this.#producer.disconnect(), this.admin.disconnect()]);
    await Promise.race([closed, new Promise((resolve) => { setTimeout(resolve, 5000).unref(); })]);
    await fetch(`${this.#servers.elasticsearch}/${this.index}-2026.01`, { method: 'DELETE' }).catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let work: string | null = null;

/** One folder for all rigs of this process, gone at its end. */
function workFolder(): string {
  if (work !== null) return work;
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-service-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return work = folder;
}

/** What the service and the run that it is compared with have in common: the key of fingerprints, and judging from the second address on. */
function common(folder: string): string {
  const key = join(folder, 'key');
  writeFileSync(key, 'a key of the operator, 32 bytes.', { mode: 0o600 });
  return `identity:\n  fingerprint_key_file: ${key}\ndetectors:\n  unfamiliar-ip:\n    learn: 0\n`;
}

function formatOf({ layout }: Records, topic: number): string {
  return layout.formats?.[topic] ?? 'aws.cloudtrail';
}

/** The alerts that `replay` finds in the same records, partition by partition as files. */
export function consult({ layout, messages }: Records): Told[] {
  const folder = join(workFolder(), `oracle-${randomBytes(4).toString('hex')}`);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  for (const [name, lines] of Map.groupBy(messages, ({ topic, partition }) => `cloud-${topic}-${partition}.ndjson`)) {
    writeFileSync(join(folder, 'logs', name), lines.map(({ value }) => `${value}\n`).join(''));
  }
  const configuration = join(folder, 'tokenward.yaml');
  const sources = Array.from({ length: layout.topics }, (_, topic) => `  - name: cloud-${topic}\n    paths: [cloud-${topic}-*.ndjson]\n    formats: [${formatOf({ layout, messages }, topic)}]\n`);
  writeFileSync(configuration, `${common(folder)}sources:\n${sources.join('')}`);
  const alerts = join(folder, 'alerts');
  const words = ['replay', '-c', configuration, '--alerts', alerts, join(folder, 'logs')];
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'src/main.ts'), ...words], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  if (status !== 0) throw new Error(`replay failed: ${stderr}`);
  const found = readFileSync(alerts, 'utf8').split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Told);
  rmSync(folder, { recursive: true });
  return found;
}
