/**
 * `npm run bench:kafka [-- --records N] [--skip-delay]`: the service as it is run, from Kafka to a topic of alerts, with durable
 * state. Records per second of the service's processor time against `JSON.parse(buf.toString())` of the same
 * records in the same run, and beside it a plain consumer that detects next to nothing; then the delay that it adds at half the load it can carry.
 * Ends with 0 whatever the figures.
 */
import { fork } from 'node:child_process';
import { on } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import kafkajs, { type Admin, type Consumer, type Producer } from 'kafkajs';
import { ServiceProcess } from '../end-to-end/service/child.ts';
import { startKafka, type Kafka } from '../support/servers/kafka.ts';
import { cloudTrailCorpus, envoyCorpus, type Corpus } from './corpus.ts';
import { median, quantile, timed } from './measure.ts';
import type { PlainMark } from './plain-consumer.ts';

const { values: options } = parseArgs({ options: { records: { type: 'string', default: '150000' }, 'skip-delay': { type: 'boolean', default: false } } });
const partitions = 4;
/** This share of the records comes before the measurement: code that is still being compiled measures the compiler, for the first second or two. */
const warmShare = 0.4;
const stepMs = 20;
/** Records whose delay is measured. */
const mostDelayed = 60_000;

interface Speed { readonly perCpuSecond: number; readonly perSecond: number }
interface Throughput { readonly parsePerCpuSecond: number; readonly plain: Speed; readonly service: Speed }
interface Message { readonly partition: number; readonly value: Buffer }

/** One topic of records and one of alerts on a Kafka of this run's own. Times are the broker's. */
class Stage {
  readonly logs: string;
  readonly alerts: string;
  readonly folder: string;
  readonly broker: string;
  readonly #kafka: kafkajs.Kafka;
  readonly #admin: Admin;
  readonly producer: Producer;
  readonly consumer: Consumer;

  constructor(broker: string, name: string, work: string, more = '') {
    [this.logs, this.alerts, this.folder] = [`logs-${name}`, `alerts-${name}`, join(work, name)];
    this.broker = broker;
    this.#kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
    this.#admin = this.#kafka.admin();
    this.producer = this.#kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    this.consumer = this.#kafka.consumer({ groupId: `bench-${name}` });
    mkdirSync(this.folder);
    writeFileSync(this.configuration, `sources:\n  - name: logs\n    type: kafka\n    topics: [${this.logs}]\n    formats: [aws.cloudtrail, envoy.access]\n`
      + `kafka:\n  brokers: ["${broker}"]\n  group_id: ${name}\n`
      + `sinks:\n  - name: alerts\n    type: kafka\n    topic: ${this.alerts}\nserver:\n  listen: 127.0.0.1:0\nstore:\n  dir: ${join(this.folder, 'store')}\n${more}`);
  }

  get configuration(): string {
    return join(this.folder, 'tokenward.yaml');
  }

