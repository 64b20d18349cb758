import type { Delivery } from '../live.ts';
import type { Refusal } from '../../model/quarantine.ts';
import type { Origin, RawRecord } from '../record.ts';
import { MessageSplitter } from '../split/message.ts';
import { positionText } from './position.ts';
import type { BatchProblem } from './batches.ts';
import type { RecordStream } from './records.ts';
import { schemaHeaderBytes } from './schema-protocol.ts';
import type { Decoded } from './schemas.ts';

const dayMs = 86_400_000;

const schemaProblems = {
  unknown: 'The value is framed with the id of a schema that the registry does not know.',
  undecodable: 'The value does not fit the schema that it is framed with.',
  overrun: 'The value takes more time or memory to decode than is allowed.',
} as const;

const batchProblems: Readonly<Record<BatchProblem, string>> = {
  too_large: 'grows beyond the limit when it is decompressed', bad_compression: 'cannot be decompressed', bad_envelope: 'is not well-formed',
};

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

  /**
   * Of the record at which the stream stands. `decoded` is what a framed value holds. `nowMs` counts as the time of receipt where the topic
   * has no time of the broker's.
   */
  make(record: RecordStream, nowMs: number, decoded?: Decoded): Delivery {
    const { offset, timeMs } = record;
    const receivedMs = record.batch.isBrokerTime ? timeMs : nowMs;
    return {
      feed: this.#feed,
      source: this.#source,
      position: positionText({ next: offset + 1, lastMs: timeMs }),
      items: this.#items(record, receivedMs, decoded),
      receivedMs,
      bytes: record.end < 0 ? 0 : record.end - record.start,
    };
  }

  /** Lets go of the batches that it was given. */
  release(): void {
    this.#splitter?.release();
  }

  #items({ offset, batch, problem, start, end }: RecordStream, receivedMs: number, decoded: Decoded | undefined): readonly (RawRecord | Refusal)[] {
    const splitter = this.#splitterOf(receivedMs);
    if (problem !== null) {
      const detail = `The batch of records ${batch.firstOffset} to ${batch.lastOffset} ${batchProblems[problem]}.`;
      return splitter.refuse(problem, detail, offset, batch.packedBytes);
    }
    if (end <= start) return [];
    if (batch.bytes[start] !== 0) return splitter.split(batch.bytes, offset, start, end);
    if (decoded !== undefined) {
      return typeof decoded === 'string' ? splitter.refuse('bad_envelope', schemaProblems[decoded], offset, end - start) : splitter.split(decoded, offset);
    }
    const payload = Math.min(start + schemaHeaderBytes, end);
    const first = payload === end ? undefined : batch.bytes[payload];
    if (first === 123 || first === 91) return splitter.split(batch.bytes, offset, payload, end);
    return splitter.refuse('bad_envelope', 'The value is framed with a schema id and is no JSON: Avro and Protobuf are not read.', offset, end - start);
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

/** Begins as schema registries have it. */
export function isFramed({ batch, start, end }: RecordStream): boolean {
  return end > start && batch.bytes[start] === 0;
}
