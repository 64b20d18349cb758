import type { KafkaMessage } from 'kafkajs';
import type { Delivery } from '../live.ts';
import type { Refusal } from '../../model/quarantine.ts';
import type { Origin, RawRecord } from '../record.ts';
import { MessageSplitter } from '../split/message.ts';
import { positionText } from './position.ts';
import { refusedBatch } from './refused-batch.ts';
import { schemaHeaderBytes } from './schema-protocol.ts';
import type { Decoded } from './schemas.ts';

const dayMs = 86_400_000;

const schemaProblems = {
  unknown: 'The value is framed with the id of a schema that the registry does not know.',
  undecodable: 'The value does not fit the schema that it is framed with.',
  overrun: 'The value takes more time or memory to decode than is allowed.',
} as const;

/** What kafkajs leaves on a message of its batch. */
interface BatchContext { readonly timestampType?: number; readonly firstOffset?: string }
const logAppendTime = 1;

/** Makes deliveries of one partition's messages. */
export class DeliveryMaker {
  readonly #feed: string;
  readonly #source: string;
  readonly #path: string;
  readonly #place: number;
  #splitter: MessageSplitter | null = null;
  #day = NaN;

  constructor(source: string, feed: string, topic: string, partition: number) {
    this.#source = source;
    this.#feed = feed;
    this.#path = `${topic}/${partition}`;
    this.#place = partition;
  }

  /** `decoded` is what a framed value holds. `nowMs` counts as the time of receipt where the topic has no time of the broker's. */
  make(message: KafkaMessage, nowMs: number, decoded?: Decoded): Delivery {
    const offset = Number(message.offset);
    const isBrokerTime = contextOf(message).timestampType === logAppendTime;
    const receivedMs = isBrokerTime ? Number(message.timestamp) : nowMs;
    const { value } = message;
    return {
      feed: this.#feed,
      source: this.#source,
      position: positionText({ next: offset + 1, lastMs: Number(message.timestamp) }),
      items: this.#items(message, offset, receivedMs, decoded),
      receivedMs,
      bytes: value === null ? 0 : value.length,
    };
  }

  #items(message: KafkaMessage, offset: number, receivedMs: number, decoded: Decoded | undefined): readonly (RawRecord | Refusal)[] {
    const refused = refusedBatch(message.key);
    const splitter = this.#splitterOf(receivedMs);
    if (refused !== null) {
      const detail = refusalDetail(refused.problem, contextOf(message).firstOffset, message.offset);
      return splitter.refuse(refused.problem, detail, offset, refused.length);
    }
    const { value } = message;
    if (value === null || value.length === 0) return [];
    if (value[0] !== 0) return splitter.split(value, offset);
    if (decoded !== undefined) {
      return typeof decoded === 'string' ? splitter.refuse('bad_envelope', schemaProblems[decoded], offset, value.length) : splitter.split(decoded, offset);
    }
    const first = value[schemaHeaderBytes];
    if (first === 123 || first === 91) return splitter.split(value.subarray(schemaHeaderBytes), offset);
    return splitter.refuse('bad_envelope', 'The value is framed with a schema id and is no JSON: Avro and Protobuf are not read.', offset, value.length);
  }

  /** The origin carries the time that gives the year to records without one: a new one for each day. */
  #splitterOf(receivedMs: number): MessageSplitter {
    const day = Math.floor(receivedMs / dayMs);
    if (this.#splitter !== null && day === this.#day) return this.#splitter;
    const origin: Origin = { path: this.#path, place: this.#place, identity: this.#feed, source: this.#source, modifiedMs: receivedMs };
    this.#day = day;
    return this.#splitter = new MessageSplitter(origin);
  }
}

/** Begins as schema registries have it, and stands for no refused batch. */
export function isFramed({ key, value }: KafkaMessage): boolean {
  return value !== null && value[0] === 0 && refusedBatch(key) === null;
}

function contextOf(message: KafkaMessage): BatchContext {
  return (message as { batchContext?: BatchContext }).batchContext ?? {};
}

function refusalDetail(problem: 'too_large' | 'bad_compression', first = '?', last = '?'): string {
  const what = problem === 'too_large' ? 'grows beyond the limit when it is decompressed' : 'cannot be decompressed';
  return `The batch of records ${first} to ${last} ${what}.`;
}
