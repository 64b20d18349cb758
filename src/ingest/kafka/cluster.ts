import type { Kafka, KafkaMessage } from 'kafkajs';

/** What kafkajs has inside for asking brokers itself: its consumers are always members of a group. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Of no topic: which brokers there are. */
  refreshMetadata(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(of: { readonly nodeId: string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  fetchTopicsOffset(topics: readonly object[]): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
}
export interface Fetched { readonly messages: readonly KafkaMessage[] }
export interface Broker {
  /** Of requests that it knows, by their numbers. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>>;
  findGroupCoordinator(of: { readonly groupId: string; readonly coordinatorType: number }): Promise<{ readonly coordinator: { readonly nodeId: number } }>;
  readonly connectionPool: { send(exchange: object): Promise<Buffer> };
  readonly fetch: (asked: object) => Promise<{ readonly responses: readonly { readonly partitions: readonly Fetched[] }[] }>;
}

/** As readers of transactions see the log. */
export const readCommitted = 1;

/** Made with the client's own settings. */
export function clusterOf(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === 'private:Kafka:createCluster');
  const make = symbol === undefined ? undefined : (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol];
  if (make === undefined) throw new Error('kafkajs is none whose brokers can be asked without a group');
  return make({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: readCommitted });
}
