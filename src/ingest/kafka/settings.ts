import type { KafkaConnection } from './client.ts';
import type { SchemaRegistrySettings } from './schemas.ts';

export interface KafkaSettings extends KafkaConnection {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** A batch that grows beyond this when decompressed is refused; by default 16 MiB. Per process: the last one given counts. */
  readonly maxDecompressedBytes?: number;
  /** After this long without a sign of life another member of the group takes over; by default 6 s, the least that brokers allow by default. */
  readonly sessionTimeoutMs?: number;
  /** Framed values are decoded by the schemas that are there; without it only JSON is read of them. */
  readonly schemaRegistry?: SchemaRegistrySettings;
}