  async open(): Promise<void> {
    const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
    await this.#admin.connect();
    await this.#admin.createTopics({
      waitForLeaders: true,
      topics: [[this.logs, partitions], [this.alerts, 1]].map(([topic, numPartitions]) => ({ topic: topic as string, numPartitions: numPartitions as number, replicationFactor: 1, configEntries })),
    });
    await this.producer.connect();
  }

  /** Answers when each message was appended, by `partition/offset`. */
  async produce(messages: readonly Message[]): Promise<Map<string, number>> {
    const appendedMs = new Map<string, number>();
    for (let at = 0, end = 0; at < messages.length; at = end) {
      for (let bytes = 0; end < messages.length && bytes < 500_000; end++) bytes += messages[end]!.value.length;
      const batch = messages.slice(at, end);
      for (const { partition, baseOffset, logAppendTime } of await this.producer.send({ topic: this.logs, messages: batch })) {
        const count = batch.filter((message) => message.partition === partition).length;
        for (let i = 0; i < count; i++) appendedMs.set(`${partition}/${Number(baseOffset) + i}`, Number(logAppendTime));
      }
    }
    return appendedMs;
  }

  async close(): Promise<void> {
    await Promise.all([this.consumer.disconnect(), this.producer.disconnect(), this.#admin.disconnect()]);
  }
}

/** Messages keyed by who calls, so that each caller's records stay in order. */
function messagesOf({ records }: Corpus): Message[] {
  const placeOf = new Map<string, number>();
  return records.map(({ bytes }) => {
    const value = Buffer.from(bytes);
    const { userIdentity, jwt_payload: claims } = JSON.parse(value.toString()) as { userIdentity?: { principalId: string }; jwt_payload?: { sub: string } };
    const caller = userIdentity?.principalId ?? claims?.sub ?? '';
    if (!placeOf.has(caller)) placeOf.set(caller, placeOf.size % partitions);
    return { partition: placeOf.get(caller)!, value };
  });
}

async function parseLimit(messages: readonly Message[]): Promise<number> {
  const { cpuSeconds } = await timed(() => { for (const { value } of messages) JSON.parse(value.toString()); });
  return messages.length / cpuSeconds;
}

const taken = (service: ServiceProcess): Promise<number> => service.metric('tokenward_records_total', 'source="logs"');

/** All records wait in Kafka when the service starts; measured is what it needs for those after the first share. */
async function throughput(stage: Stage, messages: readonly Message[]): Promise<Throughput> {
  const limits = [await parseLimit(messages), await parseLimit(messages)];
  await stage.produce(messages);
  const plain = await plainConsumer(stage, messages.length);
  const service = new ServiceProcess(stage.configuration, stage.folder, { untouched: true });
  await service.address();
  const from = await service.until('it is warm', async () => markAt(service, warmShare * messages.length), 600_000);
  const to = await service.until('all is taken', async () => markAt(service, messages.length), 600_000);
  await service.stop();
  limits.push(await parseLimit(messages), await parseLimit(messages));
  return { parsePerCpuSecond: median(limits), plain, service: speedOf(from, to) };
}

/** The same topic read by kafkajs alone, with a few checks in memory. */
async function plainConsumer({ broker, logs }: Stage, count: number): Promise<Speed> {
  const child = fork(fileURLToPath(new URL('plain-consumer.ts', import.meta.url)), [broker, logs, `${warmShare * count}`, `${count}`]);
  const marks: PlainMark[] = [];
  for await (const [mark] of on(child, 'message', { close: ['exit'] }) as AsyncIterable<[PlainMark]>) if (marks.push(mark) === 2) break;
  child.kill();
  if (marks.length < 2) throw new Error('the plain consumer gave no result');
  return speedOf(marks[0]!, marks[1]!);
}

function speedOf(from: PlainMark, to: PlainMark): Speed {
  const records = to.records - from.records;
  return { perCpuSecond: records / (to.cpuSeconds - from.cpuSeconds), perSecond: records / (to.seconds - from.seconds) };
}

async function markAt(service: ServiceProcess, wanted: number): Promise<PlainMark | null> {
  const records = await taken(service);
  // Each look costs the service something, too.
  if (records < wanted) await sleep(200);
  return records < wanted ? null : { records, cpuSeconds: service.cpuSeconds, seconds: performance.now() / 1000 };
}

/** At a steady rate, from when a record is in Kafka to when the alert that it opens is. In milliseconds. */
async function delays(stage: Stage, messages: readonly Message[], quiet: number, perSecond: number): Promise<number[]> {
  const arrivedMs = new Map<string, number>();
  await stage.consumer.connect();
  await stage.consumer.subscribe({ topics: [stage.alerts], fromBeginning: true });
  await stage.consumer.run({
    eachMessage: async ({ message }) => {
      const { log } = JSON.parse(message.value!.toString()) as { log: { file: { path: string }; offset: number } };
      const isFirst = String(message.headers?.['message-id']).endsWith('.1');
      if (isFirst) arrivedMs.set(`${log.file.path.slice(log.file.path.lastIndexOf('/') + 1)}/${log.offset}`, Number(message.timestamp));
    },
  });
  await stage.produce(messages.slice(0, quiet));
  const service = new ServiceProcess(stage.configuration, stage.folder, { untouched: true });
  await service.address();
  await service.until('the quiet part is taken', async () => (await taken(service)) >= quiet, 600_000);
  const appendedMs = new Map<string, number>();
  const perStep = Math.ceil(perSecond * stepMs / 1000);
  const startMs = performance.now();
  for (let at = quiet, step = 1; at < messages.length; at += perStep, step++) {
    for (const [place, timeMs] of await stage.produce(messages.slice(at, at + perStep))) appendedMs.set(place, timeMs);
    await sleep(Math.max(0, startMs + step * stepMs - performance.now()));
  }
  await service.settled(600_000);
  await sleep(1000);
  await service.stop();
  return [...arrivedMs].flatMap(([place, timeMs]) => (appendedMs.has(place) ? [timeMs - appendedMs.get(place)!] : []));
}

function tellThroughput(name: string, records: number, { parsePerCpuSecond, plain, service }: Throughput, target: number): void {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const shares = [plain, service].map(({ perCpuSecond }) => perCpuSecond / parsePerCpuSecond) as [number, number];
  process.stdout.write(`\n${name}, ${whole(records)} records\n`
    + `  JSON.parse(buf.toString())     ${whole(parsePerCpuSecond)} per CPU second\n`
    + `  kafkajs, a Map, three checks   ${whole(plain.perCpuSecond)} per CPU second of its process, ${whole(plain.perSecond)} per second; ${shares[0].toFixed(3)} of the limit\n`
    + `  Kafka in, alerts out           ${whole(service.perCpuSecond)} per CPU second of the service, ${whole(service.perSecond)} per second\n`
    + `  of the JSON.parse limit        ${shares[1].toFixed(3)}, target >= ${target}: ${shares[1] >= target ? 'met' : 'not met'}\n`);
}

async function runAll(kafka: Kafka, work: string): Promise<void> {
  const count = Number(options.records);
  let envoyPerSecond = 0;
  for (const [name, corpus, target] of [['cloudtrail', cloudTrailCorpus(count), 0.35], ['envoy', envoyCorpus(2 * count), 0.22]] as const) {
    const stage = new Stage(kafka.broker, name, work);
    await stage.open();
    const result = await throughput(stage, messagesOf(corpus));
    tellThroughput(corpus.name, corpus.records.length, result, target);
    envoyPerSecond = result.service.perSecond;
    await stage.close();
  }
  if (options['skip-delay']) return;
  const judged = Math.min(count, mostDelayed);
  const quiet = judged / 2;
  const rate = envoyPerSecond / 2;
  // Judges from the second address on, so that there are alerts enough.
  const stage = new Stage(kafka.broker, 'delay', work, 'detectors:\n  unfamiliar-ip:\n    learn: 0\n');
  await stage.open();
  const found = await delays(stage, messagesOf(envoyCorpus(quiet + judged, { quiet, thefts: 0.01 })), quiet, rate);
  await stage.close();
  process.stdout.write(`\nFrom a record in Kafka to the alert in Kafka, Envoy, at ${Math.round(rate)} records a second (half load), ${found.length} alerts\n`
    + `  p50 ${quantile(found, 0.5)} ms, p99 ${quantile(found, 0.99)} ms\n`);
}

const work = mkdtempSync(join(tmpdir(), 'tokenward-bench-'));
const kafka = await startKafka();
try {
  await runAll(kafka, work);
} finally {
  await kafka.stop();
  rmSync(work, { recursive: true, force: true });
}
