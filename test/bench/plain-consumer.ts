/**
 * What kafkajs alone leaves: the few lines that somebody would write by himself. Each record is parsed, summed up under its caller in a
 * `Map` and checked three ways; nothing is kept when it ends. Started by `kafka.ts`, to which it tells what it needed.
 */
import kafkajs from 'kafkajs';

/** Told once `warm` records are taken and once all are. */
export interface PlainMark { readonly records: number; readonly cpuSeconds: number; readonly seconds: number }

interface Caller { readonly addresses: Set<string>; hour: number; bytes: number; lastMs: number }
interface LogRecord {
  readonly eventTime?: string; readonly start_time?: string; readonly sourceIPAddress?: string; readonly downstream_remote_address?: string; readonly bytes_sent?: number;
  readonly userIdentity?: { readonly principalId: string }; readonly jwt_payload?: { readonly sub: string };
  readonly additionalEventData?: { readonly bytesTransferredOut?: number };
}

const mostBytesAnHour = 1e12;
const mostAddresses = 100;
const longestSilenceMs = 30 * 24 * 3_600_000;
const callers = new Map<string, Caller>();
let found = 0;

function take(record: LogRecord): void {
  const id = record.userIdentity?.principalId ?? record.jwt_payload?.sub ?? '';
  const timeMs = Date.parse(record.eventTime ?? record.start_time ?? '');
  let caller = callers.get(id);
  if (caller === undefined) callers.set(id, caller = { addresses: new Set(), hour: 0, bytes: 0, lastMs: timeMs });
  const hour = Math.floor(timeMs / 3_600_000);
  if (hour !== caller.hour) [caller.hour, caller.bytes] = [hour, 0];
  caller.bytes += record.additionalEventData?.bytesTransferredOut ?? record.bytes_sent ?? 0;
  const peer = record.sourceIPAddress ?? record.downstream_remote_address ?? '';
  const port = peer.indexOf(':');
  const address = port < 0 ? peer : peer.slice(0, port);
  if (!caller.addresses.has(address) && caller.addresses.add(address).size > mostAddresses) found++;
  if (caller.bytes > mostBytesAnHour) found++;
  if (timeMs - caller.lastMs > longestSilenceMs) found++;
  caller.lastMs = timeMs;
}

function tell(records: number): void {
  const { user, system } = process.cpuUsage();
  process.send?.({ records, cpuSeconds: (user + system) / 1e6, seconds: performance.now() / 1000 } satisfies PlainMark);
}

const [broker, topic, warm, all] = process.argv.slice(2) as [string, string, string, string];
const marks = [Number(warm), Number(all)];
let records = 0;
const consumer = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING }).consumer({ groupId: `plain-${topic}` });
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await consumer.run({
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) take(JSON.parse(value!.toString()) as LogRecord);
    records += batch.messages.length;
    while (marks.length > 0 && records >= marks[0]!) {
      marks.shift();
      tell(records);
    }
    if (marks.length === 0 && found >= 0) process.disconnect();
  },
});
